/** What every bench is given, and gives. */
import type { Figure } from "@/tests/bench/figures.ts";
import type { Fleets } from "@/tests/bench/fleets.ts";
import type { Generator } from "@/tests/bench/load.ts";

export interface BenchContext {
  fleets: Fleets;
  generate: Generator;
}

/** Measures, and tells its figures in the order of the table. */
export type Bench = (context: BenchContext) => Promise<Figure[]>;

/** Requests of one client, one after the other with a pause between; answers the time of each in ms. */
export async function timed(
  request: () => Promise<unknown>,
  { times, pauseMs = 0 }: { times: number; pauseMs?: number },
): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < times) {
    const startMs = performance.now();
    await request();
    samples.push(performance.now() - startMs);
    if (pauseMs > 0) await pause(pauseMs);
  }
  return samples;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** How soon a server is ready: from the start of its process until /readyz answers 200. */
import type { Bench } from "@/tests/bench/bench.ts";
import { figure, median } from "@/tests/bench/figures.ts";
import { LARGE_FLEET, startOn } from "@/tests/bench/fleets.ts";
import { eventually } from "@/tests/support/processes.ts";

const ROUNDS = 3;
const MAX_MS = 5_000;

export const start: Bench = async ({ fleets }) => {
  const { folder } = await fleets.copy(LARGE_FLEET);
  const empty = fleets.path();
  const full: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    full.push(await readyMs(folder));
    bare.push(await readyMs(empty));
  }
  return [
    figure("ready with 50,000 devices stored", median(full), "ms", {
      atMost: MAX_MS,
    }),
    figure("ready with an empty database", median(bare), "ms"),
    figure("the first over the second", median(full) / median(bare), ""),
  ];
};

async function readyMs(folder: string): Promise<number> {
  const startMs = performance.now();
  await using server = await startOn(folder);
  await eventually("the server to be ready", async () => {
    const response = await fetch(`${server.url}/readyz`);
    await response.body?.cancel();
    return response.ok;
  });
  return performance.now() - startMs;
}

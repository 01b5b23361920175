/**
 * `deno task bench [--generator wrk|deno] [BENCH...]`: the benches named, or all. Prints a table and
 * writes tests/bench/results.json; figures beside each other are of one run.
 */
import { parseArgs } from "node:util";
import type { Bench } from "@/tests/bench/bench.ts";
import { type Figure, isMet, row } from "@/tests/bench/figures.ts";
import { Fleets } from "@/tests/bench/fleets.ts";
import { growth } from "@/tests/bench/growth.ts";
import { ingest } from "@/tests/bench/ingest.ts";
import { live } from "@/tests/bench/live.ts";
import {
  generator,
  type GeneratorName,
  installedGenerator,
} from "@/tests/bench/load.ts";
import { memory } from "@/tests/bench/memory.ts";
import { overload } from "@/tests/bench/overload.ts";
import { read } from "@/tests/bench/read.ts";
import { start } from "@/tests/bench/start.ts";

const BENCHES: Record<string, Bench> = {
  ...{ ingest, growth, read, live, memory, start, overload },
};
const RESULTS_FILE = "tests/bench/results.json";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { generator: { type: "string" } },
  });
  const name = generatorName(values.generator) ?? await installedGenerator();
  const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  const results: Record<string, Figure[]> = {};
  using fleets = new Fleets();
  for (const bench of wanted) {
    const run = BENCHES[bench];
    if (!run) throw new Error(`there is no bench "${bench}"`);
    console.log(`${bench} ...`);
    results[bench] = await run({ fleets, generate: generator(name) });
  }
  console.log(`\ngenerator: ${name}, ${navigator.hardwareConcurrency} cores`);
  console.table(
    Object.entries(results).flatMap(([bench, figures]) =>
      figures.map((each) => row(bench, each))
    ),
  );
  await keep(name, results);
}

function generatorName(text: string | undefined): GeneratorName | null {
  if (text === undefined || text === "wrk" || text === "deno") {
    return text ?? null;
  }
  throw new Error(`--generator must be wrk or deno, not "${text}"`);
}

/** Benches that did not run this time keep no figures: those of another run say nothing beside these. */
async function keep(
  generator: GeneratorName,
  results: Record<string, Figure[]>,
): Promise<void> {
  const benches = Object.fromEntries(
    Object.entries(results).map(([bench, figures]) => [
      bench,
      figures.map((each) => ({ ...each, met: isMet(each) })),
    ]),
  );
  const cores = navigator.hardwareConcurrency;
  const text = JSON.stringify({ generator, cores, benches }, null, 2);
  await Deno.writeTextFile(RESULTS_FILE, `${text}\n`);
}

/** Reports a second, durable, over a floor that does no more than has to be done; the two take turns. */
import type { Bench } from "@/tests/bench/bench.ts";
import { figure, median } from "@/tests/bench/figures.ts";
import { CONNECTIONS_PER_DEVICE } from "@/tests/bench/fleets.ts";
import { startFloor } from "@/tests/bench/floor_process.ts";
import type { LoadResult } from "@/tests/bench/load.ts";

const DEVICES = 1_000;
/** Neither has the quieter machine. */
const ROUNDS = 3;
const SECONDS = 8;
const MIN_RATIO = 0.75;
/** Aims on two cores with the load beside it. */
const MIN_REPORTS_PER_SECOND = 6_000;
const MAX_P99_MS = 30;

export const ingest: Bench = async ({ fleets, generate }) => {
  await using server = await fleets.start(DEVICES);
  await using floor = await startFloor(fleets.path());
  const devicesFile = fleets.path();
  await Deno.writeTextFile(devicesFile, server.deviceIds.join("\n"));
  const results = { server: [] as LoadResult[], floor: [] as LoadResult[] };
  for (let round = 1; round <= ROUNDS; round++) {
    results.floor.push(
      await generate(floor.url, {
        ...{ devicesFile, token: server.agentToken, seconds: SECONDS },
        connections: CONNECTIONS_PER_DEVICE,
        firstSequence: round * 1_000_000,
      }),
    );
    results.server.push(await server.load(generate, { seconds: SECONDS }));
  }
  const { rate, p50, p99, unanswered } = summary(results.server);
  const bare = summary(results.floor);
  return [
    figure("reports/s over the floor's", rate / bare.rate, "", {
      atLeast: MIN_RATIO,
    }),
    figure("server", rate, "reports/s", { atLeast: MIN_REPORTS_PER_SECOND }),
    figure("server, p50", p50, "ms"),
    figure("server, p99", p99, "ms", { atMost: MAX_P99_MS }),
    figure("server, refused or broken", unanswered, "", { atMost: 0 }),
    figure("floor", bare.rate, "reports/s"),
    figure("floor, p50", bare.p50, "ms"),
    figure("floor, p99", bare.p99, "ms"),
  ];
};

function summary(results: LoadResult[]) {
  return {
    rate: median(results.map((each) => each.reportsPerSecond)),
    p50: median(results.map((each) => each.p50Ms)),
    p99: median(results.map((each) => each.p99Ms)),
    unanswered: results.reduce((sum, r) => sum + r.refused + r.failed, 0),
  };
}

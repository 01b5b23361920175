/** What a report costs in a large fleet over what it costs in a small one, the two taking turns. */
import type { Bench } from "@/tests/bench/bench.ts";
import { figure, median } from "@/tests/bench/figures.ts";
import { type FleetServer, LARGE_FLEET } from "@/tests/bench/fleets.ts";
import type { Generator } from "@/tests/bench/load.ts";
import { cpuSeconds } from "@/tests/bench/process_stats.ts";

const SMALL_FLEET = 100;
const ROUNDS = 3;
const SECONDS = 5;
const MAX_RATIO = 1.25;

interface Cost {
  /** CPU time of the server's process; steadier than the wall's. */
  cpuUs: number;
  wallUs: number;
}

export const growth: Bench = async ({ fleets, generate }) => {
  await using small = await fleets.start(SMALL_FLEET);
  await using large = await fleets.start(LARGE_FLEET);
  const costs = { small: [] as Cost[], large: [] as Cost[] };
  for (const server of [small, large]) await cost(generate, server);
  for (let round = 0; round < ROUNDS; round++) {
    costs.small.push(await cost(generate, small));
    costs.large.push(await cost(generate, large));
  }
  const cpu = {
    small: median(costs.small.map(({ cpuUs }) => cpuUs)),
    large: median(costs.large.map(({ cpuUs }) => cpuUs)),
  };
  const wall = {
    small: median(costs.small.map(({ wallUs }) => wallUs)),
    large: median(costs.large.map(({ wallUs }) => wallUs)),
  };
  return [
    figure(
      "CPU a report at 50,000 devices over 100",
      cpu.large / cpu.small,
      "",
      {
        atMost: MAX_RATIO,
      },
    ),
    figure("CPU a report at 50,000 devices", cpu.large, "us"),
    figure("CPU a report at 100 devices", cpu.small, "us"),
    figure("time a report at 50,000 over 100", wall.large / wall.small, ""),
    figure("time a report at 50,000 devices", wall.large, "us"),
    figure("time a report at 100 devices", wall.small, "us"),
  ];
};

async function cost(generate: Generator, server: FleetServer): Promise<Cost> {
  const before = await cpuSeconds(server.pid);
  const { accepted, reportsPerSecond } = await server.load(generate, {
    seconds: SECONDS,
  });
  const spent = await cpuSeconds(server.pid) - before;
  if (accepted === 0) throw new Error("no report was accepted");
  return {
    cpuUs: spent / accepted * 1e6,
    wallUs: 1e6 / reportsPerSecond,
  };
}

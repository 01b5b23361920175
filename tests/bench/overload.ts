/** Twice the load that the server can take: what it refuses, what memory it takes, and whether the dashboard answers. */
import { type Bench, pause, timed } from "@/tests/bench/bench.ts";
import { figure, percentile } from "@/tests/bench/figures.ts";
import { LARGE_FLEET } from "@/tests/bench/fleets.ts";
import { peakResidentMb } from "@/tests/bench/process_stats.ts";

const LIST = "/api/dashboard/users?limit=100";
const CALIBRATION_SECONDS = 5;
const SECONDS = 20;
/** More than may wait in the server, so that it has to refuse. */
const CONCURRENT = 4_000;
const MAX_MB = 500;
const LIST_PAUSE_MS = 100;

export const overload: Bench = async ({ fleets, generate }) => {
  await using server = await fleets.start(LARGE_FLEET);
  const { reportsPerSecond: sustainable } = await server.load(generate, {
    seconds: CALIBRATION_SECONDS,
  });
  const loading = server.load(generate, {
    seconds: SECONDS,
    reportsPerSecond: 2 * sustainable,
    concurrent: CONCURRENT,
  });
  const waits: number[] = [];
  let working = true;
  const looking = (async () => {
    while (working) {
      waits.push(...await timed(() => server.get(LIST), { times: 1 }));
      await pause(LIST_PAUSE_MS);
    }
  })();
  const peak = await peakResidentMb(server.pid, loading);
  working = false;
  await looking;
  const { reportsPerSecond, accepted, refused, failed } = await loading;
  return [
    figure("resident, at most", peak, "MB", { atMost: MAX_MB }),
    figure("taken without overload", sustainable, "reports/s"),
    figure("answered in all, paced at twice that", reportsPerSecond, "/s"),
    figure("answered 200", accepted / SECONDS, "/s"),
    figure("share answered 429", refused / (accepted + refused), ""),
    figure("connections broken", failed, ""),
    figure("list p99 meanwhile", percentile(waits, 0.99), "ms"),
    figure("list p50 meanwhile", percentile(waits, 0.5), "ms"),
  ];
};

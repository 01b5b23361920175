/** Resident memory of a server while its whole large fleet reports. */
import type { Bench } from "@/tests/bench/bench.ts";
import { figure } from "@/tests/bench/figures.ts";
import { LARGE_FLEET } from "@/tests/bench/fleets.ts";
import { peakResidentMb, residentMb } from "@/tests/bench/process_stats.ts";

const MAX_MB = 400;
/** Each device every ten seconds, and time for each to report at least once. */
const REPORTS_PER_SECOND = 5_000;
const SECONDS = 15;

export const memory: Bench = async ({ fleets, generate }) => {
  await using server = await fleets.start(LARGE_FLEET);
  const idle = await residentMb(server.pid);
  const loading = server.load(generate, {
    seconds: SECONDS,
    reportsPerSecond: REPORTS_PER_SECOND,
  });
  const peak = await peakResidentMb(server.pid, loading);
  const { reportsPerSecond, accepted, p99Ms } = await loading;
  return [
    figure("resident under load, at most", peak, "MB", { atMost: MAX_MB }),
    figure("resident after the start", idle.now, "MB"),
    figure("the first over the second", peak / idle.now, ""),
    figure("peak since the start", (await residentMb(server.pid)).peak, "MB"),
    figure("load, paced at 5,000", reportsPerSecond, "reports/s"),
    figure("reports stored meanwhile", accepted, ""),
    figure("report p99", p99Ms, "ms"),
  ];
};

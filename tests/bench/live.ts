/** How long after a report's commit its change is at those who look on. */
import { type Bench, pause } from "@/tests/bench/bench.ts";
import { figure, percentile } from "@/tests/bench/figures.ts";
import { type FleetServer, LARGE_FLEET } from "@/tests/bench/fleets.ts";
import { Viewer } from "@/tests/bench/viewer.ts";
import { call } from "@/tests/support/processes.ts";

const VIEWERS = 100;
const REPORTS_PER_SECOND = 1_000;
const SECONDS = 25;
/** Reports of the probe, each with a number of connections that it never had before. */
const PROBES = 40;
const MAX_MS = 1_000;
/** A change that has not come by then has been lost. */
const LOST_MS = 5_000;
/** The server ticks four times a second; probes have to come at all times between two ticks. */
const MAX_PAUSE_MS = 250;

export const live: Bench = async ({ fleets, generate }) => {
  await using server = await fleets.start(LARGE_FLEET);
  await using viewers = new AsyncDisposableStack();
  const watching = Array.from(
    { length: VIEWERS },
    () => viewers.use(new Viewer(server.url, server.sessionToken)),
  );
  await Promise.all(watching.map((viewer) => viewer.ready));
  // The name that comes first is on the first page.
  const [probe = ""] = server.deviceIds;
  const delays = { alone: [] as number[], loaded: [] as number[] };
  await probes(server, probe, watching, 1, delays.alone);
  const loading = server.load(generate, {
    seconds: SECONDS,
    reportsPerSecond: REPORTS_PER_SECOND,
    leftOut: [probe],
  });
  const before = events(watching);
  await probes(server, probe, watching, 1 + PROBES, delays.loaded);
  const seen = events(watching) - before;
  const { reportsPerSecond } = await loading;
  const p99 = percentile(delays.loaded, 0.99);
  const alone = percentile(delays.alone, 0.99);
  const lost = delays.loaded.filter((ms) => ms === Infinity).length;
  return [
    figure("answer to event p99", p99, "ms", { atMost: MAX_MS }),
    figure("answer to event p50", percentile(delays.loaded, 0.5), "ms"),
    figure("answer to event p99 without load", alone, "ms"),
    figure("the first over the third", p99 / alone, ""),
    figure("changes that never came", lost, "", { atMost: 0 }),
    figure("viewers", VIEWERS, ""),
    figure("events to a viewer meanwhile", seen / VIEWERS, ""),
    figure("load, paced at 1,000", reportsPerSecond, "reports/s"),
  ];
};

function events(viewers: Viewer[]): number {
  return viewers.reduce((sum, viewer) => sum + viewer.events, 0);
}

/** Adds to `delaysMs` how long after each report's answer each viewer had the change; infinity: never. */
async function probes(
  server: FleetServer,
  probe: string,
  viewers: Viewer[],
  firstCount: number,
  delaysMs: number[],
): Promise<void> {
  for (let count = firstCount; count < firstCount + PROBES; count++) {
    const seenAtMs = viewers.map((viewer) => seesCount(viewer, probe, count));
    await report(server, probe, count);
    const answeredAtMs = performance.now();
    const lost = pause(LOST_MS).then(() => Infinity);
    for (const seen of seenAtMs) {
      const atMs = await Promise.race([seen, lost]);
      // An event may overtake the answer of its own report.
      delaysMs.push(Math.max(0, atMs - answeredAtMs));
    }
    await pause(Math.random() * MAX_PAUSE_MS);
  }
}

/** When the viewer sees the device with that many connections. */
function seesCount(
  viewer: Viewer,
  deviceId: string,
  count: number,
): Promise<number> {
  return new Promise((resolve) => {
    viewer.onDevices = (devices) => {
      const found = devices.find(({ id }) => id === deviceId);
      if (found?.connectionCount === count) resolve(performance.now());
    };
  });
}

async function report(
  server: FleetServer,
  deviceId: string,
  count: number,
): Promise<void> {
  const { status, body } = await call(
    `${server.url}/api/monitor/reports`,
    "POST",
    {
      ...{ deviceId, session: "probe", sequence: count },
      scannedAt: new Date().toISOString(),
      intervalSeconds: 60,
      connections: Array.from({ length: count }, (_, i) => ({
        ...{ protocol: "TCP", sourceIp: "192.168.1.20", sourcePort: 1024 + i },
        ...{ destIp: "10.20.0.1", destPort: 4059 },
      })),
    },
    server.agentToken,
  );
  if (status !== 200) throw new Error(`the probe got ${JSON.stringify(body)}`);
}

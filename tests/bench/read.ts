/** What the dashboard's list takes at a large fleet, idle and while reports come. */
import { type Bench, timed } from "@/tests/bench/bench.ts";
import { type Figure, figure, percentile } from "@/tests/bench/figures.ts";
import { type FleetServer, LARGE_FLEET } from "@/tests/bench/fleets.ts";
import { DEVICE_SORTS } from "@/lib/contract/dashboard.ts";

const LIST = "/api/dashboard/users?limit=100";
const SEARCH = `${LIST}&q=10.20.3.`;
const MAX_RATIO = 4;
const MAX_SORT_MS = 100;
const REPORTS_PER_SECOND = 1_000;
const SECONDS = 25;
const WARM_UP = 50;
const REQUESTS = 500;
const REQUESTS_A_SORT = 30;
/** As of several people who look on. */
const PAUSE_MS = 10;

export const read: Bench = async ({ fleets, generate }) => {
  await using server = await fleets.start(LARGE_FLEET);
  const [first = NaN] = await timed(() => server.get(SEARCH), { times: 1 });
  await timed(() => server.get(LIST), { times: WARM_UP });
  const list = () =>
    timed(() => server.get(LIST), { times: REQUESTS, pauseMs: PAUSE_MS });
  const idle = await list();
  const loading = server.load(generate, {
    seconds: SECONDS,
    reportsPerSecond: REPORTS_PER_SECOND,
  });
  const loaded = await list();
  const sorts = await sorted(server);
  const { reportsPerSecond } = await loading;
  const idleP99 = percentile(idle, 0.99);
  const loadedP99 = percentile(loaded, 0.99);
  return [
    figure("list p99 under load over idle", loadedP99 / idleP99, "", {
      atMost: MAX_RATIO,
    }),
    figure("list p99 under load", loadedP99, "ms"),
    figure("list p99 idle", idleP99, "ms"),
    figure("list p50 under load", percentile(loaded, 0.5), "ms"),
    figure("list p50 idle", percentile(idle, 0.5), "ms"),
    ...sorts,
    figure("first search after a start", first, "ms"),
    figure("load, paced at 1,000", reportsPerSecond, "reports/s"),
  ];
};

/** Each sort either way, and a search. */
async function sorted(server: FleetServer): Promise<Figure[]> {
  const paths = new Map(
    DEVICE_SORTS.flatMap((sort): [string, string][] =>
      (["asc", "desc"] as const).map((order) => [
        `sort by ${sort}, ${order}`,
        `${LIST}&sort=${sort}&order=${order}`,
      ])
    ),
  );
  paths.set("search for an address", SEARCH);
  const figures: Figure[] = [];
  for (const [name, path] of paths) {
    const samples = await timed(() => server.get(path), {
      times: REQUESTS_A_SORT,
    });
    figures.push(
      figure(`${name}, p99`, percentile(samples, 0.99), "ms", {
        atMost: MAX_SORT_MS,
      }),
    );
  }
  return figures;
}

/**
 * `deno task bench`: figures as ratios within one run, beside the absolute values. Prints a table and
 * writes tests/bench/results.json. Needs wrk (Debian's package) as the generator.
 */
import { Tokens } from "@/lib/auth/tokens.ts";
import { databasePath } from "@/lib/config.ts";
import { startFloor, wrk, type WrkResult } from "@/tests/bench/load.ts";
import { seedFleet } from "@/tests/bench/seed.ts";
import { startServer, temporaryFolder } from "@/tests/support/processes.ts";

const DEVICES = 1_000;
const CONNECTIONS = 50;
const SECRET = "a secret of the benches, long enough for HS256";
const RESULTS_FILE = "tests/bench/results.json";
/** The two take turns, so that neither has the quieter machine. */
const ROUNDS = 3;

interface Load {
  devicesFile: string;
  token: string;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  using folder = temporaryFolder();
  const { user, deviceIds } = await seedFleet(
    databasePath({ dataDir: folder.path }),
    DEVICES,
    CONNECTIONS,
  );
  const devicesFile = `${folder.path}/devices.txt`;
  await Deno.writeTextFile(devicesFile, deviceIds.join("\n"));
  const { token } = await new Tokens(SECRET, Date.now).issue(user, "agent");
  const load = { devicesFile, token };
  const floor: WrkResult[] = [];
  const server: WrkResult[] = [];
  {
    await using floorProcess = await startFloor(`${folder.path}/floor.db`);
    await using serverProcess = await startServer(folder.path, {
      JWT_SECRET: SECRET,
    });
    for (let round = 1; round <= ROUNDS; round++) {
      floor.push(await ingest(floorProcess.url, load, round));
      server.push(await ingest(serverProcess.url, load, round));
    }
  }
  await tell(median(server), median(floor));
}

/** Sequences of a round stand above those of the round before. */
function ingest(url: string, load: Load, round: number): Promise<WrkResult> {
  return wrk(url, {
    ...load,
    connections: CONNECTIONS,
    firstSequence: round * 1_000_000,
  });
}

function median(results: WrkResult[]): WrkResult {
  const sorted = results.toSorted((a, b) =>
    a.reportsPerSecond - b.reportsPerSecond
  );
  const middle = sorted[sorted.length >> 1];
  if (!middle) throw new Error("nothing was measured");
  return middle;
}

async function tell(server: WrkResult, floor: WrkResult): Promise<void> {
  const ratio = server.reportsPerSecond / floor.reportsPerSecond;
  console.table({
    "ingest: server": server,
    "ingest: floor": floor,
    "ingest: server over floor": { reportsPerSecond: round2(ratio) },
  });
  const results = {
    generator: "wrk",
    devices: DEVICES,
    connectionsPerReport: CONNECTIONS,
    rounds: ROUNDS,
    ingest: { server, floor, ratio: round2(ratio), atLeast: 0.75 },
  };
  await Deno.writeTextFile(
    RESULTS_FILE,
    `${JSON.stringify(results, null, 2)}\n`,
  );
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * The floor that ingestion is measured against: the same reports over HTTP, JSON.parse, and the same
 * rows in the same grouped commits, and nothing else: no token, no validation, no read model.
 * Usage: floor.ts DATABASE; prints the port.
 */
import { keys } from "@/lib/store/keys.ts";
import { MAX_DEVICES_PER_COMMIT } from "@/lib/store/snapshots.ts";

interface Waiting {
  report: { deviceId: string; sequence: number; connections: unknown };
  answer: (response: Response) => void;
}

const EXPIRE_IN_MS = 300_000;

const kv = await Deno.openKv(Deno.args[0]);
const versionstamps = new Map<string, string>();
let waiting: Waiting[] = [];
let running = false;

async function commitAll(): Promise<void> {
  running = true;
  await Promise.resolve();
  while (waiting.length > 0) {
    const group = waiting.slice(0, MAX_DEVICES_PER_COMMIT);
    waiting = waiting.slice(MAX_DEVICES_PER_COMMIT);
    const commit = kv.atomic();
    for (const { report } of group) {
      const { deviceId, sequence, connections } = report;
      const key = keys.presence(deviceId);
      const versionstamp = versionstamps.get(deviceId) ?? null;
      if (versionstamp) commit.check({ key, versionstamp });
      commit.set(key, {
        cursor: { session: "bench", sequence, retiredSessions: [] },
        lastSeenAt: Date.now(),
        scannedAt: 0,
        intervalSeconds: 10,
        chunkCount: 1,
        connectionsExpireAt: Date.now() + EXPIRE_IN_MS,
      });
      commit.set(keys.connections(deviceId, 0), connections, {
        expireIn: EXPIRE_IN_MS,
      });
    }
    const result = await commit.commit();
    for (const { report, answer } of group) {
      if (result.ok) versionstamps.set(report.deviceId, result.versionstamp);
      answer(
        Response.json({
          accepted: 50,
          sequence: report.sequence,
          outcome: "stored",
        }),
      );
    }
  }
  running = false;
}

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`serves http://127.0.0.1:${port}`),
}, async (request) => {
  const report = JSON.parse(await request.text());
  return await new Promise<Response>((answer) => {
    waiting.push({ report, answer });
    if (!running) commitAll();
  });
});

import assert from "node:assert/strict";
import {
  call,
  registerAccount,
  type RunningServer,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";
import { Sender } from "./overload_sender.ts";

/** A minute shows whether memory creeps; the ordinary run is shorter. */
const SECONDS = Number(Deno.env.get("OVERLOAD_SECONDS") ?? 10);
/** More than may wait of either, so that there is always more than the server takes. */
const SMALL = { devices: 1_200, connections: 50 };
const LARGE = { devices: 20, connections: 5_000 };
const MAX_RESIDENT_KB = 500_000;
const REGISTERED_TOGETHER = 4;
const LOOK_EVERY_MS = 250;

Deno.test("overload: what is answered with 200 is kept, the rest is told when to come back, the dashboard answers", async () => {
  using folder = temporaryFolder();
  let token = "";
  let senders: Sender[] = [];
  {
    await using server = await startServer(folder.path);
    token = await registerAccount(server.url);
    senders = await sendersOf(server, token);
    const looks = await overload(server, token, senders);
    const answered = sum(senders.map((s) => s.answered));
    const refused = sum(senders.map((s) => s.refused));
    const peakKb = await peakResidentKb(server.child.pid);
    const figures = { SECONDS, answered, refused, looks, peakKb };
    console.log("overload:", JSON.stringify(figures));
    assert.ok(answered > senders.length, `${answered} answered`);
    assert.ok(refused > 0, "the load was no overload");
    assert.ok(looks > 0, "the dashboard did not answer");
    assert.ok(peakKb === null || peakKb < MAX_RESIDENT_KB, `${peakKb} KB`);
    server.child.kill("SIGKILL");
    await server.child.status;
  }
  await using server = await startServer(folder.path);
  for (const sender of senders) await assertKept(server, token, sender);
});

/** A sender a device, some with small reports and some with large ones. */
async function sendersOf(
  { url }: RunningServer,
  token: string,
): Promise<Sender[]> {
  const wanted = [SMALL, LARGE].flatMap(({ devices, connections }) =>
    Array.from({ length: devices }, () => connections)
  );
  const senders: Sender[] = [];
  while (senders.length < wanted.length) {
    const from = senders.length;
    const group = wanted.slice(from, from + REGISTERED_TOGETHER);
    senders.push(
      ...await Promise.all(group.map(async (connections, i) => {
        const { body } = await call(
          `${url}/api/monitor/register`,
          "POST",
          { deviceName: `meter-${from + i}` },
          token,
        );
        const { deviceId } = body;
        return new Sender({ url, token, deviceId, connections });
      })),
    );
  }
  return senders;
}

/** Lets all of them send, looking at the dashboard meanwhile; answers how often that was there. */
async function overload(
  server: RunningServer,
  token: string,
  senders: readonly Sender[],
): Promise<number> {
  let isOver = false;
  const timer = setTimeout(() => isOver = true, SECONDS * 1000);
  const sending = Promise.all(senders.map((s) => s.run(() => isOver)));
  const looking = (async () => {
    let looks = 0;
    while (!isOver) {
      const url = `${server.url}/api/dashboard/users?limit=100`;
      const { status, body } = await call(url, "GET", undefined, token);
      assert.equal(status, 200);
      assert.equal(body.stats.total, senders.length);
      looks++;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return looks;
  })();
  try {
    const [looks] = await Promise.all([looking, sending]);
    return looks;
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}

/** A report that was answered before changes nothing when it comes again. */
async function assertKept(
  server: RunningServer,
  token: string,
  { deviceId, newestSequence }: Sender,
): Promise<void> {
  if (newestSequence === 0) return;
  const { status, body } = await call(
    `${server.url}/api/monitor/reports`,
    "POST",
    {
      deviceId,
      session: "session-1",
      sequence: newestSequence,
      scannedAt: "2026-01-31T12:00:00Z",
      intervalSeconds: 10,
      connections: [],
    },
    token,
  );
  assert.equal(status, 200);
  assert.match(body.outcome, /^(duplicate|stale)$/);
  assert.ok(body.sequence >= newestSequence);
}

/** The most memory that a process ever had, in KB; null where the system does not tell. */
async function peakResidentKb(pid: number): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  // Deno itself reads another process's folder only with every permission there is.
  const { stdout } = await new Deno.Command("cat", {
    args: [`/proc/${pid}/status`],
  }).output();
  const status = new TextDecoder().decode(stdout);
  const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  assert.ok(kilobytes, status);
  return Number(kilobytes);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

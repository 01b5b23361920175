import assert from "node:assert/strict";
import { reportRequest } from "@/lib/contract/monitor.ts";
import type { SimulateOptions } from "@/scripts/simulate/options.ts";
import { simulate, TokenRefused } from "@/scripts/simulate/run.ts";
import { type Server, VirtualWorld, willingServer } from "./virtual_world.ts";

const REGISTER = "/api/monitor/register";
const REPORTS = "/api/monitor/reports";
const NEVER = new AbortController().signal;

function options(fields: Partial<SimulateOptions> = {}): SimulateOptions {
  return {
    devices: 4,
    intervalSeconds: 8,
    connections: 12,
    server: "http://monitor.example",
    token: "t0ken",
    seed: 1,
    durationSeconds: 23,
    ...fields,
  };
}

/** Plays to the end in a world of its own. */
async function play(
  fields: Partial<SimulateOptions> = {},
  server: Server = willingServer,
): Promise<VirtualWorld & { reports: number }> {
  const world = new VirtualWorld(server);
  const reports = await world.runUntil(simulate(options(fields), world, NEVER));
  return Object.assign(world, { reports });
}

/** A server that answers the first so many reports in a way of its own. */
function firstReports(count: number, answer: () => Response): Server {
  let left = count;
  return (sent, world) =>
    sent.path === REPORTS && left-- > 0
      ? Promise.resolve(answer())
      : willingServer(sent, world);
}

function problem(status: number, headers: Record<string, string> = {}) {
  return Response.json({ code: "some_code" }, { status, headers });
}

Deno.test("simulate: registers each meter once, by its own name and with the token", async () => {
  const { sent } = await play();
  const registered = sent.filter((each) => each.path === REGISTER);
  const names = registered.map((each) => each.body.deviceName);
  assert.equal(registered.length, 4);
  assert.equal(new Set(names).size, 4);
  assert.equal(registered[0]?.body.intervalSeconds, 8);
  assert.deepEqual(
    new Set(sent.map((each) => each.authorization)),
    new Set(["Bearer t0ken"]),
  );
});

Deno.test("simulate: spreads registrations and reports evenly over the interval", async () => {
  const world = await play();
  assert.deepEqual(world.secondsOf(REGISTER), [0, 2, 4, 6]);
  assert.deepEqual(
    world.secondsOf(REPORTS),
    [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22],
  );
  assert.equal(world.reports, 12);
});

Deno.test("simulate: reports what the contract takes, sequences rising within one session", async () => {
  const { sent } = await play();
  const bodies = sent.filter((each) => each.path === REPORTS)
    .map((each) => each.body);
  for (const body of bodies) reportRequest.parse(body);
  const [first] = bodies;
  const ofFirst = bodies.filter((body) => body.deviceId === first.deviceId);
  assert.deepEqual(ofFirst.map((body) => body.sequence), [1, 2, 3]);
  assert.deepEqual(ofFirst.map((body) => body.scannedAt), [
    VirtualWorld.START_MS,
    VirtualWorld.START_MS + 8_000,
    VirtualWorld.START_MS + 16_000,
  ]);
  assert.deepEqual(
    new Set(bodies.map((body) => body.session)),
    new Set(["session-1"]),
  );
  assert.equal(first.intervalSeconds, 8);
});

Deno.test("simulate: sends the same for the same seed, and other things for another", async () => {
  const bodies = async (seed: number) => {
    const { sent } = await play({ seed });
    return sent.map((each) => each.body);
  };
  assert.deepEqual(await bodies(7), await bodies(7));
  assert.notDeepEqual(await bodies(7), await bodies(8));
});

Deno.test("simulate: keeps at most 256 requests in flight, however slow the server", async () => {
  const world = await play(
    { devices: 1000, intervalSeconds: 1 },
    async (sent, world) => {
      await world.sleep(5_000);
      return willingServer(sent, world);
    },
  );
  assert.equal(world.mostInFlight, 256);
  assert.ok(world.reports > 0);
});

Deno.test("simulate: has one request of a meter in flight at a time", async () => {
  const busy = new Set<string>();
  const world = await play(
    { devices: 300, intervalSeconds: 1 },
    async (sent, world) => {
      const device = sent.body.deviceId ?? sent.body.deviceName;
      assert.ok(!busy.has(device), `${device} has a request in flight`);
      busy.add(device);
      await world.sleep(2_500);
      busy.delete(device);
      return willingServer(sent, world);
    },
  );
  assert.match(world.lines.at(-1) ?? "", / 0 errors$/);
});

Deno.test("simulate: leaves out the turns that a slow server made late", async () => {
  const world = await play(
    { devices: 1, intervalSeconds: 1 },
    async (sent, world) => {
      if (sent.body.sequence === 1) await world.sleep(10_000);
      return willingServer(sent, world);
    },
  );
  // Due meanwhile were 1 to 10; the latest two of them may still be made up for.
  const seconds = world.secondsOf(REPORTS);
  assert.deepEqual(seconds.slice(0, 5), [0, 10, 10, 11, 12]);
});

Deno.test("simulate: leaves a meter alone as long as Retry-After asks", async () => {
  for (const status of [429, 503]) {
    const world = await play(
      { devices: 1 },
      firstReports(1, () => problem(status, { "retry-after": "9" })),
    );
    assert.deepEqual(world.secondsOf(REPORTS), [0, 16], String(status));
    assert.match(
      world.lines.at(-1) ?? "",
      /1 error \(latest: \d+ some_code\)/,
    );
  }
});

Deno.test("simulate: goes on at the next turn after any other failure", async () => {
  const answers = [
    () => problem(500),
    () => new Response("<html>bad gateway", { status: 502 }),
    () => {
      throw new TypeError("error sending request", {
        cause: new Error("client error (Connect): Connection refused"),
      });
    },
  ];
  for (const answer of answers) {
    const world = await play({ devices: 1 }, firstReports(1, answer));
    assert.deepEqual(world.secondsOf(REPORTS), [0, 8, 16]);
    assert.equal(world.reports, 2);
  }
});

Deno.test("simulate: says why a connection failed, in short", async () => {
  const world = await play({ devices: 1 }, () => {
    throw new TypeError("error sending request", {
      cause: new Error("client error (Connect): Connection refused"),
    });
  });
  assert.equal(world.reports, 0);
  assert.equal(
    world.lines.at(-1),
    "Stopped: 0 devices, 0 reports accepted, 3 errors (latest: Connection refused)",
  );
});

Deno.test("simulate: registers a meter anew that was deleted", async () => {
  const world = await play({ devices: 1 }, firstReports(1, () => problem(404)));
  assert.deepEqual(world.secondsOf(REGISTER), [0, 8]);
  assert.deepEqual(world.secondsOf(REPORTS), [0, 8, 16]);
  assert.match(world.lines.at(-1) ?? "", /^Stopped: 1 device/);
});

Deno.test("simulate: gives up an answer that does not come in 30 seconds", async () => {
  const world = await play(
    { devices: 1, durationSeconds: 60 },
    (sent, world) =>
      sent.body.sequence === 1
        ? new Promise(() => {})
        : willingServer(sent, world),
  );
  assert.deepEqual(world.secondsOf(REPORTS).slice(0, 2), [0, 30]);
  assert.match(world.lines.join("\n"), /latest: no answer in time/);
});

Deno.test("simulate: stops at once where the token is refused", async () => {
  for (const status of [401, 403]) {
    const world = new VirtualWorld(() => Promise.resolve(problem(status)));
    await assert.rejects(
      world.runUntil(simulate(options(), world, NEVER)),
      TokenRefused,
    );
    assert.deepEqual(world.secondsOf(REGISTER), [0]);
  }
});

Deno.test("simulate: ends when stopped, after the requests in flight", async () => {
  const stop = new AbortController();
  const world = new VirtualWorld(async (sent, world) => {
    if (sent.body.sequence === 2) {
      stop.abort();
      await world.sleep(1_000);
    }
    return willingServer(sent, world);
  });
  const running = simulate(
    options({ devices: 1, durationSeconds: null }),
    world,
    stop.signal,
  );
  assert.equal(await world.runUntil(running), 2);
  assert.equal(world.inFlight, 0);
  assert.equal(world.now() - VirtualWorld.START_MS, 9_000);
});

Deno.test("simulate: sends nothing where it was stopped before it began", async () => {
  const world = new VirtualWorld();
  const stopped = AbortSignal.abort();
  const running = simulate(options({ durationSeconds: null }), world, stopped);
  assert.equal(await world.runUntil(running), 0);
  assert.deepEqual(world.sent, []);
});

Deno.test("simulate: prints a status line every five seconds and a summary", async () => {
  const { lines } = await play({
    devices: 1,
    intervalSeconds: 4,
    durationSeconds: 19,
  });
  assert.deepEqual(lines, [
    "Playing 1 meter against http://monitor.example, a report every 4 s each; Ctrl+C stops",
    "1 device, 0.4 reports/s, 0 errors, answers p50 0.0 ms, p99 0.0 ms",
    "1 device, 0.2 reports/s, 0 errors, answers p50 0.0 ms, p99 0.0 ms",
    "1 device, 0.2 reports/s, 0 errors, answers p50 0.0 ms, p99 0.0 ms",
    "Stopped: 1 device, 5 reports accepted, 0 errors",
  ]);
});

Deno.test("simulate: says how far behind a slow server makes it", async () => {
  const { lines } = await play(
    { devices: 1, intervalSeconds: 2 },
    async (sent, world) => {
      await world.sleep(6_000);
      return willingServer(sent, world);
    },
  );
  assert.match(lines.join("\n"), /, [2-9] s behind$/m);
});

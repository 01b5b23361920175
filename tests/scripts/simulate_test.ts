import assert from "node:assert/strict";
import { simulate } from "@/scripts/simulate/run.ts";
import { testApp } from "@/tests/support/app.ts";
import { VirtualWorld } from "./simulate/virtual_world.ts";

const ROOT = new URL("../../", import.meta.url);

/** The simulator as a process, with the permissions of its task. */
function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-env=MONITOR_AUTH_TOKEN",
      "scripts/simulate.ts",
      ...args,
    ],
    cwd: ROOT,
    env: { MONITOR_AUTH_TOKEN: "", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** How a process ended and what it said. */
async function ended(process: Deno.ChildProcess) {
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** A server on a socket of its own that takes everything. */
function willingServer(onReport: () => void) {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      await request.body?.cancel();
      if (request.url.endsWith("/reports")) onReport();
      return Response.json({ deviceId: "d-1" });
    },
  );
}

Deno.test("simulate: fills the real application with devices that are online and talk", async () => {
  await using app = await testApp();
  const account = await app.account("alice");
  const world = new VirtualWorld((sent, world) => {
    // A server's clock tells whole milliseconds.
    app.clock.nowMs = Math.floor(world.now());
    const token = sent.authorization?.slice("Bearer ".length);
    return world.holdTime(app.send("POST", sent.path, sent.body, token));
  });
  const reports = await world.runUntil(simulate(
    {
      devices: 30,
      intervalSeconds: 10,
      connections: 12,
      server: "http://monitor.example",
      token: account.agent,
      seed: 1,
      durationSeconds: 35,
    },
    world,
    new AbortController().signal,
  ));
  const answer = await app.send(
    "GET",
    "/api/dashboard/users?limit=500",
    undefined,
    account.session,
  );
  const { devices, stats } = await answer.json();
  assert.equal(reports, world.secondsOf("/api/monitor/reports").length);
  assert.equal(stats.total, 30);
  assert.equal(stats.online, 30);
  assert.ok(stats.connections > 30 * 9, JSON.stringify(stats));
  assert.equal(devices[0].deviceName, "oakfield-meter-0001");
  assert.deepEqual(devices[0].protocols, ["TCP", "UDP"]);
});

Deno.test("simulate.ts: ends with 2 and one line on bad flags", async () => {
  const { code, stdout, stderr } = await ended(
    start("--token", "t", "--devices", "none"),
  );
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    'simulate: --devices must be a number from 1 to 1000000, not "none"\n',
  );
});

Deno.test("simulate.ts: prints its help", async () => {
  const { code, stdout, stderr } = await ended(start("--help"));
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^simulate: .*\n\nUsage: deno task simulate/);
});

Deno.test("simulate.ts: ends with 3 and advice where the token is refused", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status: 401 }),
  );
  const address = `http://127.0.0.1:${server.addr.port}`;
  const { code, stderr } = await ended(
    start("--token", "t", "--server", address),
  );
  await server.shutdown();
  assert.equal(code, 3);
  assert.match(stderr, /^simulate: the server refused the token; .*\n$/);
});

Deno.test({
  name: "simulate.ts: ends cleanly on Ctrl+C and SIGTERM",
  ignore: Deno.build.os === "windows", // has no signals to send
  async fn() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      const reported = Promise.withResolvers<void>();
      const server = willingServer(reported.resolve);
      const address = `http://127.0.0.1:${server.addr.port}`;
      const process = start("--token", "t", "--server", address);
      await reported.promise;
      process.kill(signal);
      const { code, stdout, stderr } = await ended(process);
      await server.shutdown();
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(
        stdout,
        /\nStopped: \d+ devices?, \d+ reports? accepted, 0 errors\n$/,
      );
    }
  },
});

Deno.test("simulate.ts: ends with 1 where no report was accepted", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, stdout } = await ended(
    start(
      "--token",
      "t",
      "--server",
      `http://127.0.0.1:${port}`,
      "--duration",
      "1",
    ),
  );
  assert.equal(code, 1);
  assert.match(
    stdout,
    /Stopped: 0 devices, 0 reports accepted, \d+ errors? \(latest: .+\)\n$/,
  );
});

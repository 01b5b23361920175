import assert from "node:assert/strict";
import { connection, report } from "@/tests/support/app.ts";
import {
  call,
  eventually,
  registerAccount,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const DEVICES = 20;
const ANSWERED_BEFORE_KILL = 400;

Deno.test("kill -9 during reports: all that was answered with 200 is there after a restart", async () => {
  using folder = temporaryFolder();
  const answered = new Map<string, number>();
  const devices: string[] = [];
  let token = "";
  {
    await using server = await startServer(folder.path);
    token = await registerAccount(server.url);
    for (let i = 0; i < DEVICES; i++) {
      const registered = await call(
        `${server.url}/api/monitor/register`,
        "POST",
        { deviceName: `meter-${i}` },
        token,
      );
      devices.push(registered.body.deviceId);
    }
    let count = 0;
    const stopped = Promise.all(devices.map(async (deviceId) => {
      for (let sequence = 1;; sequence++) {
        const body = report(deviceId, sequence, [
          connection({ bytesIn: sequence }),
        ]);
        try {
          const url = `${server.url}/api/monitor/reports`;
          const { status } = await call(url, "POST", body, token);
          assert.equal(status, 200);
          answered.set(deviceId, sequence);
          count++;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          return; // The server is gone.
        }
      }
    }));
    await eventually("many answers", () => count >= ANSWERED_BEFORE_KILL);
    server.child.kill("SIGKILL");
    await stopped;
  }
  await using server = await startServer(folder.path);
  for (const deviceId of devices) {
    const url = `${server.url}/api/dashboard/user/${deviceId}`;
    const { status, body } = await call(url, "GET", undefined, token);
    assert.equal(status, 200);
    const stored: number = body.connections[0].bytesIn;
    const last = answered.get(deviceId) ?? 0;
    // One more may have been stored whose answer was cut off.
    assert.ok(
      stored === last || stored === last + 1,
      `answered ${last}, stored ${stored}`,
    );
  }
});

Deno.test("SIGTERM: the server ends cleanly and frees its database", async () => {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  await registerAccount(server.url);
  assert.equal(await server.stop("SIGTERM"), 0);
  await using again = await startServer(folder.path);
  const { status } = await call(`${again.url}/readyz`, "GET");
  assert.equal(status, 200);
});

Deno.test("SIGTERM: a request that never ends does not hold the server", async () => {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  const port = Number(new URL(server.url).port);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  ));
  assert.equal(await server.stop("SIGTERM"), 0);
});

Deno.test("JWT_SECRET: is made once with mode 0600, and tokens outlive a restart", async () => {
  using folder = temporaryFolder();
  let token = "";
  {
    await using server = await startServer(folder.path);
    token = await registerAccount(server.url);
    await server.stop();
  }
  const { mode } = await Deno.stat(`${folder.path}/jwt-secret`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
  await using server = await startServer(folder.path);
  const url = `${server.url}/api/dashboard/users`;
  const { status } = await call(url, "GET", undefined, token);
  assert.equal(status, 200);
});

Deno.test("JWT_SECRET: a short one is refused with one line", async () => {
  using folder = temporaryFolder();
  await assert.rejects(
    startServer(folder.path, { JWT_SECRET: "short" }),
    /monitor-server: JWT_SECRET: must have at least 32 characters\n$/,
  );
});

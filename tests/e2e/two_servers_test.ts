import assert from "node:assert/strict";
import { connection, report } from "@/tests/support/app.ts";
import {
  call,
  eventually,
  registerAccount,
  type RunningServer,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

/** Two server processes on one local file, and an account's token, which is good at both. */
async function twoServers() {
  const folder = temporaryFolder();
  const one = await startServer(folder.path);
  const two = await startServer(folder.path);
  return {
    one,
    two,
    token: await registerAccount(one.url),
    async [Symbol.asyncDispose]() {
      await Promise.all([one.stop("SIGKILL"), two.stop("SIGKILL")]);
      folder[Symbol.dispose]();
    },
  };
}

/** Sends what has to be answered with 200. */
async function post(
  server: RunningServer,
  path: string,
  sent: unknown,
  token: string,
) {
  const { status, body } = await call(
    `${server.url}${path}`,
    "POST",
    sent,
    token,
  );
  assert.equal(status, 200, `${JSON.stringify(body)}\n${server.output()}`);
  return body;
}

async function register(
  server: RunningServer,
  token: string,
  deviceName: string,
): Promise<string> {
  const body = { deviceName };
  return (await post(server, "/api/monitor/register", body, token)).deviceId;
}

async function send(
  server: RunningServer,
  token: string,
  deviceId: string,
  sequence: number,
): Promise<void> {
  const connections = [connection({ sourcePort: 40_000 + sequence })];
  const body = report(deviceId, sequence, connections);
  await post(server, "/api/monitor/reports", body, token);
}

const devicesOf = async (server: RunningServer, token: string) =>
  (await call(
    `${server.url}/api/dashboard/users`,
    "GET",
    undefined,
    token,
  )).body.devices as {
    id: string;
    deviceName: string;
    connectionCount: number;
  }[];

/** The source ports of a device's connections as a server shows them. */
const portsOf = async (server: RunningServer, token: string, id: string) =>
  (await call(
    `${server.url}/api/dashboard/user/${id}`,
    "GET",
    undefined,
    token,
  )).body.connections.map((c: { sourcePort: number }) => c.sourcePort);

Deno.test("two servers on one file: each shows what the other takes in, renames and deletes", async () => {
  await using at = await twoServers();
  const { one, two, token } = at;
  const id = await register(one, token, "meter-1");
  await eventually(
    "the device at the other server",
    async () => (await devicesOf(two, token)).some((d) => d.id === id),
  );
  await send(two, token, id, 1);
  await eventually(
    "the connection at the first server",
    async () => (await portsOf(one, token, id)).includes(40_001),
  );
  const path = `/api/dashboard/user/${id}`;
  await call(`${one.url}${path}`, "PATCH", { deviceName: "boiler" }, token);
  await eventually(
    "the new name",
    async () => (await devicesOf(two, token))[0]?.deviceName === "boiler",
  );
  await call(`${two.url}${path}`, "DELETE", undefined, token);
  await eventually(
    "the device's end",
    async () => (await devicesOf(one, token)).length === 0,
  );
});

Deno.test("two servers on one file: both take reports at the same time, of their own devices and of one", async () => {
  await using at = await twoServers();
  const { one, two, token } = at;
  const shared = await register(one, token, "shared");
  const own = [
    await register(one, token, "one"),
    // A device that only the first server knows yet: the second one looks it up.
    await register(one, token, "two"),
  ] as const;
  const rounds = 40;
  const stream = async (server: RunningServer, id: string) => {
    for (let n = 1; n <= rounds; n++) await send(server, token, id, n);
  };
  await Promise.all([
    stream(one, own[0]),
    stream(two, own[1]),
    // Sequences of one device through both: the later of the two answers stored, the other one stale.
    stream(one, shared),
    stream(two, shared),
  ]);
  const last = [40_000 + rounds];
  for (const server of [one, two]) {
    for (const id of [shared, ...own]) {
      await eventually(
        "the last report's connection",
        async () => String(await portsOf(server, token, id)) === String(last),
      );
    }
  }
});

Deno.test("two servers on one file: a dashboard at one hears of a report to the other", async () => {
  await using at = await twoServers();
  const { one, two, token } = at;
  const id = await register(one, token, "meter-1");
  await eventually(
    "the device at the other server",
    async () => (await devicesOf(two, token)).some((d) => d.id === id),
  );
  const response = await fetch(`${two.url}/api/dashboard/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  let sent = false;
  while (!heard.includes("event: change")) {
    const { value, done } = await reader.read();
    assert.ok(!done, "the stream goes on");
    heard += value;
    if (!sent && heard.includes("event: list")) {
      sent = true;
      await send(one, token, id, 1);
    }
  }
  assert.match(heard, /event: change\n.*\ndata: .*"status":"online"/s);
  await reader.cancel();
});

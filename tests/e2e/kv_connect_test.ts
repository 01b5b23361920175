/** The server and the storage tests on a KV Connect server: ours, not Deno Deploy's or denokv. */
import assert from "node:assert/strict";
import { connection, report } from "@/tests/support/app.ts";
import {
  type KvConnectServer,
  startKvConnect,
} from "@/tests/support/kv_connect/server.ts";
import {
  call,
  eventually,
  registerAccount,
  type RunningServer,
  startServer,
  startTask,
  temporaryFolder,
} from "@/tests/support/processes.ts";

/** Both servers of a test sign with it. */
const JWT_SECRET = "a secret of the tests, long enough for HS256";

function environment(
  { url, accessToken }: Pick<KvConnectServer, "url" | "accessToken">,
): Record<string, string> {
  return { KV_URL: url, DENO_KV_ACCESS_TOKEN: accessToken, JWT_SECRET };
}

/** Registers a device and answers its id. */
async function register(
  { url }: RunningServer,
  token: string,
  deviceName: string,
): Promise<string> {
  const path = `${url}/api/monitor/register`;
  const { status, body } = await call(path, "POST", { deviceName }, token);
  assert.equal(status, 200);
  return body.deviceId;
}

/** Sends a device's whole picture: one connection a source port. */
async function send(
  { url }: RunningServer,
  token: string,
  [deviceId, sequence]: [string, number],
  ports: number[],
): Promise<void> {
  const connections = ports.map((sourcePort) => connection({ sourcePort }));
  const body = report(deviceId, sequence, connections);
  const answer = await call(
    `${url}/api/monitor/reports`,
    "POST",
    body,
    token,
  );
  assert.equal(answer.status, 200);
}

/** The devices that are listed, as names with their counts of connections, by name. */
async function listed({ url }: RunningServer, token: string) {
  const path = `${url}/api/dashboard/users?limit=100`;
  const { status, body } = await call(path, "GET", undefined, token);
  assert.equal(status, 200);
  return body.devices.map((
    device: { deviceName: string; connectionCount: number },
  ) => [device.deviceName, device.connectionCount]);
}

Deno.test("KV_URL: accounts, devices and reports are kept by the KV Connect server, beyond a restart", async () => {
  using folder = temporaryFolder();
  await using kvServer = startKvConnect();
  const env = environment(kvServer);
  const devices = 12;
  const expected: [string, number][] = [];
  let token = "";
  {
    await using server = await startServer(folder.path, env);
    token = await registerAccount(server.url);
    // Together, so that they share commits as far as these may go.
    await Promise.all(Array.from({ length: devices }, async (_, i) => {
      const name = `meter-${String(i).padStart(2, "0")}`;
      const ports = Array.from({ length: i + 1 }, (_, port) => 40_000 + port);
      const id = await register(server, token, name);
      await send(server, token, [id, 1], ports);
      await send(server, token, [id, 2], ports.slice(0, i));
      expected[i] = [name, i];
    }));
    assert.deepEqual(await listed(server, token), expected);
    assert.equal(await server.stop("SIGTERM"), 0);
  }
  await using server = await startServer(folder.path, env);
  assert.deepEqual(await listed(server, token), expected);
  assert.deepEqual(kvServer.refused, []);
  assert.ok(kvServer.database.size > devices);
  const files = Array.from(Deno.readDirSync(folder.path), ({ name }) => name);
  assert.deepEqual(files, [], "nothing is kept beside it");
});

Deno.test("KV_URL: two servers on one database show each other's devices, and both take reports", async () => {
  using folder = temporaryFolder();
  await using kvServer = startKvConnect();
  const env = environment(kvServer);
  await using here = await startServer(`${folder.path}/here`, env);
  await using there = await startServer(`${folder.path}/there`, env);
  const token = await registerAccount(here.url);
  const shows = (server: RunningServer, devices: [string, number][]) =>
    eventually("the other server's writes", async () => {
      assert.deepEqual(await listed(server, token), devices);
      return true;
    });

  const one = await register(here, token, "meter-1");
  await send(here, token, [one, 1], [40_001]);
  await shows(there, [["meter-1", 1]]);

  const two = await register(there, token, "meter-2");
  await send(there, token, [two, 1], [40_001, 40_002]);
  // The device of the other server reports here from now on.
  await send(there, token, [one, 2], [40_001, 40_002, 40_003]);
  await shows(here, [["meter-1", 3], ["meter-2", 2]]);

  await send(here, token, [one, 3], []);
  const path = `${here.url}/api/dashboard/user/${two}`;
  const removed = await call(path, "DELETE", undefined, token);
  assert.equal(removed.status, 204);
  await shows(there, [["meter-1", 0]]);
  assert.deepEqual(kvServer.refused, []);
});

Deno.test("KV_URL: a report that comes while the KV Connect server is away is answered once it is stored", async () => {
  using folder = temporaryFolder();
  await using kvServer = startKvConnect();
  await using server = await startServer(folder.path, environment(kvServer));
  const token = await registerAccount(server.url);
  const id = await register(server, token, "meter-1");
  await send(server, token, [id, 1], [40_001]);
  const { commits } = kvServer.database;
  kvServer.available = false;
  let answered = false;
  const sent = send(server, token, [id, 2], [40_001, 40_002])
    .then(() => answered = true);
  await eventually("another try", () => kvServer.turnedAway >= 2);
  assert.equal(answered, false);
  assert.deepEqual(await listed(server, token), [["meter-1", 1]]);
  kvServer.available = true;
  await sent;
  assert.equal(kvServer.database.commits, commits + 1);
  assert.deepEqual(await listed(server, token), [["meter-1", 2]]);
});

Deno.test("KV_URL: a token that the KV Connect server refuses ends the start with one line", async () => {
  using folder = temporaryFolder();
  await using kvServer = startKvConnect();
  const { url } = kvServer;
  await assert.rejects(
    startServer(folder.path, environment({ url, accessToken: "another" })),
    /monitor-server: .*401.*Invalid access token/,
  );
});

/** Runs `deno task test:remote` to its end. */
async function testRemote(env: Record<string, string>, args: string[] = []) {
  await using running = startTask("test:remote", { env, args });
  const { code } = await running.child.status;
  await running.stop();
  return { code, output: running.output() };
}

Deno.test("test:remote: runs storage tests against KV_URL and leaves its database empty", async () => {
  await using kvServer = startKvConnect();
  const { code, output } = await testRemote(environment(kvServer), [
    "tests/lib/store/devices_test.ts",
    "tests/lib/fleet/ingest_conflicts_test.ts",
  ]);
  assert.equal(code, 0, output);
  assert.match(output, /passed \| 0 failed/);
  assert.equal(kvServer.database.size, 0);
  assert.ok(kvServer.database.commits > 100, "the tests wrote elsewhere");
  assert.deepEqual(kvServer.refused, []);
});

Deno.test("test:remote: without KV_URL, and where the database is not empty, says so and ends with 2", async () => {
  const unset = await testRemote({ KV_URL: "" });
  assert.equal(unset.code, 2);
  assert.match(unset.output, /KV_URL must name/);

  using folder = temporaryFolder();
  await using kvServer = startKvConnect();
  const env = environment(kvServer);
  await using server = await startServer(folder.path, env);
  await registerAccount(server.url);
  const before = kvServer.database.size;
  const refused = await testRemote(env);
  assert.equal(refused.code, 2);
  assert.match(refused.output, /is not empty/);
  assert.equal(kvServer.database.size, before);
});

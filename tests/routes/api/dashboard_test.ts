import assert from "node:assert/strict";
import type { DeviceList } from "@/lib/contract/dashboard.ts";
import {
  type Account,
  connection,
  report,
  type TestApp,
  testApp,
} from "@/tests/support/app.ts";

Deno.test("GET /api/dashboard/users: lists devices with what they told, and the counts", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await reporting(app, alice, "meter-1", [
    connection(),
    connection({ destIp: "10.20.0.8", protocol: "udp", bytesIn: null }),
    connection({
      sourceIp: "0.0.0.0",
      sourcePort: 22,
      destIp: "0.0.0.0",
      destPort: 0,
      state: "LISTEN",
    }),
  ]);
  await app.device(alice, "meter-2");
  const { devices, stats, matched, nextCursor } = await list(app, alice);
  assert.deepEqual(stats, { total: 2, online: 1, offline: 1, connections: 3 });
  assert.equal(matched, 2);
  assert.equal(nextCursor, null);
  assert.deepEqual(devices[0], {
    id: deviceId,
    deviceName: "meter-1",
    username: "alice",
    status: "online",
    connectionCount: 3,
    listeningCount: 1,
    protocols: ["TCP", "UDP"],
    detectedIps: {
      source: ["192.168.1.20"],
      dest: ["10.20.0.7", "10.20.0.8"],
    },
    detectedIpCounts: { source: 1, dest: 2 },
    lastSeen: "2026-01-31T12:00:00.000Z",
    registeredAt: "2026-01-31T12:00:00.000Z",
    intervalSeconds: 10,
    os: null,
    agentVersion: null,
  });
  assert.equal(devices[1]?.lastSeen, null);
});

Deno.test("GET /api/dashboard/users: shows users their own devices and the administrator all", async () => {
  await using app = await testApp();
  const [admin, bob] = [await app.account("admin"), await app.account("bob")];
  await reporting(app, bob, "meter-b", [connection()]);
  await app.device(admin, "meter-a");
  const names = async (account: Account) =>
    (await list(app, account)).devices.map((d) => [d.deviceName, d.username]);
  assert.deepEqual(await names(admin), [["meter-a", "admin"], [
    "meter-b",
    "bob",
  ]]);
  assert.deepEqual(await names(bob), [["meter-b", "bob"]]);
  assert.equal((await list(app, bob)).stats.total, 1);
});

Deno.test("GET /api/dashboard/users: a device is offline after three intervals, 30 seconds at least", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  await reporting(app, alice, "quick", [], 1);
  await reporting(app, alice, "slow", [], 20);
  const online = async () =>
    (await list(app, alice, "?status=online")).devices.map((d) => d.deviceName);
  app.clock.advance(30);
  assert.deepEqual(await online(), ["quick", "slow"]);
  app.clock.nowMs += 1;
  assert.deepEqual(await online(), ["slow"]);
  app.clock.advance(30);
  assert.deepEqual(await online(), []);
  assert.deepEqual((await list(app, alice)).stats.offline, 2);
});

Deno.test("GET /api/dashboard/users: searches names and addresses, sorts and pages", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  for (const i of [10, 9, 2]) {
    await reporting(app, alice, `meter-${i}`, [
      connection({ destIp: `10.9.0.${i}` }),
    ]);
  }
  const names = (page: DeviceList) => page.devices.map((d) => d.deviceName);
  assert.deepEqual(names(await list(app, alice)), [
    "meter-2",
    "meter-9",
    "meter-10",
  ]);
  assert.deepEqual(names(await list(app, alice, "?q=METER-9")), ["meter-9"]);
  assert.deepEqual(names(await list(app, alice, "?q=10.9.0.10")), ["meter-10"]);
  const first = await list(app, alice, "?order=desc&limit=2");
  assert.deepEqual(names(first), ["meter-10", "meter-9"]);
  const rest = `?order=desc&limit=2&cursor=${first.nextCursor}`;
  assert.deepEqual(names(await list(app, alice, rest)), ["meter-2"]);
});

Deno.test("GET /api/dashboard/users: refuses a query it does not understand, by field", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const bad = { sort: "password", order: "up", limit: "0", status: "asleep" };
  const query = new URLSearchParams(bad);
  const response = await get(app, alice, `/api/dashboard/users?${query}`);
  assert.equal(response.status, 400);
  const { errors } = await response.json();
  assert.deepEqual(
    errors.map(({ path }: { path: string }) => path).sort(),
    ["limit", "order", "sort", "status"],
  );
  const cursor = await get(app, alice, "/api/dashboard/users?cursor=AAAA");
  assert.equal((await cursor.json()).errors[0].path, "cursor");
});

Deno.test("GET /api/dashboard/user/:id: sums known bytes and counts destinations", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await reporting(app, alice, "meter-1", [
    connection({ bytesIn: 100, bytesOut: null }),
    connection({ destPort: 8883, bytesIn: 23, bytesOut: null }),
    connection({ destIp: "::ffff:10.20.0.7", sourcePort: 5, bytesIn: null }),
    connection({ destIp: "::", destPort: 0, bytesIn: null, bytesOut: null }),
  ]);
  const path = `/api/dashboard/user/${deviceId}`;
  const { stats, connections } = await (await get(app, alice, path)).json();
  assert.deepEqual(stats, {
    totalConnections: 4,
    bytesIn: 123,
    bytesOut: 800,
    uniqueDestIps: 1,
  });
  assert.deepEqual(connections[0], {
    ...connection({ bytesIn: 100, bytesOut: null }),
    firstSeen: "2026-01-31T12:00:00.000Z",
    lastSeen: "2026-01-31T12:00:00.000Z",
  });
});

Deno.test("GET /api/dashboard/user/:id: totals are null where no byte count is known", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await reporting(app, alice, "meter-1", [
    connection({ protocol: "UDP", bytesIn: null, bytesOut: undefined }),
  ]);
  const path = `/api/dashboard/user/${deviceId}`;
  const { stats } = await (await get(app, alice, path)).json();
  assert.equal(stats.bytesIn, null);
  assert.equal(stats.bytesOut, null);
});

Deno.test("/api/dashboard/user/:id: somebody else's device and none at all are the same 404", async () => {
  await using app = await testApp();
  const admin = await app.account("admin");
  const bob = await app.account("bob");
  const deviceId = await app.device(admin);
  for (const method of ["GET", "PATCH", "DELETE"]) {
    const body = method === "PATCH" ? { deviceName: "mine" } : undefined;
    const answers = [];
    for (const id of [deviceId, crypto.randomUUID()]) {
      const path = `/api/dashboard/user/${id}`;
      const response = await app.send(method, path, body, bob.session);
      assert.equal(response.status, 404, method);
      answers.push(await response.text());
    }
    assert.equal(answers[0], answers[1]);
  }
  const kept = await get(app, admin, `/api/dashboard/user/${deviceId}`);
  assert.equal(kept.status, 200);
});

Deno.test("PATCH /api/dashboard/user/:id: renames, and the agent still finds its device", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice, "meter-1");
  await app.device(alice, "meter-2");
  const path = `/api/dashboard/user/${deviceId}`;
  const rename = (deviceName: unknown) =>
    app.send("PATCH", path, { deviceName }, alice.session);
  const renamed = await rename("Substation 7");
  assert.equal(renamed.status, 200);
  assert.equal((await renamed.json()).device.deviceName, "Substation 7");
  assert.equal(await app.device(alice, "meter-1"), deviceId);
  assert.equal(await app.device(alice, "Substation 7"), deviceId);
  const taken = await rename("meter-2");
  assert.equal(taken.status, 409);
  assert.equal((await taken.json()).errors[0].path, "deviceName");
  assert.equal((await rename("")).status, 400);
});

Deno.test("DELETE /api/dashboard/user/:id: removes the device and its connections", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await reporting(app, alice, "meter-1", [connection()]);
  const path = `/api/dashboard/user/${deviceId}`;
  const deleted = await app.send("DELETE", path, undefined, alice.session);
  assert.equal(deleted.status, 204);
  assert.equal((await get(app, alice, path)).status, 404);
  const { stats } = await list(app, alice);
  assert.deepEqual(stats, { total: 0, online: 0, offline: 0, connections: 0 });
  for (const prefix of ["device", "presence", "connections", "latest_device"]) {
    const rows = await Array.fromAsync(app.kv.list({ prefix: [prefix] }));
    assert.deepEqual(rows, [], prefix);
  }
  const late = report(deviceId, 2, [connection()]);
  const refused = await app.send(
    "POST",
    "/api/monitor/reports",
    late,
    alice.agent,
  );
  assert.equal(refused.status, 404);
});

Deno.test("/api/dashboard/*: an agent's token reads and changes nothing", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const calls: [string, string, unknown][] = [
    ["GET", "/api/dashboard/users", undefined],
    ["GET", `/api/dashboard/user/${deviceId}`, undefined],
    ["PATCH", `/api/dashboard/user/${deviceId}`, { deviceName: "x" }],
    ["DELETE", `/api/dashboard/user/${deviceId}`, undefined],
  ];
  for (const [method, path, body] of calls) {
    const refused = await app.send(method, path, body, alice.agent);
    assert.equal(refused.status, 403, `${method} ${path}`);
    assert.equal((await refused.json()).code, "forbidden");
    const anonymous = await app.send(method, path, body);
    assert.equal(anonymous.status, 401, `${method} ${path}`);
  }
});

function get(app: TestApp, account: Account, path: string): Promise<Response> {
  return app.send("GET", path, undefined, account.session);
}

async function list(
  app: TestApp,
  account: Account,
  query = "",
): Promise<DeviceList> {
  const response = await get(app, account, `/api/dashboard/users${query}`);
  assert.equal(response.status, 200);
  return await response.json();
}

/** Registers a device and has it report once. */
async function reporting(
  app: TestApp,
  account: Account,
  deviceName: string,
  connections: unknown[],
  intervalSeconds = 10,
): Promise<string> {
  const deviceId = await app.device(account, deviceName);
  const response = await app.send(
    "POST",
    "/api/monitor/reports",
    report(deviceId, 1, connections, { intervalSeconds }),
    account.agent,
  );
  assert.equal(response.status, 200);
  return deviceId;
}

import assert from "node:assert/strict";
import {
  connection,
  CONNECTION_TTL_MS,
  report,
  testApp,
} from "@/tests/support/app.ts";

Deno.test("POST /api/monitor/register: the same name of the same owner is the same device", async () => {
  await using app = await testApp();
  const [alice, bob] = [await app.account("alice"), await app.account("bob")];
  const first = await app.send("POST", "/api/monitor/register", {
    deviceName: "meter-1",
    os: "linux",
    agentVersion: "0.1.0",
  }, alice.agent);
  assert.equal(first.status, 200);
  const { deviceId, deviceName, created } = await first.json();
  assert.equal(deviceName, "meter-1");
  assert.equal(created, true);
  assert.equal(await app.device(alice), deviceId);
  assert.notEqual(await app.device(alice, "meter-2"), deviceId);
  assert.notEqual(await app.device(bob), deviceId);
});

Deno.test("POST /api/monitor/register: takes the token from the body", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const response = await app.send("POST", "/api/monitor/register", {
    token: alice.agent,
    deviceName: "meter-1",
  });
  assert.equal(response.status, 200);
});

Deno.test("POST /api/monitor/register: refuses a missing token, a false one and a bad name", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const body = { deviceName: "meter-1" };
  const path = "/api/monitor/register";
  const missing = await app.send("POST", path, body);
  assert.equal(missing.status, 401);
  assert.match(missing.headers.get("www-authenticate") ?? "", /^Bearer/);
  const wrong = await app.send("POST", path, body, `${alice.agent}x`);
  assert.equal(wrong.status, 401);
  const notText = await app.send("POST", path, { ...body, token: 7 });
  assert.equal(notText.status, 401);
  for (const deviceName of ["", "  ", "a\u0000b", "x".repeat(129), 5]) {
    const bad = await app.send("POST", path, { deviceName }, alice.agent);
    assert.equal(bad.status, 400, JSON.stringify(deviceName));
    assert.equal((await bad.json()).errors[0].path, "deviceName");
  }
});

Deno.test("POST /api/monitor/connections: goes to the device registered last", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const path = "/api/monitor/connections";
  const none = await app.send("POST", path, connection(), alice.agent);
  assert.equal(none.status, 409);
  assert.equal((await none.json()).code, "device_missing");

  const first = await app.device(alice, "meter-1");
  const second = await app.device(alice, "meter-2");
  const single = await app.send("POST", path, connection(), alice.agent);
  assert.deepEqual(await single.json(), { accepted: 1 });
  assert.equal(await countOf(app, alice.session, second), 1);

  await app.device(alice, "meter-1");
  await app.send("POST", path, connection(), alice.agent);
  assert.equal(await countOf(app, alice.session, first), 1);
});

Deno.test("POST /api/monitor/connections: adds and refreshes, closes nothing", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const path = "/api/monitor/connections";
  const batch = await app.send("POST", path, {
    deviceId,
    connections: [connection(), connection({ destPort: 8883 })],
  }, alice.agent);
  assert.deepEqual(await batch.json(), { accepted: 2 });
  app.clock.advance(5);
  await app.send(
    "POST",
    path,
    { ...connection({ bytesIn: 9000 }), deviceId },
    alice.agent,
  );
  const { connections } = await detailOf(app, alice.session, deviceId);
  assert.equal(connections.length, 2);
  const refreshed = connections.find((c) => c.destPort === 4059);
  assert.equal(refreshed?.bytesIn, 9000);
  assert.equal(refreshed?.firstSeen, "2026-01-31T12:00:00.000Z");
  assert.equal(refreshed?.lastSeen, "2026-01-31T12:00:05.000Z");
});

Deno.test("POST /api/monitor/reports: a whole picture closes what it no longer has", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const send = (sequence: number, connections: unknown[]) =>
    app.send(
      "POST",
      "/api/monitor/reports",
      report(deviceId, sequence, connections),
      alice.agent,
    );
  const first = await send(1, [connection(), connection({ destPort: 8883 })]);
  assert.equal(first.status, 200);
  assert.deepEqual(await first.json(), {
    accepted: 2,
    sequence: 1,
    outcome: "stored",
  });
  await send(2, [connection({ destPort: 8883 })]);
  const { connections } = await detailOf(app, alice.session, deviceId);
  assert.deepEqual(connections.map((c) => c.destPort), [8883]);
  await send(3, []);
  assert.equal(await countOf(app, alice.session, deviceId), 0);
});

Deno.test("POST /api/monitor/reports: a sequence seen before or older changes nothing", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const send = async (sequence: number, connections: unknown[]) => {
    const body = report(deviceId, sequence, connections);
    const path = "/api/monitor/reports";
    return await (await app.send("POST", path, body, alice.agent)).json();
  };
  await send(5, [connection()]);
  assert.deepEqual(await send(5, []), {
    accepted: 0,
    sequence: 5,
    outcome: "duplicate",
  });
  assert.deepEqual(await send(4, []), {
    accepted: 0,
    sequence: 5,
    outcome: "stale",
  });
  assert.equal(await countOf(app, alice.session, deviceId), 1);
});

Deno.test("POST /api/monitor/reports: is refused whole when half of it is bad, each field by its path", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const response = await app.send(
    "POST",
    "/api/monitor/reports",
    report(deviceId, 1, [
      connection(),
      connection({ destPort: 65_536 }),
      connection({ protocol: "ICMP", sourceIp: "10.0.0.256" }),
      connection({ bytesIn: -1, bytesOut: 1.5 }),
    ]),
    alice.agent,
  );
  assert.equal(response.status, 400);
  const { errors } = await response.json();
  assert.deepEqual(errors.map(({ path }: { path: string }) => path), [
    "connections[1].destPort",
    "connections[2].protocol",
    "connections[2].sourceIp",
    "connections[3].bytesIn",
    "connections[3].bytesOut",
  ]);
  assert.equal(await countOf(app, alice.session, deviceId), 0);
  const { device } = await detailOf(app, alice.session, deviceId);
  assert.equal(device.lastSeen, null);
});

Deno.test("POST /api/monitor/*: somebody else's device is not found", async () => {
  await using app = await testApp();
  const [alice, bob] = [await app.account("alice"), await app.account("bob")];
  const deviceId = await app.device(alice);
  const reports = await app.send(
    "POST",
    "/api/monitor/reports",
    report(deviceId, 1, []),
    bob.agent,
  );
  assert.equal(reports.status, 404);
  const connections = await app.send("POST", "/api/monitor/connections", {
    ...connection(),
    deviceId,
  }, bob.agent);
  assert.equal(connections.status, 404);
});

Deno.test("connections: expire in the database and are never shown past their time", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  await app.send(
    "POST",
    "/api/monitor/reports",
    report(deviceId, 1, [connection()]),
    alice.agent,
  );
  app.clock.nowMs += CONNECTION_TTL_MS - 1;
  assert.equal(await countOf(app, alice.session, deviceId), 1);
  app.clock.nowMs += 1;
  // Deno KV deletes late, so the row is still there.
  const rows = await Array.fromAsync(
    app.kv.list({ prefix: ["connections", deviceId] }),
  );
  assert.equal(rows.length, 1);
  assert.equal(await countOf(app, alice.session, deviceId), 0);
  const { connections } = await detailOf(app, alice.session, deviceId);
  assert.deepEqual(connections, []);
});

interface Detail {
  device: { lastSeen: string | null; connectionCount: number };
  connections: {
    destPort: number;
    bytesIn: number | null;
    firstSeen: string;
    lastSeen: string;
  }[];
}

type App = Awaited<ReturnType<typeof testApp>>;

async function detailOf(
  app: App,
  session: string,
  deviceId: string,
): Promise<Detail> {
  const path = `/api/dashboard/user/${deviceId}`;
  const response = await app.send("GET", path, undefined, session);
  assert.equal(response.status, 200);
  return await response.json();
}

async function countOf(
  app: App,
  session: string,
  deviceId: string,
): Promise<number> {
  return (await detailOf(app, session, deviceId)).device.connectionCount;
}

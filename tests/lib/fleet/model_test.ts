import assert from "node:assert/strict";
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import type { Viewer } from "@/lib/domain/user.ts";
import { FleetModel } from "@/lib/fleet/model.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { packConnections } from "@/lib/store/connection_codec.ts";
import type { Presence } from "@/lib/store/snapshots.ts";
import { START } from "@/tests/support/app.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { device, presence } from "./support.ts";

const TTL_MS = 300_000;
const EVERYBODY: Viewer = { userId: "root", seesAll: true };
const ALICE: Viewer = { userId: "alice", seesAll: false };

/** A connection last seen at a time. */
const seen = (sourcePort: number, lastSeenAt = START) =>
  tracked({ sourcePort, firstSeenAt: lastSeenAt, lastSeenAt });

/** A model with one device, `id-1` of alice, as a report at START left it. */
function modelWith(
  connections: TrackedConnection[],
  overrides: Partial<Presence> = {},
) {
  const model = new FleetModel(TTL_MS);
  model.putDevice(device(), "Alice");
  put(model, connections, overrides);
  return model;
}

function put(
  model: FleetModel,
  connections: TrackedConnection[],
  overrides: Partial<Presence> = {},
): void {
  const packed = packConnections(connections);
  model.putSnapshot(
    "id-1",
    { presence: presence(overrides), packed, versionstamp: "1" },
    Picture.of(connections),
    overrides.lastSeenAt ?? START,
  );
}

/** What everybody's counts are at a time. */
function statsAt(model: FleetModel, nowMs: number) {
  model.advance(nowMs);
  assert.deepEqual(model.stats(ALICE), model.stats(EVERYBODY));
  return model.stats(ALICE);
}

Deno.test("FleetModel: a device that never reported is offline, also much later", () => {
  const model = new FleetModel(TTL_MS);
  model.putDevice(device(), "Alice");
  const expected = { total: 1, online: 0, offline: 1, connections: 0 };
  assert.deepEqual(statsAt(model, START), expected);
  assert.deepEqual(statsAt(model, START + 10 * TTL_MS), expected);
});

// Three intervals, and half a minute at least.
const PATIENCE: [intervalSeconds: number, onlineForMs: number][] = [
  [1, 30_000],
  [10, 30_000],
  [10.0001, 30_000],
  [10.001, 30_003],
  [11, 33_000],
  [60, 180_000],
  [86_400, 259_200_000],
];

for (const [intervalSeconds, onlineForMs] of PATIENCE) {
  Deno.test(`FleetModel: with an interval of ${intervalSeconds} s a device is online for ${onlineForMs} ms, not one more`, () => {
    const model = modelWith([], { intervalSeconds });
    assert.equal(statsAt(model, START).online, 1);
    assert.equal(statsAt(model, START + onlineForMs).online, 1);
    assert.deepEqual(statsAt(model, START + onlineForMs + 1), {
      total: 1,
      online: 0,
      offline: 1,
      connections: 0,
    });
    assert.equal(model.get("id-1")?.status, "offline");
  });
}

Deno.test("FleetModel: each report makes the time to be online start anew", () => {
  const model = modelWith([]);
  for (let at = START; at < START + 100_000; at += 10_000) {
    put(model, [], { lastSeenAt: at });
    assert.equal(statsAt(model, at + 9_999).online, 1);
  }
  assert.equal(statsAt(model, START + 120_000).online, 1);
  assert.equal(statsAt(model, START + 120_001).online, 0);
  put(model, [], { lastSeenAt: START + 500_000 });
  assert.equal(statsAt(model, START + 500_000).online, 1);
});

Deno.test("FleetModel: a connection counts until its time is over, to the millisecond", () => {
  const model = modelWith([seen(1), seen(2, START + 5)]);
  const at = (nowMs: number) => {
    const { connections } = statsAt(model, nowMs);
    const found = model.get("id-1");
    assert.ok(found);
    assert.equal(found.picture.connectionCount, connections);
    const live = model.connections(found, nowMs);
    assert.equal(live.length, connections);
    return live.map((c) => c.sourcePort);
  };
  assert.deepEqual(at(START + TTL_MS - 1), [1, 2]);
  assert.deepEqual(at(START + TTL_MS), [2]);
  assert.deepEqual(at(START + TTL_MS + 4), [2]);
  assert.deepEqual(at(START + TTL_MS + 5), []);
  assert.deepEqual(at(START + 10 * TTL_MS), []);
});

Deno.test("FleetModel.connections: leaves out what is past its time before the model is advanced", () => {
  const model = modelWith([seen(1), seen(2, START + 5)]);
  const found = model.get("id-1");
  assert.ok(found);
  assert.equal(model.connections(found, START + TTL_MS).length, 1);
});

Deno.test("FleetModel: a snapshot that is already old counts as it is when it is put", () => {
  const model = modelWith([]);
  put(model, [seen(1)]);
  model.advance(START + 10 * TTL_MS);
  // As a server finds it that was away.
  const packed = packConnections([seen(1)]);
  model.putSnapshot(
    "id-1",
    { presence: presence(), packed, versionstamp: "2" },
    Picture.ofPacked(packed),
    START + 10 * TTL_MS,
  );
  assert.deepEqual(model.stats(ALICE), {
    total: 1,
    online: 0,
    offline: 1,
    connections: 0,
  });
});

Deno.test("FleetModel.putDevice: what is new about a known device is taken over, its snapshot stays", () => {
  const model = modelWith([seen(1)]);
  model.putDevice(device({ deviceName: "Cellar" }), "Alice B");
  const found = model.get("id-1");
  assert.equal(found?.device.deviceName, "Cellar");
  assert.equal(found?.username, "Alice B");
  assert.equal(found?.status, "online");
  assert.deepEqual(statsAt(model, START), {
    total: 1,
    online: 1,
    offline: 0,
    connections: 1,
  });
});

Deno.test("FleetModel.visibleTo: users see their own devices, who sees all sees all", () => {
  const model = modelWith([]);
  model.putDevice(
    device({ id: "id-2", ownerId: "bob" }),
    "Bob",
  );
  const visible = (viewer: Viewer) =>
    [...model.visibleTo(viewer)].map(({ device }) => device.id);
  assert.deepEqual(visible(EVERYBODY), ["id-1", "id-2"]);
  assert.deepEqual(visible(ALICE), ["id-1"]);
  assert.deepEqual(visible({ userId: "bob", seesAll: false }), ["id-2"]);
  assert.deepEqual(visible({ userId: "carol", seesAll: false }), []);
  assert.equal(model.stats(ALICE).total, 1);
  assert.equal(model.stats(EVERYBODY).total, 2);
});

Deno.test("FleetModel.remove: takes a device out of every view and count", () => {
  const model = modelWith([seen(1)]);
  model.remove("id-1");
  model.remove("id-1");
  assert.equal(model.get("id-1"), undefined);
  assert.deepEqual([...model.visibleTo(ALICE)], []);
  const none = { total: 0, online: 0, offline: 0, connections: 0 };
  assert.deepEqual(statsAt(model, START), none);
  assert.deepEqual(statsAt(model, START + 10 * TTL_MS), none);
});

Deno.test("FleetModel.putSnapshot: a device that is gone stays gone", () => {
  const model = modelWith([seen(1)]);
  model.remove("id-1");
  put(model, [seen(1)]);
  assert.equal(model.get("id-1"), undefined);
  assert.equal(statsAt(model, START).connections, 0);
});

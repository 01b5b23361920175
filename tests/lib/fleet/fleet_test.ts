import assert from "node:assert/strict";
import type { User } from "@/lib/domain/user.ts";
import { viewerOf } from "@/lib/domain/user.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import { DeviceStore } from "@/lib/store/devices.ts";
import { Clock, CONNECTION_TTL_MS, START } from "@/tests/support/app.ts";
import { allKeys, testKv } from "@/tests/lib/store/support.ts";
import {
  account,
  ALL,
  connection,
  everything,
  openFleet,
  picture,
  portsOf,
  registered,
} from "./support.ts";

interface Fixture extends AsyncDisposable {
  kv: Deno.Kv;
  clock: Clock;
  fleet: Fleet;
  /** The administrator, who has no device. */
  root: User;
  alice: User;
  bob: User;
}

async function fixture(): Promise<Fixture> {
  const kv = await testKv();
  const clock = new Clock();
  const [root, alice, bob] = [
    await account(kv, "root"),
    await account(kv, "alice"),
    await account(kv, "bob"),
  ];
  const fleet = await openFleet(kv, clock);
  return {
    ...{ kv, clock, fleet, root, alice, bob },
    async [Symbol.asyncDispose]() {
      await fleet.close();
      await kv[Symbol.asyncDispose]();
    },
  };
}

/** The keys and versions of all rows: equal where nothing was written. */
async function versions(kv: Deno.Kv) {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.map(({ key, versionstamp }) => [key, versionstamp]);
}

Deno.test("Fleet.registerDevice: a new device is listed at once, offline and never seen", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  const { devices, stats, matched } = at.fleet.list(viewerOf(at.alice), ALL);
  assert.equal(matched, 1);
  assert.deepEqual(stats, { total: 1, online: 0, offline: 1, connections: 0 });
  const [device] = devices;
  assert.deepEqual([device?.id, device?.deviceName, device?.username], [
    id,
    "meter-1",
    "alice",
  ]);
  assert.deepEqual([device?.status, device?.lastSeen], ["offline", null]);
});

Deno.test("Fleet.registerDevice: an agent that starts again keeps its device and what it reported", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  await at.fleet.report(at.alice.id, picture(id, 1, [1, 2]));
  assert.equal(await registered(at.fleet, at.alice), id);
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [1, 2]);
  assert.equal(at.fleet.stats(viewerOf(at.alice)).online, 1);
});

Deno.test("Fleet.report: what is missing from the picture has closed", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  await at.fleet.report(at.alice.id, picture(id, 1, [1, 2]));
  at.clock.advance(10);
  const answer = await at.fleet.report(at.alice.id, picture(id, 2, [2, 3]));
  assert.deepEqual(answer, { accepted: 2, sequence: 2, outcome: "stored" });
  const { device, stats, connections } = at.fleet.detail(
    viewerOf(at.alice),
    id,
  );
  assert.deepEqual([device.status, device.connectionCount], ["online", 2]);
  assert.equal(stats.totalConnections, 2);
  assert.deepEqual(
    connections.map((c) => [c.sourcePort, c.firstSeen, c.lastSeen]),
    [
      [2, "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:10.000Z"],
      [3, "2026-01-31T12:00:10.000Z", "2026-01-31T12:00:10.000Z"],
    ],
  );
});

for (const [outcome, sequence] of [["duplicate", 5], ["stale", 4]] as const) {
  Deno.test(`Fleet.report: a ${outcome} report changes nothing, shown or stored`, async () => {
    await using at = await fixture();
    const id = await registered(at.fleet, at.alice);
    await at.fleet.report(at.alice.id, picture(id, 5, [1]));
    const before = await versions(at.kv);
    at.clock.advance(29);
    const shown = everything(at.fleet, viewerOf(at.alice));
    assert.deepEqual(
      await at.fleet.report(at.alice.id, picture(id, sequence, [7, 8])),
      { accepted: 0, sequence: 5, outcome },
    );
    assert.deepEqual(everything(at.fleet, viewerOf(at.alice)), shown);
    assert.deepEqual(await versions(at.kv), before);
    at.clock.advance(2);
    assert.equal(at.fleet.stats(viewerOf(at.alice)).online, 0);
  });
}

Deno.test("Fleet.report: a restarted agent counts, a late report of its last start does not", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  const of = (session: string, sequence: number, ports: number[]) =>
    at.fleet.report(
      at.alice.id,
      picture(id, sequence, ports, { session }),
    );
  await of("s-1", 40, [1]);
  assert.equal((await of("s-2", 0, [2])).outcome, "stored");
  assert.deepEqual(await of("s-1", 41, [1]), {
    accepted: 0,
    sequence: 0,
    outcome: "stale",
  });
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [2]);
});

Deno.test("Fleet.addConnections: adds to the picture and closes nothing", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  await at.fleet.report(at.alice.id, picture(id, 1, [1]));
  assert.deepEqual(
    await at.fleet.addConnections(at.alice.id, id, [
      connection(2),
      connection(3),
    ]),
    { accepted: 2 },
  );
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [1, 2, 3]);
});

Deno.test("Fleet.addConnections: without a device they go to the one registered last", async () => {
  await using at = await fixture();
  const first = await registered(at.fleet, at.alice, "meter-1");
  const second = await registered(at.fleet, at.alice, "meter-2");
  await registered(at.fleet, at.bob, "meter-3");
  await at.fleet.addConnections(at.alice.id, undefined, [connection(1)]);
  assert.deepEqual(portsOf(at.fleet, at.alice, second), [1]);
  await registered(at.fleet, at.alice, "meter-1");
  await at.fleet.addConnections(at.alice.id, undefined, [connection(2)]);
  assert.deepEqual(portsOf(at.fleet, at.alice, first), [2]);
});

Deno.test("Fleet.addConnections: where the device registered last is gone, they go to the newest that is left", async () => {
  await using at = await fixture();
  const viewer = viewerOf(at.alice);
  const ids: string[] = [];
  for (const name of ["meter-1", "meter-2", "meter-3"]) {
    ids.push(await registered(at.fleet, at.alice, name));
    at.clock.advance(1);
  }
  const [oldest = "", newer = "", newest = ""] = ids;
  await at.fleet.remove(viewer, newest);
  await at.fleet.addConnections(at.alice.id, undefined, [connection(1)]);
  assert.deepEqual(portsOf(at.fleet, at.alice, newer), [1]);
  assert.deepEqual(portsOf(at.fleet, at.alice, oldest), []);
});

Deno.test("Fleet.addConnections: refuses an account without a device", async () => {
  await using at = await fixture();
  await registered(at.fleet, at.bob);
  await assert.rejects(
    at.fleet.addConnections(at.alice.id, undefined, [connection(1)]),
    { code: "device_missing" },
  );
});

Deno.test("Fleet: somebody else's device is not found, save for the administrator", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  const [alice, bob, root] = [at.alice, at.bob, at.root].map(viewerOf);
  assert.ok(alice && bob && root);
  const refusals: Record<string, () => unknown> = {
    detail: () => at.fleet.detail(bob, id),
    rename: () => at.fleet.rename(bob, id, "mine"),
    remove: () => at.fleet.remove(bob, id),
    report: () => at.fleet.report(at.bob.id, picture(id, 1)),
    "report by the administrator": () =>
      at.fleet.report(at.root.id, picture(id, 1)),
    addConnections: () =>
      at.fleet.addConnections(at.bob.id, id, [connection(1)]),
    "nobody's device": () => at.fleet.detail(root, "nothing"),
  };
  for (const [what, attempt] of Object.entries(refusals)) {
    await assert.rejects(
      async () => await attempt(),
      { code: "not_found", message: "no such device" },
      what,
    );
  }
  assert.equal(at.fleet.list(bob, ALL).matched, 0);
  assert.equal(at.fleet.detail(root, id).device.username, "alice");
  assert.equal((await at.fleet.rename(root, id, "Cellar")).id, id);
  await at.fleet.remove(root, id);
  assert.equal(at.fleet.list(alice, ALL).matched, 0);
});

Deno.test("Fleet: a connection is not shown past its time, though KV still has it", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  await at.fleet.addConnections(at.alice.id, id, [connection(1)]);
  at.clock.nowMs = START + 7;
  await at.fleet.addConnections(at.alice.id, id, [connection(2)]);
  const before = await versions(at.kv);
  const shownAt = (nowMs: number) => {
    at.clock.nowMs = nowMs;
    const ports = portsOf(at.fleet, at.alice, id);
    assert.equal(
      at.fleet.stats(viewerOf(at.alice)).connections,
      ports.length,
    );
    return ports;
  };
  assert.deepEqual(shownAt(START + CONNECTION_TTL_MS - 1), [1, 2]);
  assert.deepEqual(shownAt(START + CONNECTION_TTL_MS), [2]);
  assert.deepEqual(shownAt(START + CONNECTION_TTL_MS + 6), [2]);
  assert.deepEqual(shownAt(START + CONNECTION_TTL_MS + 7), []);
  assert.deepEqual(await versions(at.kv), before);
  const again = await openFleet(at.kv, at.clock);
  assert.deepEqual(portsOf(again, at.alice, id), []);
  // What is past its time does not come back with the next one.
  await at.fleet.addConnections(at.alice.id, id, [connection(3)]);
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [3]);
});

Deno.test("Fleet: a device is online for three intervals after its report, half a minute at least", async () => {
  await using at = await fixture();
  for (const [intervalSeconds, patienceMs] of [[10, 30_000], [60, 180_000]]) {
    const name = `every ${intervalSeconds} s`;
    const id = await registered(at.fleet, at.alice, name);
    const reportedAt = at.clock.nowMs;
    await at.fleet.report(
      at.alice.id,
      picture(id, 1, [], { intervalSeconds }),
    );
    const statusAfter = (ms: number) => {
      at.clock.nowMs = reportedAt + ms;
      return at.fleet.detail(viewerOf(at.alice), id).device.status;
    };
    assert.ok(patienceMs);
    assert.equal(statusAfter(patienceMs), "online", name);
    assert.equal(statusAfter(patienceMs + 1), "offline", name);
  }
});

Deno.test("Fleet.rename: shows the new name and keeps all else", async () => {
  await using at = await fixture();
  const id = await registered(at.fleet, at.alice);
  await at.fleet.report(at.alice.id, picture(id, 1, [1]));
  const before = at.fleet.detail(viewerOf(at.alice), id);
  const view = await at.fleet.rename(viewerOf(at.alice), id, "Cellar");
  assert.deepEqual(view, { ...before.device, deviceName: "Cellar" });
  assert.deepEqual(at.fleet.detail(viewerOf(at.alice), id), {
    ...before,
    device: view,
  });
});

Deno.test("Fleet.rename: a taken name is refused and changes nothing", async () => {
  await using at = await fixture();
  const viewer = viewerOf(at.alice);
  const id = await registered(at.fleet, at.alice, "meter-1");
  await registered(at.fleet, at.alice, "meter-2");
  const before = everything(at.fleet, viewer);
  await assert.rejects(at.fleet.rename(viewer, id, "meter-2"), {
    code: "device_name_taken",
  });
  assert.deepEqual(everything(at.fleet, viewer), before);
});

Deno.test("Fleet.remove: nothing of the device is left, shown or stored", async () => {
  await using at = await fixture();
  const before = await allKeys(at.kv);
  const id = await registered(at.fleet, at.alice);
  await at.fleet.report(at.alice.id, picture(id, 1, [1, 2]));
  await at.fleet.remove(viewerOf(at.alice), id);
  assert.deepEqual(await allKeys(at.kv), before);
  assert.deepEqual(at.fleet.list(viewerOf(at.root), ALL), {
    devices: [],
    stats: { total: 0, online: 0, offline: 0, connections: 0 },
    matched: 0,
    nextCursor: null,
  });
  await assert.rejects(
    async () => await at.fleet.report(at.alice.id, picture(id, 2)),
    { code: "not_found" },
  );
});

Deno.test("Fleet.remove: a first report at the same time leaves nothing behind", async () => {
  await using at = await fixture();
  const before = await allKeys(at.kv);
  const id = await registered(at.fleet, at.alice);
  const [removed] = await Promise.allSettled([
    at.fleet.remove(viewerOf(at.alice), id),
    at.fleet.report(at.alice.id, picture(id, 1, [1])),
  ]);
  assert.equal(removed.status, "fulfilled");
  assert.deepEqual(await allKeys(at.kv), before);
  assert.equal(at.fleet.stats(viewerOf(at.root)).total, 0);
});

for (const change of ["remove", "rename"] as const) {
  Deno.test(`Fleet.${change}: a device that another process removed is forgotten`, async () => {
    await using at = await fixture();
    const viewer = viewerOf(at.alice);
    const id = await registered(at.fleet, at.alice);
    await new DeviceStore(at.kv).remove(id);
    const attempt = change === "remove"
      ? at.fleet.remove(viewer, id)
      : at.fleet.rename(viewer, id, "Cellar");
    await assert.rejects(attempt, { code: "not_found" });
    assert.equal(at.fleet.list(viewer, ALL).matched, 0);
  });
}

Deno.test("Fleet.checkStore: tells whether the database answers", async () => {
  const kv = await testKv();
  const fleet = await openFleet(kv, new Clock());
  await fleet.checkStore();
  kv.close();
  await assert.rejects(fleet.checkStore());
});

import assert from "node:assert/strict";
import { changedList, isOutdatedBy } from "@/islands/dashboard/list_change.ts";
import {
  DEVICE_SORTS,
  type DeviceChange,
  type DeviceQuery,
  type DeviceView,
} from "@/lib/contract/dashboard.ts";
import { deviceList, deviceView, QUERY } from "@/tests/components/views.ts";

const A = deviceView({ id: "a", deviceName: "meter-a" });
const B = deviceView({ id: "b", deviceName: "meter-b" });
const LIST = deviceList([A, B], { matched: 7, nextCursor: "next" });

function changeOf(change: Partial<DeviceChange>): DeviceChange {
  return { devices: [], removed: [], stats: LIST.stats, ...change };
}

Deno.test("changedList: takes new views in place, drops what was deleted, takes the totals", () => {
  const busy = { ...B, connectionCount: 9 };
  const stats = { total: 1, online: 1, offline: 0, connections: 9 };
  const list = changedList(
    LIST,
    changeOf({ devices: [busy], removed: ["a"], stats }),
  );
  assert.deepEqual(list, { ...LIST, devices: [busy], stats });
  assert.deepEqual(LIST.devices, [A, B], "the list before is as it was");
});

Deno.test("changedList: keeps the order, and the objects of what did not change", () => {
  const busy = { ...A, connectionCount: 9 };
  const list = changedList(LIST, changeOf({ devices: [busy] }));
  assert.deepEqual(list.devices, [busy, B]);
  assert.equal(list.devices[1], B);
});

Deno.test("changedList: a device that the list does not have does not join it", () => {
  const other = deviceView({ id: "c" });
  const list = changedList(
    LIST,
    changeOf({ devices: [other], removed: ["d"] }),
  );
  assert.deepEqual(list.devices, [A, B]);
});

/** Whether the list is out of date after meter a changed, under a query. */
const outdatedBy = (change: Partial<DeviceView>, query: Partial<DeviceQuery>) =>
  isOutdatedBy(LIST, changeOf({ devices: [{ ...A, ...change }] }), {
    ...QUERY,
    ...query,
  });

Deno.test("isOutdatedBy: a usual report changes nothing about a list by name", () => {
  const report: Partial<DeviceView> = {
    connectionCount: 9,
    protocols: ["TCP"],
    lastSeen: "2026-01-31T12:00:05.000Z",
    detectedIps: { source: ["10.0.0.1"], dest: [] },
    status: "offline",
  };
  assert.equal(outdatedBy(report, {}), false);
  assert.equal(outdatedBy(report, { sort: "username" }), false);
});

Deno.test("isOutdatedBy: a change of what the list is sorted by, and of nothing else", () => {
  const changes: Record<string, Partial<DeviceView>> = {
    deviceName: { deviceName: "meter-z" },
    username: { username: "bob" },
    status: { status: "offline" },
    connectionCount: { connectionCount: 9 },
    protocols: { protocols: ["UDP"] },
    detectedIps: { detectedIps: { source: ["10.9.9.9"], dest: [] } },
    lastSeen: { lastSeen: "2026-01-31T12:00:05.000Z" },
  };
  for (const sort of DEVICE_SORTS) {
    for (const [field, change] of Object.entries(changes)) {
      // Where the rest is equal, the name decides.
      const expected = field === sort || field === "deviceName";
      assert.equal(outdatedBy(change, { sort }), expected, `${sort}, ${field}`);
    }
  }
});

Deno.test("isOutdatedBy: a change of what is searched, while there is a search", () => {
  const peers: Partial<DeviceView> = {
    detectedIps: { ...A.detectedIps, dest: ["10.9.9.9"] },
  };
  const unlisted: Partial<DeviceView> = {
    detectedIpCounts: { source: 1, dest: 20 },
  };
  for (const change of [peers, unlisted, { deviceName: "x" }]) {
    assert.equal(outdatedBy(change, { q: "10." }), true);
  }
  assert.equal(outdatedBy(peers, {}), false);
  assert.equal(outdatedBy({ connectionCount: 9 }, { q: "10." }), false);
});

Deno.test("isOutdatedBy: totals by status count where the status decides", () => {
  const stats = { ...LIST.stats, online: 1, offline: 1 };
  const outdated = (query: Partial<DeviceQuery>) =>
    isOutdatedBy(LIST, changeOf({ stats }), { ...QUERY, ...query });
  assert.equal(outdated({}), false);
  assert.equal(outdated({ status: "online" }), true);
  assert.equal(outdated({ sort: "status" }), true);
  assert.equal(outdatedBy({ status: "offline" }, { status: "online" }), true);
});

Deno.test("isOutdatedBy: devices that came or went", () => {
  const stats = { ...LIST.stats, total: 3 };
  assert.equal(isOutdatedBy(LIST, changeOf({ stats }), QUERY), true);
  assert.equal(isOutdatedBy(LIST, changeOf({ removed: ["a"] }), QUERY), true);
  const connections = { ...LIST.stats, connections: 99 };
  assert.equal(
    isOutdatedBy(LIST, changeOf({ stats: connections }), QUERY),
    false,
  );
});

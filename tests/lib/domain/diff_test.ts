import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Connection,
  connectionKey,
  type TrackedConnection,
} from "@/lib/domain/connection.ts";
import { diffScan, mergeConnections } from "@/lib/domain/diff.ts";

function connection(
  sourcePort: number,
  fields: Partial<Connection> = {},
): Connection {
  return {
    protocol: "TCP",
    sourceIp: "10.0.0.1",
    sourcePort,
    destIp: "192.0.2.1",
    destPort: 4059,
    bytesIn: null,
    bytesOut: null,
    state: "ESTABLISHED",
    processName: null,
    ...fields,
  };
}

function seen(
  c: Connection,
  firstSeenAt: number,
  lastSeenAt = firstSeenAt,
): TrackedConnection {
  return { ...c, firstSeenAt, lastSeenAt };
}

Deno.test("diffScan: a first scan opens everything", () => {
  const scan = [connection(1), connection(2)];
  const diff = diffScan([], scan, 1000);
  assert.deepEqual(diff.current, scan.map((c) => seen(c, 1000)));
  assert.deepEqual(diff.opened, diff.current);
  assert.deepEqual(diff.closed, []);
});

Deno.test("diffScan: what stays keeps its first sighting and takes the new counts", () => {
  const known = [seen(connection(1, { bytesIn: 5 }), 1000)];
  const diff = diffScan(known, [connection(1, { bytesIn: 9 })], 2000);
  assert.deepEqual(diff.current, [
    seen(connection(1, { bytesIn: 9 }), 1000, 2000),
  ]);
  assert.deepEqual([diff.opened, diff.closed], [[], []]);
});

Deno.test("diffScan: what is missing has closed, as it was last seen", () => {
  const known = [seen(connection(1), 1000), seen(connection(2), 1000, 1500)];
  const diff = diffScan(known, [connection(1)], 2000);
  assert.deepEqual(diff.closed, [known[1]]);
  assert.deepEqual(diff.opened, []);
});

Deno.test("diffScan: an empty scan closes everything", () => {
  const known = [seen(connection(1), 1000)];
  assert.deepEqual(diffScan(known, [], 2000), {
    current: [],
    opened: [],
    closed: known,
  });
});

Deno.test("diffScan: a connection named twice counts once, as named last", () => {
  const twice = [connection(1, { bytesIn: 1 }), connection(1, { bytesIn: 2 })];
  const diff = diffScan([], twice, 1000);
  assert.deepEqual(diff.current.map((c) => c.bytesIn), [2]);
  assert.deepEqual(diff.opened, diff.current);
});

Deno.test("diffScan: a changed state is the same connection", () => {
  const known = [seen(connection(1), 1000)];
  const scan = [connection(1, { state: "TIME_WAIT" })];
  const diff = diffScan(known, scan, 2000);
  assert.deepEqual([diff.opened, diff.closed], [[], []]);
  assert.equal(diff.current[0]?.state, "TIME_WAIT");
});

const ports = fc.uniqueArray(fc.integer({ min: 1, max: 20 }));

Deno.test("diffScan: known + opened - closed is the new picture", () => {
  fc.assert(fc.property(ports, ports, (before, now) => {
    const known = before.map((port) => seen(connection(port), 1000));
    const diff = diffScan(known, now.map((port) => connection(port)), 2000);
    const keys = new Set(known.map(connectionKey));
    for (const c of diff.closed) assert.ok(keys.delete(connectionKey(c)));
    for (const c of diff.opened) {
      assert.ok(!keys.has(connectionKey(c)));
      keys.add(connectionKey(c));
    }
    assert.deepEqual(keys, new Set(diff.current.map(connectionKey)));
    assert.deepEqual(
      diff.current.map((c) => c.sourcePort),
      now,
      "in the order of the scan",
    );
  }));
});

Deno.test("diffScan: leaves what it was given as it was", () => {
  const known = Object.freeze([Object.freeze(seen(connection(1), 1000))]);
  const scan = Object.freeze([Object.freeze(connection(1))]);
  assert.equal(diffScan(known, scan, 2000).current.length, 1);
});

Deno.test("mergeConnections: adds and refreshes, and closes nothing", () => {
  const known = [
    seen(connection(1, { bytesIn: 1 }), 1000),
    seen(connection(2), 1000),
  ];
  const added = [connection(3), connection(1, { bytesIn: 7 })];
  assert.deepEqual(mergeConnections(known, added, 2000), [
    seen(connection(1, { bytesIn: 7 }), 1000, 2000),
    known[1],
    seen(connection(3), 2000),
  ]);
});

Deno.test("mergeConnections: a connection added twice counts once, as added last", () => {
  const added = [connection(1, { bytesIn: 1 }), connection(1, { bytesIn: 2 })];
  assert.deepEqual(mergeConnections([], added, 1000), [
    seen(connection(1, { bytesIn: 2 }), 1000),
  ]);
});

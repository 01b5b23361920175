import assert from "node:assert/strict";
import fc from "fast-check";
import type { Connection } from "@/lib/domain/connection.ts";
import { diffScan } from "@/lib/domain/diff.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { summarize } from "@/lib/fleet/summary.ts";
import { repackConnections } from "@/lib/store/connection_codec.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { connection } from "./support.ts";

/** Scans of a few sockets, so that one often repeats, reorders or changes the one before. */
const scan: fc.Arbitrary<Connection[]> = fc.array(
  fc.record({
    sourcePort: fc.integer({ min: 1, max: 4 }),
    bytesIn: fc.option(fc.maxSafeNat()),
    state: fc.constantFrom("ESTABLISHED", "CLOSE_WAIT", null),
    destIp: fc.constantFrom("10.0.0.1", "fe80::1%eth0"),
  }).map(({ sourcePort, ...rest }) => connection(sourcePort, rest)),
  { maxLength: 5 },
);

Deno.test("Picture.replacedBy: is what a diff of the scans gives, at any time", () => {
  const scans = fc.array(
    fc.record({ scan, repeated: fc.boolean(), nowMs: fc.nat({ max: 1_000 }) }),
    { maxLength: 6 },
  );
  fc.assert(fc.property(scans, (steps) => {
    let picture = Picture.EMPTY;
    let previous: Connection[] = [];
    for (const { scan, repeated, nowMs } of steps) {
      const sent = repeated ? previous : scan;
      const { current } = diffScan(picture.connections(), sent, nowMs);
      picture = picture.replacedBy(sent, nowMs);
      assert.deepEqual(picture.connections(), current);
      assert.deepEqual(picture.summary, summarize(current));
      assert.equal(picture.connectionCount, current.length);
      const seen = current.map((c) => c.lastSeenAt);
      assert.equal(picture.expiresAt(10), Math.min(...seen) + 10);
      previous = current.map(({ firstSeenAt: _, lastSeenAt: __, ...c }) => c);
    }
  }));
});

Deno.test("Picture.ofPacked: knows the picture by its bytes alone", () => {
  const picture = Picture.of([
    tracked({ sourcePort: 1, lastSeenAt: 50, firstSeenAt: 10 }),
    tracked({ sourcePort: 2, lastSeenAt: 90, firstSeenAt: 90 }),
  ]);
  const again = Picture.ofPacked(picture.packed);
  assert.equal(again.connectionCount, 2);
  assert.equal(again.oldestSeenAt, 50);
  assert.equal(again.newestSeenAt, 90);
  assert.deepEqual(again.connections(), picture.connections());
});

Deno.test("Picture.liveAt: leaves out what is past its time, and is itself before that", () => {
  const picture = Picture.of([
    tracked({ sourcePort: 1, lastSeenAt: 50 }),
    tracked({ sourcePort: 2, lastSeenAt: 90 }),
  ]);
  assert.equal(picture.liveAt(149, 100), picture);
  const ports = (nowMs: number) =>
    picture.liveAt(nowMs, 100).connections().map((c) => c.sourcePort);
  assert.deepEqual(ports(150), [2]);
  assert.deepEqual(ports(190), []);
});

Deno.test("repackConnections: takes counters over, and nothing where a socket differs", () => {
  const { packed } = Picture.EMPTY.replacedBy(
    [connection(1), connection(2)],
    5,
  );
  const same = [connection(1, { bytesIn: 7 }), connection(2)];
  assert.ok(repackConnections(packed, same, 9));
  const others = [
    [connection(2), connection(1)],
    [connection(1)],
    [connection(1), connection(2, { state: "CLOSE_WAIT" })],
    [connection(1), connection(2, { processName: null })],
    [connection(1), connection(2, { destIp: "10.9.9.9" })],
    [connection(1), connection(2, { protocol: "UDP" })],
  ];
  for (const scan of others) {
    assert.equal(repackConnections(packed, scan, 9), null);
  }
});

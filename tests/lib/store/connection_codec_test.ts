import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalIp } from "@/lib/domain/address.ts";
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import {
  packConnections,
  unpackConnections,
} from "@/lib/store/connection_codec.ts";
import { tracked } from "./support.ts";

/** The latest time that a Date can hold. */
const LATEST_TIME_MS = 8.64e15;

const canonical = (text: string) => canonicalIp(text) ?? "::";
const zone = fc.stringMatching(/^[0-9A-Za-z._~-]{1,32}$/);
const ipv6 = fc.ipV6().map(canonical);
const zonedIpv6 = fc.tuple(fc.ipV6(), zone)
  .map(([ip, zone]) => canonical(`${ip}%${zone}`));
const ip = fc.oneof(fc.ipV4(), ipv6, zonedIpv6);
const port = fc.oneof(
  fc.constantFrom(0, 255, 256, 65_535),
  fc.nat({ max: 65_535 }),
);
const byteCount = fc.option(fc.oneof(
  fc.constantFrom(0, 127, 128, 2 ** 32, Number.MAX_SAFE_INTEGER),
  fc.maxSafeNat(),
));
const word = fc.option(fc.oneof(
  fc.constantFrom("ESTABLISHED", "zähler-📟", "\ufeffmarked", ""),
  fc.string({ unit: "binary", maxLength: 256 }),
));
const time = fc.integer({ min: 0, max: LATEST_TIME_MS });

const connection: fc.Arbitrary<TrackedConnection> = fc.record({
  protocol: fc.constantFrom("TCP", "UDP"),
  sourceIp: ip,
  sourcePort: port,
  destIp: ip,
  destPort: port,
  bytesIn: byteCount,
  bytesOut: byteCount,
  state: word,
  processName: word,
  firstSeenAt: time,
  lastSeenAt: time,
}, { noNullPrototype: true });

Deno.test("unpackConnections: gives back any connections that were packed", () => {
  fc.assert(fc.property(fc.array(connection), (connections) => {
    assert.deepEqual(
      unpackConnections(packConnections(connections)),
      connections,
    );
  }));
});

Deno.test("packConnections: takes each extreme of a field", () => {
  const extremes = [
    tracked({ bytesIn: Number.MAX_SAFE_INTEGER, bytesOut: 0 }),
    tracked({ bytesIn: null, bytesOut: Number.MAX_SAFE_INTEGER }),
    tracked({ sourceIp: "255.255.255.255", destIp: "0.0.0.0" }),
    tracked({ sourceIp: "fe80::1%eth0", destIp: "::" }),
    tracked({ sourcePort: 65_535, destPort: 0 }),
    tracked({ firstSeenAt: 0, lastSeenAt: LATEST_TIME_MS }),
    tracked({ firstSeenAt: LATEST_TIME_MS, lastSeenAt: 0 }),
    tracked({ state: null, processName: "🔌📟" }),
  ];
  assert.deepEqual(unpackConnections(packConnections(extremes)), extremes);
});

Deno.test("packConnections: no connections are still a picture", () => {
  assert.deepEqual(unpackConnections(packConnections([])), []);
});

Deno.test("packConnections: takes about 30 bytes a connection", () => {
  const connections = Array.from(
    { length: 1_000 },
    (_, i) => tracked({ sourcePort: i, bytesIn: 100_000 + i }),
  );
  const { length } = packConnections(connections);
  assert.ok(length <= 30_000, `${length} bytes`);
});

Deno.test("unpackConnections: refuses bytes that were cut off anywhere", () => {
  const packed = packConnections([
    tracked({ destIp: "2001:db8::1", lastSeenAt: 5, firstSeenAt: 1 }),
    tracked({ bytesIn: 2 ** 40 }),
  ]);
  for (let length = 0; length < packed.length; length++) {
    assert.throws(
      () => unpackConnections(packed.subarray(0, length)),
      /packed connections/,
      `cut to ${length} bytes`,
    );
  }
});

Deno.test("unpackConnections: refuses bytes behind the last connection", () => {
  const packed = packConnections([tracked()]);
  assert.throws(
    () => unpackConnections(new Uint8Array([...packed, 0])),
    /damaged/,
  );
});

Deno.test("unpackConnections: refuses a version that it does not know", () => {
  const packed = packConnections([tracked()]);
  packed[0] = 1;
  assert.throws(() => unpackConnections(packed), /unknown version 1/);
});

// Version, the sockets behind their length, base 0 and no older sighting, counters: by hand.
const SOCKET = [10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 0];
const COUNTERS = [0, 0, 0, 0];
const DAMAGED: Record<string, number[]> = {
  "text that is no UTF-8": [2, 4, 0, 1, 1, 0xff, 0, 0],
  "text longer than the rest": [2, 4, 0, 1, 9, 65, 0, 0],
  "a string that is not there": [
    ...[2, 14, 1, 2, 0, 10, 0, 0, 2, 0, 1, 0, 2, 0, 0, 0],
    ...COUNTERS,
  ],
  "flags of no meaning": [2, 17, 1, 8, ...SOCKET, 0, ...COUNTERS],
  "counters' flags of no meaning": [2, 17, 1, 0, ...SOCKET, 0, 0, 0, 8, 0],
  "sockets longer than the rest": [2, 99, 1, 0, ...SOCKET, 0, ...COUNTERS],
  "a number past 2^53 - 1": [
    ...[2, 2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
  ],
};

Deno.test("unpackConnections: reads the layout as the damaged ones of these tests have it", () => {
  const whole = new Uint8Array([2, 17, 1, 0, ...SOCKET, 0, ...COUNTERS]);
  assert.equal(unpackConnections(whole)[0]?.destIp, "10.0.0.2");
});

for (const [what, bytes] of Object.entries(DAMAGED)) {
  Deno.test(`unpackConnections: refuses ${what}`, () => {
    assert.throws(
      () => unpackConnections(new Uint8Array(bytes)),
      /packed connections are damaged/,
    );
  });
}

Deno.test("unpackConnections: ends on any bytes, with connections or an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      assert.ok(Array.isArray(unpackConnections(bytes)));
    } catch (error) {
      assert.match(String(error), /packed connections/);
    }
  }));
});

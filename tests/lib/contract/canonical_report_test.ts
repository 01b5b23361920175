import assert from "node:assert/strict";
import fc from "fast-check";
import { readCanonicalReport } from "@/lib/contract/canonical_report.ts";
import { reportRequest } from "@/lib/contract/monitor.ts";
import { connection, report } from "@/tests/support/app.ts";

const CANONICAL = report("device-1", 7, [
  connection(),
  connection({
    protocol: "UDP",
    sourceIp: "fe80::1%eth0",
    destIp: "2001:db8::7",
    bytesIn: null,
    bytesOut: Number.MAX_SAFE_INTEGER,
    state: null,
    processName: "my meter (v2)",
  }),
], { scannedAt: "2026-01-31T12:00:00.000Z" });

/** Values that are good, nearly good and bad, for any field. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    ...[undefined, null, "", " ", "TCP", "tcp", "UDP", "SCTP", 0, -0, -1, 1.5],
    ...[65_535, 65_536, 2 ** 53, NaN, Infinity, "80", true, [], {}],
    ...["10.0.0.1", "010.0.0.1", "::1", "::0001", "FE80::1", "fe80::1%eth0"],
    ...["::ffff:1.2.3.4", "1.2.3.4%eth0", "LISTEN", " LISTEN", "a\u0000b"],
    ...["x".repeat(32), "x".repeat(33), "x".repeat(64), "x".repeat(65)],
    ...["x".repeat(256), "x".repeat(257), "zähler", "\u202eevil", "\ud800"],
    ...["2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00Z"],
    ...["2026-02-30T12:00:00.000Z", "1969-12-31T23:59:59.999Z", 86_401, 0.5],
  ),
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.ipV4(),
  fc.ipV6(),
);

const connectionFields = Object.keys(connection());
const mutatedConnection = fc.tuple(
  fc.constantFrom(...connectionFields),
  anything,
).map(([field, value]) => connection({ [field]: value }));
const mutatedReport = fc.tuple(
  fc.constantFrom(...Object.keys(CANONICAL), "token"),
  anything,
  fc.array(fc.oneof(fc.constant(connection()), mutatedConnection, anything), {
    maxLength: 4,
  }),
).map(([field, value, connections]) => ({
  ...CANONICAL,
  connections,
  [field]: value,
}));

Deno.test("readCanonicalReport: what it reads is what the schema reads", () => {
  fc.assert(
    fc.property(mutatedReport, (value) => {
      const short = readCanonicalReport(value);
      if (short === null) return;
      const { token: _, ...long } = reportRequest.parse(value);
      assert.deepEqual({ ...short }, { session: undefined, ...long });
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("readCanonicalReport: takes what our agents send without the schema", () => {
  const read = readCanonicalReport(CANONICAL);
  assert.deepEqual(read, reportRequest.parse(CANONICAL));
  assert.equal(read?.connections[0], CANONICAL.connections[0]);
});

Deno.test("readCanonicalReport: leaves to the schema what must be normalised or refused", () => {
  const others: Record<string, unknown>[] = [
    { protocol: "tcp" },
    { sourceIp: "::ffff:10.0.0.1" },
    { bytesIn: undefined },
    { state: " LISTEN " },
    { processName: "zähler" },
    { destPort: 70_000 },
  ];
  for (const fields of others) {
    const value = { ...CANONICAL, connections: [connection(fields)] };
    assert.equal(readCanonicalReport(value), null, JSON.stringify(fields));
  }
  for (const value of [null, [], "report", 7, undefined]) {
    assert.equal(readCanonicalReport(value), null);
  }
});

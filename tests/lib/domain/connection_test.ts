import assert from "node:assert/strict";
import fc from "fast-check";
import {
  connectionKey,
  isListening,
  PROTOCOLS,
  SOCKET_STATES,
  sumKnown,
} from "@/lib/domain/connection.ts";

// Few values, so that equal ends and ends that differ in one part do occur.
const ip = fc.constantFrom("10.0.0.1", "10.0.0.11", "::1", "fe80::1%eth0");
const port = fc.constantFrom(0, 1, 11, 443);
const identity = fc.record({
  protocol: fc.constantFrom(...PROTOCOLS),
  sourceIp: ip,
  sourcePort: port,
  destIp: ip,
  destPort: port,
});

Deno.test("connectionKey: is equal for equal ends and differs for any other", () => {
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      assert.equal(connectionKey(a), connectionKey({ ...a }));
      const same = JSON.stringify(a) === JSON.stringify(b);
      assert.equal(connectionKey(a) === connectionKey(b), same);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("connectionKey: changes with each of its five parts", () => {
  const base = {
    protocol: "TCP",
    sourceIp: "10.0.0.1",
    sourcePort: 1,
    destIp: "10.0.0.2",
    destPort: 2,
  } as const;
  const keys = [
    base,
    { ...base, protocol: "UDP" } as const,
    { ...base, sourceIp: "10.0.0.3" },
    { ...base, sourcePort: 12 },
    { ...base, destIp: "10.0.0.3" },
    { ...base, destPort: 3 },
  ].map(connectionKey);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("isListening: is true for LISTEN and UNCONN alone", () => {
  const listening = SOCKET_STATES.filter((state) => isListening({ state }));
  assert.deepEqual(listening, ["LISTEN", "UNCONN"]);
  assert.equal(isListening({ state: null }), false);
  assert.equal(isListening({ state: "listen" }), false);
});

Deno.test("sumKnown: adds what is known", () => {
  assert.equal(sumKnown([1, null, 2]), 3);
  assert.equal(sumKnown([0]), 0);
  assert.equal(sumKnown(new Set([5, 7])), 12);
});

Deno.test("sumKnown: is null where nothing is known, never 0", () => {
  assert.equal(sumKnown([]), null);
  assert.equal(sumKnown([null, null]), null);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { isUnspecified } from "@/lib/domain/address.ts";
import { packConnections } from "@/lib/store/connection_codec.ts";
import { AddressSearch, packedSources } from "@/lib/store/packed_addresses.ts";
import { tracked } from "./support.ts";

const ipv4 = fc.array(fc.constantFrom(0, 1, 5, 10, 15, 101, 110, 255), {
  minLength: 4,
  maxLength: 4,
}).map((octets) => octets.join("."));
const ip = fc.oneof(
  { weight: 4, arbitrary: ipv4 },
  fc.constantFrom("::", "::1", "fe80::15%Eth0.1", "2001:db8::10"),
);
const socket = fc.record({
  sourceIp: ip,
  destIp: ip,
  protocol: fc.constantFrom<"TCP" | "UDP">("TCP", "UDP"),
  state: fc.constantFrom("LISTEN", null, "1.5", "fe80::9"),
  processName: fc.option(fc.string({ maxLength: 5 })),
});
const connections = fc.array(socket, { maxLength: 6 }).map((sockets) =>
  sockets.map((each, sourcePort) => tracked({ ...each, sourcePort }))
);

/** Texts that are often part of an address, and some that never are. */
const wanted = fc.oneof(
  fc.tuple(ip, fc.nat({ max: 14 }), fc.nat({ max: 14 })).map((
    [text, from, length],
  ) => text.toLowerCase().slice(from, from + length + 1)),
  fc.string({ unit: fc.constantFrom(..."0125.:fe%-"), maxLength: 6 }),
  fc.constantFrom("256", "1.2.3.4.5", "..", "e", "meter 1", "ä"),
).filter((text) => text !== "");

Deno.test("AddressSearch: finds what is part of an address, and nothing else", () => {
  fc.assert(
    fc.property(connections, wanted, (connections, wanted) => {
      const isPart = connections.flatMap((c) => [c.sourceIp, c.destIp]).some(
        (ip) => !isUnspecified(ip) && ip.toLowerCase().includes(wanted),
      );
      const search = new AddressSearch(wanted);
      assert.equal(search.isIn(packConnections(connections)), isPart);
      if (isPart) assert.ok(search.isPossible);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("AddressSearch: knows what no address has, and finds nothing in no bytes", () => {
  for (const text of ["", "hello world", "zähler", "gr\u00fcn", "a/b"]) {
    assert.equal(new AddressSearch(text).isPossible, false, text);
  }
  assert.equal(new AddressSearch("1").isIn(new Uint8Array()), false);
});

Deno.test("packedSources: tells protocols and source addresses, each once", () => {
  fc.assert(fc.property(connections, (connections) => {
    const { hasTcp, hasUdp, sourceIps } = packedSources(
      packConnections(connections),
    );
    assert.equal(hasTcp, connections.some((c) => c.protocol === "TCP"));
    assert.equal(hasUdp, connections.some((c) => c.protocol === "UDP"));
    const expected = new Set(connections.map((c) => c.sourceIp));
    expected.delete("0.0.0.0");
    expected.delete("::");
    assert.deepEqual(sourceIps.toSorted(), [...expected].sort());
  }));
});

Deno.test("packed addresses: refuse bytes that are not of the codec's making", () => {
  const packed = packConnections([tracked(), tracked({ destIp: "2001::1" })]);
  const readers = [
    packedSources,
    (bytes: Uint8Array) => new AddressSearch("2002::").isIn(bytes),
  ];
  for (const read of readers) {
    assert.throws(() => read(packed.with(0, 77)), /unknown version 77/);
    assert.throws(() => read(packed.slice(0, 20)), /damaged/);
  }
});

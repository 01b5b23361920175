import assert from "node:assert/strict";
import { MAX_LISTED_IPS } from "@/lib/contract/dashboard.ts";
import { firstListed, summarize } from "@/lib/fleet/summary.ts";
import { tracked } from "@/tests/lib/store/support.ts";

Deno.test("summarize: no connections", () => {
  assert.deepEqual(summarize([]), {
    connectionCount: 0,
    listeningCount: 0,
    protocols: [],
    sourceIps: [],
    destIps: [],
    sourceIpCount: 0,
    destIpCount: 0,
  });
});

Deno.test("summarize: counts connections, and the listening ones of them", () => {
  const summary = summarize([
    tracked(),
    tracked({ state: "LISTEN", destIp: "0.0.0.0", destPort: 0 }),
    tracked({ protocol: "UDP", state: "UNCONN" }),
    tracked({ state: null }),
  ]);
  assert.equal(summary.connectionCount, 4);
  assert.equal(summary.listeningCount, 2);
});

Deno.test("summarize: names each protocol once, TCP first", () => {
  const [tcp, udp] = [tracked(), tracked({ protocol: "UDP" })];
  assert.deepEqual(summarize([udp, tcp, udp]).protocols, ["TCP", "UDP"]);
  assert.deepEqual(summarize([tcp, tcp]).protocols, ["TCP"]);
  assert.deepEqual(summarize([udp]).protocols, ["UDP"]);
});

Deno.test("summarize: lists each address once, in order, loopback last, and none that stands for any", () => {
  const summary = summarize([
    tracked({ sourceIp: "127.0.0.1", destIp: "192.0.2.9" }),
    tracked({ sourceIp: "10.0.0.2", destIp: "192.0.2.1" }),
    tracked({ sourceIp: "10.0.0.1", destIp: "192.0.2.9" }),
    tracked({ sourceIp: "0.0.0.0", destIp: "::" }),
    tracked({ sourceIp: "::1", destIp: "::1" }),
  ]);
  assert.deepEqual(summary.sourceIps, [
    "10.0.0.1",
    "10.0.0.2",
    "127.0.0.1",
    "::1",
  ]);
  assert.deepEqual(summary.destIps, ["192.0.2.1", "192.0.2.9", "::1"]);
  assert.deepEqual([summary.sourceIpCount, summary.destIpCount], [4, 3]);
});

Deno.test("summarize: lists a few addresses and counts all", () => {
  const connections = Array.from(
    { length: 30 },
    (_, i) => tracked({ destIp: `192.0.2.${i}` }),
  );
  const summary = summarize(connections);
  assert.equal(summary.destIps.length, MAX_LISTED_IPS);
  assert.equal(summary.destIpCount, 30);
});

Deno.test("summarize: the order of connections changes nothing", () => {
  const connections = Array.from(
    { length: 12 },
    (_, i) =>
      tracked({ sourceIp: `10.0.0.${i}`, destIp: `fe80::${i}%eth${i}` }),
  );
  assert.deepEqual(
    summarize(connections.toReversed()),
    summarize(connections),
  );
});

Deno.test("firstListed: is the address that the list shows first", () => {
  const ips = ["127.0.0.1", "10.0.0.9", "10.0.0.10", "::1"];
  for (const some of [ips, ips.toReversed(), ips.slice(1), ["::1"], []]) {
    const { sourceIps } = summarize(
      some.map((ip) => tracked({ sourceIp: ip })),
    );
    assert.equal(firstListed(some), sourceIps[0]);
  }
});

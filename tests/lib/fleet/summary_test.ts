import assert from "node:assert/strict";
import { MAX_LISTED_IPS } from "@/lib/contract/dashboard.ts";
import { summarize } from "@/lib/fleet/summary.ts";
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
    searchText: "",
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

Deno.test("summarize: lists a few addresses, counts all and finds all", () => {
  const connections = Array.from(
    { length: 30 },
    (_, i) => tracked({ destIp: `192.0.2.${i}` }),
  );
  const summary = summarize(connections);
  assert.equal(summary.destIps.length, MAX_LISTED_IPS);
  assert.equal(summary.destIpCount, 30);
  for (const { destIp } of connections) {
    assert.ok(summary.searchText.split(" ").includes(destIp));
  }
});

Deno.test("summarize: the order of connections changes nothing", () => {
  const connections = Array.from(
    { length: 12 },
    (_, i) =>
      tracked({ sourceIp: `10.0.0.${i}`, destIp: `fe80::${i}%eth${i}` }),
  );
  const { searchText: _, ...forwards } = summarize(connections);
  const { searchText: __, ...backwards } = summarize(connections.toReversed());
  assert.deepEqual(forwards, backwards);
});

Deno.test("summarize: the text for the search is in lower case", () => {
  const summary = summarize([tracked({ destIp: "fe80::1%Ethernet" })]);
  assert.deepEqual(summary.destIps, ["fe80::1%Ethernet"]);
  assert.ok(summary.searchText.includes("fe80::1%ethernet"));
});

import assert from "node:assert/strict";
import {
  chooseConnections,
  type ConnectionChoice,
  DEFAULT_CHOICE,
  occurringStates,
  UNKNOWN_STATE,
} from "@/islands/dashboard/connection_rows.ts";
import type { ConnectionView } from "@/lib/contract/dashboard.ts";
import { connectionView } from "@/tests/components/views.ts";

const CONNECTIONS = [
  connectionView({
    destIp: "10.200.0.9",
    destPort: 443,
    bytesIn: 10,
    processName: "Curl",
  }),
  connectionView({
    destIp: "10.200.0.10",
    destPort: 4059,
    bytesIn: null,
    state: null,
  }),
  connectionView({
    protocol: "UDP",
    destIp: "2001:db8::1",
    destPort: 123,
    bytesIn: 9,
    state: "UNCONN",
    processName: null,
  }),
];

const choose = (change: Partial<ConnectionChoice>) =>
  chooseConnections(CONNECTIONS, { ...DEFAULT_CHOICE, ...change });
const ports = (connections: ConnectionView[]) =>
  connections.map((c) => c.destPort);

Deno.test("chooseConnections: sorts figures as figures, and unknown ones last either way", () => {
  assert.deepEqual(ports(choose({ sort: "bytesIn", order: "asc" })), [
    123,
    443,
    4059,
  ]);
  assert.deepEqual(ports(choose({ sort: "bytesIn", order: "desc" })), [
    443,
    123,
    4059,
  ]);
});

Deno.test("chooseConnections: sorts addresses by their numbers", () => {
  const sorted = choose({ sort: "destination", order: "asc" });
  assert.deepEqual(sorted.map((c) => c.destIp), [
    "10.200.0.9",
    "10.200.0.10",
    "2001:db8::1",
  ]);
});

Deno.test("chooseConnections: sorts names without regard to case", () => {
  const sorted = choose({ sort: "program", order: "asc" });
  assert.deepEqual(sorted.map((c) => c.processName), ["Curl", "meterd", null]);
});

Deno.test("chooseConnections: finds a text in address, port, service, state and program", () => {
  const found = (text: string) => ports(choose({ text })).sort();
  assert.deepEqual(found("10.200.0.9:443"), [443]);
  assert.deepEqual(found("dlms"), [4059]);
  assert.deepEqual(found(" NTP "), [123]);
  assert.deepEqual(found("curl"), [443]);
  assert.deepEqual(found("unconn"), [123]);
  assert.deepEqual(found("nothing"), []);
});

Deno.test("chooseConnections: filters by protocol and by state, the unknown one included", () => {
  assert.deepEqual(ports(choose({ protocol: "UDP" })), [123]);
  assert.deepEqual(ports(choose({ state: "ESTABLISHED" })), [443]);
  assert.deepEqual(ports(choose({ state: UNKNOWN_STATE })), [4059]);
  assert.deepEqual(ports(choose({ protocol: "TCP", state: "UNCONN" })), []);
});

Deno.test("chooseConnections: leaves its input as it was", () => {
  const before = [...CONNECTIONS];
  choose({ sort: "bytesIn", order: "asc" });
  assert.deepEqual(CONNECTIONS, before);
});

Deno.test("occurringStates: names each once", () => {
  assert.deepEqual(occurringStates([...CONNECTIONS, ...CONNECTIONS]), [
    "ESTABLISHED",
    "UNCONN",
    UNKNOWN_STATE,
  ]);
});

import assert from "node:assert/strict";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";
import {
  connectionInput,
  connectionsRequest,
  registerDeviceRequest,
  reportRequest,
  singleConnectionRequest,
} from "@/lib/contract/monitor.ts";
import { refusals, refusedPaths } from "./refusals.ts";

const CONNECTION = {
  protocol: "TCP",
  sourceIp: "10.20.0.7",
  sourcePort: 49_152,
  destIp: "192.0.2.10",
  destPort: 4059,
};

function report(fields: Record<string, unknown> = {}) {
  return {
    deviceId: "d-1",
    session: "s-1",
    sequence: 1,
    scannedAt: "2026-01-31T12:00:00Z",
    intervalSeconds: 10,
    connections: [CONNECTION],
    ...fields,
  };
}

Deno.test("connectionInput: takes the five parts of an identity and makes the rest unknown", () => {
  assert.deepEqual(connectionInput.parse(CONNECTION), {
    ...CONNECTION,
    bytesIn: null,
    bytesOut: null,
    state: null,
    processName: null,
  });
});

Deno.test("connectionInput: takes everything that a kernel tells", () => {
  const full = {
    ...CONNECTION,
    bytesIn: 0,
    bytesOut: 9_007_199_254_740_991,
    state: "ESTABLISHED",
    processName: "meterd",
  };
  assert.deepEqual(connectionInput.parse(full), full);
});

Deno.test("connectionInput: brings addresses and protocol to one form", () => {
  const parsed = connectionInput.parse({
    ...CONNECTION,
    protocol: "udp",
    sourceIp: "::ffff:10.20.0.7",
    destIp: "2001:DB8::0:1",
  });
  assert.equal(parsed.protocol, "UDP");
  assert.equal(parsed.sourceIp, "10.20.0.7");
  assert.equal(parsed.destIp, "2001:db8::1");
});

Deno.test("connectionInput: names every bad field at once", () => {
  assert.deepEqual(
    refusals(connectionInput, {
      protocol: "ICMP",
      sourceIp: "10.0.0.256",
      sourcePort: -1,
      destIp: "example.org",
      destPort: 65_536,
      bytesIn: -5,
      bytesOut: 1.5,
      state: "x".repeat(33),
      processName: 7,
    }),
    [
      'protocol: must be TCP or UDP, not "ICMP"',
      'sourceIp: must be an IPv4 or IPv6 address, not "10.0.0.256"',
      "sourcePort: must be from 0 to 65535",
      'destIp: must be an IPv4 or IPv6 address, not "example.org"',
      "destPort: must be from 0 to 65535",
      "bytesIn: must not be negative",
      "bytesOut: must be a whole number of bytes, or null where unknown",
      "state: must have at most 32 characters",
      "processName: must be a string, or null where unknown",
    ],
  );
});

Deno.test("connectionInput: names every missing field", () => {
  assert.deepEqual(refusedPaths(connectionInput, {}), [
    "protocol",
    "sourceIp",
    "sourcePort",
    "destIp",
    "destPort",
  ]);
});

Deno.test("connectionInput: drops fields it does not know", () => {
  const parsed = connectionInput.parse({ ...CONNECTION, isAdmin: true });
  assert.equal("isAdmin" in parsed, false);
});

Deno.test("registerDeviceRequest: needs a name and nothing else", () => {
  assert.deepEqual(
    registerDeviceRequest.parse({ deviceName: " meter-0042 " }),
    { deviceName: "meter-0042", os: null, agentVersion: null },
  );
  assert.deepEqual(refusals(registerDeviceRequest, {}), [
    "deviceName: deviceName must be a string",
  ]);
});

Deno.test("registerDeviceRequest: takes what an agent says of itself, within bounds", () => {
  const request = {
    token: "t",
    deviceName: "meter-0042",
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 15,
  };
  assert.deepEqual(registerDeviceRequest.parse(request), request);
  assert.deepEqual(
    refusedPaths(registerDeviceRequest, {
      token: 1,
      deviceName: "",
      os: "x".repeat(65),
      agentVersion: 1,
      intervalSeconds: 0,
    }),
    ["token", "deviceName", "os", "agentVersion", "intervalSeconds"],
  );
});

Deno.test("singleConnectionRequest: takes one connection, with or without a device", () => {
  const parsed = singleConnectionRequest.parse({ ...CONNECTION, token: "t" });
  assert.equal(parsed.deviceId, undefined);
  assert.equal(parsed.destPort, 4059);
  assert.deepEqual(
    refusedPaths(singleConnectionRequest, { ...CONNECTION, deviceId: "" }),
    ["deviceId"],
  );
});

Deno.test("connectionsRequest: takes several connections and names the bad ones by place", () => {
  assert.equal(
    connectionsRequest.parse({ connections: [CONNECTION, CONNECTION] })
      .connections.length,
    2,
  );
  assert.deepEqual(
    refusedPaths(connectionsRequest, {
      connections: [CONNECTION, { ...CONNECTION, destPort: "https" }],
    }),
    ["connections[1].destPort"],
  );
});

Deno.test("reportRequest: takes a whole picture, an empty one too", () => {
  const parsed = reportRequest.parse(report());
  assert.equal(parsed.scannedAt, Date.UTC(2026, 0, 31, 12));
  assert.equal(parsed.connections.length, 1);
  assert.deepEqual(
    reportRequest.parse(report({ connections: [] })).connections,
    [],
  );
});

Deno.test("reportRequest: can do without a session, and with nothing less", () => {
  assert.equal(
    reportRequest.parse(report({ session: undefined })).session,
    undefined,
  );
  assert.deepEqual(refusedPaths(reportRequest, {}), [
    "deviceId",
    "sequence",
    "scannedAt",
    "intervalSeconds",
    "connections",
  ]);
});

Deno.test("reportRequest: takes sequences that are whole and not negative", () => {
  assert.equal(reportRequest.parse(report({ sequence: 0 })).sequence, 0);
  assert.deepEqual(refusals(reportRequest, report({ sequence: -1 })), [
    "sequence: must not be negative",
  ]);
  for (const sequence of [1.5, "1", null, 2 ** 53]) {
    assert.deepEqual(refusals(reportRequest, report({ sequence })), [
      "sequence: must be a whole number",
    ]);
  }
});

Deno.test("reportRequest: refuses a half-bad report whole, each bad field by path", () => {
  const connections = [
    CONNECTION,
    { ...CONNECTION, destPort: 70_000 },
    CONNECTION,
    { ...CONNECTION, protocol: "SCTP", bytesIn: -1 },
    null,
  ];
  assert.deepEqual(
    refusedPaths(reportRequest, report({ sequence: -1, connections })),
    [
      "sequence",
      "connections[1].destPort",
      "connections[3].protocol",
      "connections[3].bytesIn",
      "connections[4]",
    ],
  );
});

Deno.test("reportRequest: refuses connections that are no list", () => {
  for (const connections of [{}, "TCP", null, 5]) {
    assert.deepEqual(refusals(reportRequest, report({ connections })), [
      "connections: must be a list",
    ]);
  }
});

Deno.test("reportRequest: takes 10,000 connections and refuses one more", () => {
  assert.equal(MAX_CONNECTIONS_PER_REPORT, 10_000);
  const connections = Array.from({ length: 10_000 }, (_, i) => ({
    ...CONNECTION,
    sourcePort: i,
  }));
  const parsed = reportRequest.parse(report({ connections }));
  assert.equal(parsed.connections.length, 10_000);
  assert.equal(parsed.connections.at(-1)?.sourcePort, 9_999);
  connections.push(CONNECTION);
  assert.deepEqual(refusals(reportRequest, report({ connections })), [
    "connections: must hold at most 10000 connections",
  ]);
});

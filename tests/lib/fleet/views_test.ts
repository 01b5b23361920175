import assert from "node:assert/strict";
import {
  deviceDetail as detailSchema,
  deviceView as viewSchema,
} from "@/lib/contract/dashboard.ts";
import { deviceDetail, deviceView } from "@/lib/fleet/views.ts";
import { START } from "@/tests/support/app.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { fleetDevice } from "./support.ts";

const NOON = "2026-01-31T12:00:00.000Z";

Deno.test("deviceView: a device as the contract has it", () => {
  const view = deviceView(fleetDevice({
    connections: [tracked(), tracked({ protocol: "UDP", state: "UNCONN" })],
  }));
  assert.deepEqual(view, {
    id: "id-1",
    deviceName: "meter-1",
    username: "alice",
    status: "online",
    connectionCount: 2,
    listeningCount: 1,
    protocols: ["TCP", "UDP"],
    detectedIps: { source: ["192.168.1.20"], dest: ["10.20.0.7"] },
    detectedIpCounts: { source: 1, dest: 1 },
    lastSeen: NOON,
    registeredAt: NOON,
    intervalSeconds: 10,
    os: "linux",
    agentVersion: "0.1.0",
  });
  assert.deepEqual(viewSchema.parse(view), view);
});

Deno.test("deviceView: what is unknown is null", () => {
  const view = deviceView(fleetDevice({
    status: "offline",
    lastSeenAt: null,
    os: null,
    agentVersion: null,
    intervalSeconds: 60,
  }));
  assert.equal(view.lastSeen, null);
  assert.equal(view.os, null);
  assert.equal(view.agentVersion, null);
  assert.equal(view.intervalSeconds, 60, "as announced at registration");
  assert.deepEqual(viewSchema.parse(view), view);
});

Deno.test("deviceView: shows the interval of the latest report", () => {
  const found = fleetDevice({ intervalSeconds: 60 });
  assert.equal(deviceView(found).intervalSeconds, 10);
});

Deno.test("deviceDetail: sums the known bytes and counts the peers", () => {
  const connections = [
    tracked({ bytesIn: 5, bytesOut: null, destIp: "192.0.2.1" }),
    tracked({ bytesIn: null, bytesOut: null, destIp: "192.0.2.1" }),
    tracked({ bytesIn: 7, bytesOut: null, destIp: "192.0.2.2" }),
    tracked({ bytesIn: 0, bytesOut: null, destIp: "0.0.0.0" }),
  ];
  const detail = deviceDetail(fleetDevice({ connections }), connections);
  assert.deepEqual(detail.stats, {
    totalConnections: 4,
    bytesIn: 12,
    bytesOut: null,
    uniqueDestIps: 2,
  });
  assert.deepEqual(detailSchema.parse(detail), detail);
});

Deno.test("deviceDetail: shows each connection with its times", () => {
  const connections = [tracked({ firstSeenAt: START, lastSeenAt: START + 1 })];
  const detail = deviceDetail(fleetDevice({ connections }), connections);
  const { firstSeenAt: _, lastSeenAt: __, ...shown } = tracked();
  assert.deepEqual(detail.connections, [{
    ...shown,
    firstSeen: NOON,
    lastSeen: "2026-01-31T12:00:00.001Z",
  }]);
});

Deno.test("deviceDetail: no connections have unknown bytes, not zero", () => {
  const { stats, connections } = deviceDetail(fleetDevice(), []);
  assert.deepEqual(stats, {
    totalConnections: 0,
    bytesIn: null,
    bytesOut: null,
    uniqueDestIps: 0,
  });
  assert.deepEqual(connections, []);
});

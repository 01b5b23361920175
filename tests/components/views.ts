/** Views of devices and connections for the tests of what shows them. */
import type {
  ConnectionView,
  DeviceDetail,
  DeviceList,
  DeviceView,
} from "@/lib/contract/dashboard.ts";
import { DEFAULT_QUERY } from "@/islands/dashboard/url.ts";

export const NOW = "2026-01-31T12:00:00.000Z";
export const NOW_MS = Date.parse(NOW);

/** A text that would be markup or end a script if it were not escaped. */
export const HOSTILE = `</script><img src=x onerror="alert(1)">`;

export const QUERY = DEFAULT_QUERY;

export function deviceView(change: Partial<DeviceView> = {}): DeviceView {
  return {
    id: "d1",
    deviceName: "meter-0042",
    username: "alice",
    status: "online",
    connectionCount: 3,
    listeningCount: 1,
    protocols: ["TCP", "UDP"],
    detectedIps: { source: ["10.20.0.7"], dest: ["10.200.0.12"] },
    detectedIpCounts: { source: 1, dest: 1 },
    lastSeen: "2026-01-31T11:59:35.000Z",
    registeredAt: "2026-01-30T12:00:00.000Z",
    intervalSeconds: 10,
    os: "linux",
    agentVersion: "0.1.0",
    ...change,
  };
}

export function connectionView(
  change: Partial<ConnectionView> = {},
): ConnectionView {
  return {
    protocol: "TCP",
    sourceIp: "10.20.0.7",
    sourcePort: 40_001,
    destIp: "10.200.0.12",
    destPort: 4059,
    bytesIn: 1_234_567,
    bytesOut: 0,
    state: "ESTABLISHED",
    processName: "meterd",
    firstSeen: "2026-01-31T11:50:00.000Z",
    lastSeen: NOW,
    ...change,
  };
}

/** A list of these devices with the figures that go with them. */
export function deviceList(
  devices: DeviceView[],
  change: Partial<DeviceList> = {},
): DeviceList {
  const online = devices.filter((d) => d.status === "online").length;
  return {
    devices,
    stats: {
      total: devices.length,
      online,
      offline: devices.length - online,
      connections: devices.reduce((sum, d) => sum + d.connectionCount, 0),
    },
    matched: devices.length,
    nextCursor: null,
    ...change,
  };
}

export function deviceDetail(
  connections: ConnectionView[],
  device: DeviceView = deviceView(),
): DeviceDetail {
  return {
    device,
    stats: {
      totalConnections: connections.length,
      bytesIn: 1_234_567,
      bytesOut: null,
      uniqueDestIps: new Set(connections.map((c) => c.destIp)).size,
    },
    connections,
  };
}

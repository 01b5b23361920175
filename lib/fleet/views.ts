/** The read model's devices as the contract's JSON views. */
import type {
  ConnectionView,
  DeviceDetail,
  DeviceView,
} from "@/lib/contract/dashboard.ts";
import { isUnspecified } from "@/lib/domain/address.ts";
import { sumKnown, type TrackedConnection } from "@/lib/domain/connection.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";

export function deviceView(found: FleetDevice): DeviceView {
  const { device, username, snapshot, picture, status } = found;
  const { summary } = picture;
  const lastSeenAt = snapshot.presence?.lastSeenAt ?? null;
  return {
    id: device.id,
    deviceName: device.deviceName,
    username,
    status,
    connectionCount: summary.connectionCount,
    listeningCount: summary.listeningCount,
    protocols: summary.protocols,
    detectedIps: { source: summary.sourceIps, dest: summary.destIps },
    detectedIpCounts: {
      source: summary.sourceIpCount,
      dest: summary.destIpCount,
    },
    lastSeen: lastSeenAt === null ? null : isoTime(lastSeenAt),
    registeredAt: isoTime(device.registeredAt),
    intervalSeconds: snapshot.presence?.intervalSeconds ??
      device.intervalSeconds,
    os: device.os,
    agentVersion: device.agentVersion,
  };
}

export function deviceDetail(
  found: FleetDevice,
  connections: readonly TrackedConnection[],
): DeviceDetail {
  const destIps = new Set(
    connections.map((c) => c.destIp).filter((ip) => !isUnspecified(ip)),
  );
  return {
    device: deviceView(found),
    stats: {
      totalConnections: connections.length,
      bytesIn: sumKnown(connections.map((c) => c.bytesIn)),
      bytesOut: sumKnown(connections.map((c) => c.bytesOut)),
      uniqueDestIps: destIps.size,
    },
    connections: connections.map(connectionView),
  };
}

function connectionView(c: TrackedConnection): ConnectionView {
  const { firstSeenAt, lastSeenAt, ...connection } = c;
  return {
    ...connection,
    firstSeen: isoTime(firstSeenAt),
    lastSeen: isoTime(lastSeenAt),
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

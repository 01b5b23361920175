/** What the tests of the fleet share. */
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import type { Device } from "@/lib/domain/device.ts";
import type { DeviceStatus } from "@/lib/domain/device_status.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import { summarize } from "@/lib/fleet/summary.ts";
import { packConnections } from "@/lib/store/connection_codec.ts";
import type { Presence } from "@/lib/store/snapshots.ts";
import { START } from "@/tests/support/app.ts";

export function device(overrides: Partial<Device> = {}): Device {
  return {
    id: "id-1",
    ownerId: "alice",
    agentName: "meter-1",
    deviceName: "meter-1",
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 10,
    registeredAt: START,
    ...overrides,
  };
}

export function presence(overrides: Partial<Presence> = {}): Presence {
  return {
    cursor: { session: "session-1", sequence: 1, retiredSessions: [] },
    lastSeenAt: START,
    scannedAt: START,
    intervalSeconds: 10,
    chunkCount: 0,
    connectionsExpireAt: START,
    ...overrides,
  };
}

/** A device as the read model holds it. */
export function fleetDevice(
  { status = "online", username = "alice", lastSeenAt = START, ...rest }:
    & {
      status?: DeviceStatus;
      username?: string;
      /** Null for a device that never reported. */
      lastSeenAt?: number | null;
      connections?: TrackedConnection[];
    }
    & Partial<Device> = {},
): FleetDevice {
  const { connections = [], ...overrides } = rest;
  return {
    device: device(overrides),
    username,
    snapshot: {
      presence: lastSeenAt === null ? null : presence({ lastSeenAt }),
      packed: packConnections(connections),
      versionstamp: "00000000000000010000",
    },
    summary: summarize(connections),
    status,
    expiresAt: Number.MAX_SAFE_INTEGER,
  };
}

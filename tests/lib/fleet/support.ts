/** What the tests of the fleet share. */
import { type DeviceQuery, deviceQuery } from "@/lib/contract/dashboard.ts";
import type { Report } from "@/lib/contract/monitor.ts";
import type { Connection, TrackedConnection } from "@/lib/domain/connection.ts";
import type { Device } from "@/lib/domain/device.ts";
import type { DeviceStatus } from "@/lib/domain/device_status.ts";
import { type User, type Viewer, viewerOf } from "@/lib/domain/user.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { sortText } from "@/lib/fleet/sort_text.ts";
import { packConnections } from "@/lib/store/connection_codec.ts";
import type { Presence } from "@/lib/store/snapshots.ts";
import { UserStore } from "@/lib/store/users.ts";
import { type Clock, CONNECTION_TTL_MS, START } from "@/tests/support/app.ts";
import { tracked } from "@/tests/lib/store/support.ts";

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
  const made = device(overrides);
  return {
    device: made,
    sortName: sortText(made.deviceName),
    username,
    snapshot: {
      presence: lastSeenAt === null ? null : presence({ lastSeenAt }),
      packed: packConnections(connections),
      versionstamp: "00000000000000010000",
    },
    picture: Picture.of(connections),
    status,
    revision: 0,
  };
}

/** Opens the fleet as the server does, but for what it does by timers. */
export function openFleet(kv: Deno.Kv, clock: Clock): Promise<Fleet> {
  return Fleet.open({
    kv,
    connectionTtlMs: CONNECTION_TTL_MS,
    now: clock.now,
    every: () => () => {},
  });
}

/** Makes an account; the first one is the administrator. */
export function account(kv: Deno.Kv, username: string): Promise<User> {
  return new UserStore(kv).create({
    id: `${username}-id`,
    username,
    email: `${username}@example.org`,
    passwordHash: "",
    createdAt: START,
  });
}

/** Registers a device and answers its id. */
export async function registered(
  fleet: Fleet,
  owner: User,
  deviceName = "meter-1",
  intervalSeconds = 10,
): Promise<string> {
  const { device } = await fleet.registerDevice(owner, {
    deviceName,
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds,
  });
  return device.id;
}

/** A connection as an agent reports it; `sourcePort` tells it from others. */
export function connection(
  sourcePort: number,
  overrides: Partial<Connection> = {},
): Connection {
  const { firstSeenAt: _, lastSeenAt: __, ...reported } = tracked();
  return { ...reported, sourcePort, ...overrides };
}

/** A whole-picture report of connections from these ports. */
export function picture(
  deviceId: string,
  sequence: number,
  sourcePorts: number[] = [],
  overrides: Partial<Report> = {},
): Report {
  return {
    deviceId,
    session: "session-1",
    sequence,
    scannedAt: START,
    intervalSeconds: 10,
    connections: sourcePorts.map((port) => connection(port)),
    ...overrides,
  };
}

/** All devices by name. */
export const ALL: DeviceQuery = deviceQuery.parse({ limit: 500 });

/** Everything that a viewer can see: the list and each device in detail. */
export function everything(fleet: Fleet, viewer: Viewer) {
  const list = fleet.list(viewer, ALL);
  const details = list.devices.map(({ id }) => fleet.detail(viewer, id));
  return { list, details };
}

/** The source ports of a device's connections, in order. */
export function portsOf(fleet: Fleet, owner: User, id: string): number[] {
  return fleet.detail(viewerOf(owner), id).connections
    .map((c) => c.sourcePort).sort((a, b) => a - b);
}

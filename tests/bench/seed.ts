/** A database with a fleet in it, written as the server writes it. */
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import type { Device } from "@/lib/domain/device.ts";
import type { User } from "@/lib/domain/user.ts";
import { packConnections } from "@/lib/store/connection_codec.ts";
import { keys } from "@/lib/store/keys.ts";
import { openStore } from "@/lib/store/open.ts";
import {
  EMPTY_SNAPSHOT,
  MAX_DEVICES_PER_COMMIT,
  SnapshotStore,
} from "@/lib/store/snapshots.ts";
import { UserStore } from "@/lib/store/users.ts";

/** Long enough that nothing expires during a bench. */
export const CONNECTION_TTL_SECONDS = 86_400;

export interface Seed {
  user: User;
  deviceIds: string[];
}

/** Writes an account with `devices` devices of `connections` connections each into the file `path`. */
export async function seedFleet(
  path: string,
  devices: number,
  connections: number,
): Promise<Seed> {
  const kv = await openStore({ path });
  const nowMs = Date.now();
  const user = await new UserStore(kv).create({
    id: crypto.randomUUID(),
    username: "bench",
    email: "bench@example.org",
    passwordHash: "",
    createdAt: nowMs,
  });
  const snapshots = new SnapshotStore(kv);
  const packed = packConnections(picture(connections, nowMs));
  const deviceIds: string[] = [];
  while (deviceIds.length < devices) {
    const count = Math.min(MAX_DEVICES_PER_COMMIT, devices - deviceIds.length);
    const group = Array.from(
      { length: count },
      (_, i) => device(user.id, deviceIds.length + i, nowMs),
    );
    const registration = kv.atomic();
    for (const each of group) {
      registration.set(keys.device(each.id), each).set(
        keys.deviceByName(user.id, each.agentName),
        each.id,
      );
    }
    await registration.commit();
    await snapshots.commit(
      group.map(({ id }) => ({
        deviceId: id,
        replaces: EMPTY_SNAPSHOT,
        presence: {
          cursor: { session: "seed", sequence: 1, retiredSessions: [] },
          lastSeenAt: nowMs,
          scannedAt: nowMs,
          intervalSeconds: 60,
          connectionsExpireAt: nowMs + CONNECTION_TTL_SECONDS * 1000,
        },
        packed,
      })),
      nowMs,
    );
    deviceIds.push(...group.map(({ id }) => id));
  }
  kv.close();
  return { user, deviceIds };
}

function device(ownerId: string, number: number, nowMs: number): Device {
  const name = `meter-${String(number).padStart(5, "0")}`;
  return {
    id: crypto.randomUUID(),
    ownerId,
    agentName: name,
    deviceName: name,
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 60,
    registeredAt: nowMs,
  };
}

/** The same picture as reports.lua sends. */
function picture(connections: number, nowMs: number): TrackedConnection[] {
  return Array.from({ length: connections }, (_, index) => {
    const i = index + 1;
    const last = i === connections;
    return {
      protocol: "TCP",
      sourceIp: "192.168.1.20",
      sourcePort: last ? 52_000 : 40_000 + i,
      destIp: last ? "10.20.9.9" : `10.20.${i % 4}.${i % 250}`,
      destPort: last ? 8883 : 4059,
      bytesIn: i * 1_234_567,
      bytesOut: i * 7_654,
      state: "ESTABLISHED",
      processName: last ? "mqtt" : "meterd",
      firstSeenAt: nowMs,
      lastSeenAt: nowMs,
    };
  });
}

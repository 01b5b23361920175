/**
 * The read model: every device with its latest snapshot, in memory. Lists, counts and details are
 * served from here; Deno KV is read at the start and when another process changed a device.
 */
import type { Device } from "@/lib/domain/device.ts";
import {
  type DeviceStatus,
  deviceStatus,
  onlinePatienceMs,
} from "@/lib/domain/device_status.ts";
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import type { Viewer } from "@/lib/domain/user.ts";
import type { FleetStats } from "@/lib/contract/dashboard.ts";
import { EMPTY_SNAPSHOT, type Snapshot } from "@/lib/store/snapshots.ts";
import { DueQueue } from "@/lib/fleet/due_queue.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { RecentChanges } from "@/lib/fleet/recent_changes.ts";
import { type SortText, sortText } from "@/lib/fleet/sort_text.ts";

/** A device as the model holds it. Readers take it as it is and change nothing. */
export interface FleetDevice {
  device: Device;
  /** The device's name, ready to be compared. */
  sortName: SortText;
  /** The owner's name. */
  username: string;
  /** As it was stored. */
  snapshot: Snapshot;
  /** Those of the stored connections that still count. */
  picture: Picture;
  status: DeviceStatus;
  /** The model's revision as of its latest change; its removal counts. */
  revision: number;
}

export class FleetModel {
  readonly #devices = new Map<string, FleetDevice>();
  readonly #byOwner = new Map<string, Set<FleetDevice>>();
  readonly #totals = new Totals();
  readonly #due = new DueQueue();
  readonly #connectionTtlMs: number;
  readonly #changes = new RecentChanges();
  #structureRevision = 0;

  constructor(connectionTtlMs: number) {
    this.#connectionTtlMs = connectionTtlMs;
  }

  /** Rises with every change of a device. */
  get revision(): number {
    return this.#changes.revision;
  }

  /** The revision as of the latest device that came, went or was renamed. */
  get structureRevision(): number {
    return this.#structureRevision;
  }

  ids(): Iterable<string> {
    return this.#devices.keys();
  }

  get(id: string): FleetDevice | undefined {
    return this.#devices.get(id);
  }

  /** Adds a device that never reported, or takes over what is new about a known one; its snapshot stays. */
  putDevice(device: Device, username: string): void {
    const known = this.#devices.get(device.id);
    if (known) {
      if (known.device.deviceName !== device.deviceName) {
        known.sortName = sortText(device.deviceName);
      }
      known.device = device;
      known.username = username;
      this.#structureRevision = this.#touch(known);
      return;
    }
    const added: FleetDevice = {
      device,
      sortName: sortText(device.deviceName),
      username,
      snapshot: EMPTY_SNAPSHOT,
      picture: Picture.EMPTY,
      status: "offline",
      revision: 0,
    };
    this.#structureRevision = this.#touch(added);
    this.#devices.set(device.id, added);
    const own = this.#byOwner.get(device.ownerId);
    if (own) own.add(added);
    else this.#byOwner.set(device.ownerId, new Set([added]));
    this.#totals.count(added, 1);
  }

  /** Takes over a device's new snapshot; `picture` is what it has packed. */
  putSnapshot(
    id: string,
    snapshot: Snapshot,
    picture: Picture,
    nowMs: number,
  ): void {
    const found = this.#devices.get(id);
    if (!found) return;
    this.#totals.count(found, -1);
    found.snapshot = snapshot;
    found.picture = picture.liveAt(nowMs, this.#connectionTtlMs);
    this.#refreshStatus(found, nowMs);
    this.#touch(found);
    this.#totals.count(found, 1);
    this.#schedule(found, nowMs);
  }

  remove(id: string): void {
    const found = this.#devices.get(id);
    if (!found) return;
    this.#totals.count(found, -1);
    this.#devices.delete(id);
    this.#structureRevision = this.#touch(found);
    this.#due.cancel(id);
    const own = this.#byOwner.get(found.device.ownerId);
    own?.delete(found);
    if (own?.size === 0) this.#byOwner.delete(found.device.ownerId);
  }

  /** Brings statuses and connections up to `nowMs`: devices go offline and connections expire by the clock. */
  advance(nowMs: number): void {
    for (const id of this.#due.drain(nowMs)) {
      const found = this.#devices.get(id);
      if (!found) continue;
      this.#totals.count(found, -1);
      this.#dropExpired(found, nowMs);
      this.#refreshStatus(found, nowMs);
      this.#touch(found);
      this.#totals.count(found, 1);
      this.#schedule(found, nowMs);
    }
  }

  /** The devices that a viewer may see. Call `advance` first. */
  visibleTo(viewer: Viewer): Iterable<FleetDevice> {
    return viewer.seesAll
      ? this.#devices.values()
      : this.#byOwner.get(viewer.userId) ?? [];
  }

  /** True for a device that the model still has and the viewer may see. */
  isVisibleTo(viewer: Viewer, found: FleetDevice): boolean {
    const { id, ownerId } = found.device;
    return (viewer.seesAll || ownerId === viewer.userId) &&
      this.#devices.get(id) === found;
  }

  /** The devices that changed, came or went since a revision; null where that is too long ago to tell. */
  changedSince(revision: number): Iterable<FleetDevice> | null {
    return this.#changes.since(revision);
  }

  /** The id of the owner's device that was made last. */
  newestOf(ownerId: string): string | null {
    let newest: Device | null = null;
    for (const { device } of this.#byOwner.get(ownerId) ?? []) {
      if (device.registeredAt >= (newest?.registeredAt ?? 0)) newest = device;
    }
    return newest?.id ?? null;
  }

  /** The counts over `visibleTo(viewer)`. Call `advance` first. */
  stats(viewer: Viewer): FleetStats {
    return this.#totals.of(viewer);
  }

  /** The connections of a device that count at `nowMs`. */
  connections(found: FleetDevice, nowMs: number): TrackedConnection[] {
    return this.picture(found, nowMs).connections();
  }

  /** A device's picture as of `nowMs`. */
  picture(found: FleetDevice, nowMs: number): Picture {
    return found.picture.liveAt(nowMs, this.#connectionTtlMs);
  }

  /** Notes that a device changed; answers the revision. */
  #touch(found: FleetDevice): number {
    return found.revision = this.#changes.add(found);
  }

  /** Lets go of the bytes too: a device that is away for long must not keep what nobody may see. */
  #dropExpired(found: FleetDevice, nowMs: number): void {
    const live = this.picture(found, nowMs);
    if (live === found.picture) return;
    found.picture = live;
    found.snapshot = { ...found.snapshot, packed: live.packed };
  }

  #refreshStatus(found: FleetDevice, nowMs: number): void {
    const { presence } = found.snapshot;
    found.status = presence
      ? deviceStatus(presence.lastSeenAt, presence.intervalSeconds, nowMs)
      : "offline";
  }

  #schedule(
    { device, snapshot, status, picture }: FleetDevice,
    nowMs: number,
  ) {
    const { presence } = snapshot;
    // Intervals may have fractions, so the last moment online may lie between two milliseconds.
    const offlineAt = presence && status === "online"
      ? Math.floor(
        presence.lastSeenAt + onlinePatienceMs(presence.intervalSeconds),
      ) + 1
      : Infinity;
    const expiresAt = picture.expiresAt(this.#connectionTtlMs);
    const dueAt = Math.min(offlineAt, expiresAt);
    if (dueAt !== Infinity) {
      this.#due.schedule(device.id, Math.max(dueAt, nowMs));
    }
  }
}

/** Running counts, for the whole fleet and for each owner. */
class Totals {
  readonly #fleet = emptyStats();
  readonly #byOwner = new Map<string, FleetStats>();

  /** Adds a device to the counts (`sign` 1) or takes it out (-1). */
  count({ device, status, picture }: FleetDevice, sign: 1 | -1): void {
    let own = this.#byOwner.get(device.ownerId);
    if (!own) this.#byOwner.set(device.ownerId, own = emptyStats());
    for (const stats of [this.#fleet, own]) {
      stats.total += sign;
      stats[status] += sign;
      stats.connections += sign * picture.connectionCount;
    }
    if (own.total === 0) this.#byOwner.delete(device.ownerId);
  }

  of(viewer: Viewer): FleetStats {
    const stats = viewer.seesAll
      ? this.#fleet
      : this.#byOwner.get(viewer.userId) ?? emptyStats();
    return { ...stats };
  }
}

function emptyStats(): FleetStats {
  return { total: 0, online: 0, offline: 0, connections: 0 };
}

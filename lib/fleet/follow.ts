/**
 * Keeps the read model in step with the database: builds it at the start, and takes over what other
 * server processes write, by the change log.
 */
import type { Device } from "@/lib/domain/device.ts";
import {
  type Change,
  CHANGE_TTL_MS,
  type ChangeLog,
  type ChangePosition,
} from "@/lib/store/change_log.ts";
import type { DeviceStore } from "@/lib/store/devices.ts";
import type { Snapshot, SnapshotStore } from "@/lib/store/snapshots.ts";
import type { UserStore } from "@/lib/store/users.ts";
import type { Every } from "@/lib/fleet/every.ts";
import type { FleetModel } from "@/lib/fleet/model.ts";
import { Picture } from "@/lib/fleet/picture.ts";

/** What another process writes shows here within a few of these. */
export const FOLLOW_MS = 500;
/** After a pause this long, entries of the log may have expired unread. */
const MAX_PAUSE_MS = CHANGE_TTL_MS / 2;
/** Devices taken over in one go; between two, requests are served. */
const BATCH = 100;

export interface FollowerOptions {
  log: ChangeLog;
  devices: DeviceStore;
  snapshots: SnapshotStore;
  users: UserStore;
  model: FleetModel;
  now: () => number;
  every: Every;
  logError: (error: unknown) => void;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #usernames = new Map<string, string>();
  #position: ChangePosition = new Map();
  #followedAtMs = 0;
  #running: Promise<void> | null = null;
  #stopTicking = () => {};

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Builds the model, and follows from there on. */
  async start(): Promise<void> {
    await this.#rebuild();
    this.#stopTicking = this.#options.every(
      FOLLOW_MS,
      () => void this.follow(),
    );
  }

  /** Resolves once nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopTicking();
    await this.idle();
  }

  /** Takes over what other processes wrote since the last time. What goes wrong is logged, and tried again next time. */
  follow(): Promise<void> {
    return this.#running ??= this.#catchUp()
      .catch(this.#options.logError)
      .finally(() => this.#running = null);
  }

  /** Brings devices and their snapshots up to the database; those that are gone leave the model. */
  async refreshDevices(ids: readonly string[]): Promise<void> {
    const { devices, model } = this.#options;
    const before = model.structureRevision;
    const found = await devices.findMany(ids);
    const usernames = await Promise.all(found.map((d) => this.#username(d)));
    if (model.structureRevision !== before) {
      // A change made here meanwhile may be newer than what was read.
      return await this.refreshDevices(ids);
    }
    found.forEach((device, i) => model.putDevice(device, usernames[i] ?? ""));
    const existing = new Set(found.map((device) => device.id));
    ids.filter((id) => !existing.has(id)).forEach((id) => model.remove(id));
    await this.#refreshSnapshots([...existing]);
  }

  async #catchUp(): Promise<void> {
    const { log, now } = this.#options;
    if (now() - this.#followedAtMs > MAX_PAUSE_MS) return await this.#rebuild();
    const startedAtMs = now();
    const { change, position } = await log.since(this.#position);
    await this.#apply(change);
    this.#position = position;
    this.#followedAtMs = startedAtMs;
  }

  async #apply({ devices, snapshots }: Change): Promise<void> {
    for (let i = 0; i < devices.length; i += BATCH) {
      await this.refreshDevices(devices.slice(i, i + BATCH));
    }
    for (let i = 0; i < snapshots.length; i += BATCH) {
      await this.#refreshSnapshots(snapshots.slice(i, i + BATCH));
    }
  }

  async #refreshSnapshots(ids: readonly string[]): Promise<void> {
    const snapshots = await this.#options.snapshots.readMany(ids);
    ids.forEach((id, i) => {
      const snapshot = snapshots[i];
      if (snapshot) this.#putSnapshot(id, snapshot);
    });
  }

  /** Reads everything: at the start, and after a pause in which entries of the log were missed. */
  async #rebuild(): Promise<void> {
    const { log, devices, snapshots, model, now } = this.#options;
    const startedAtMs = now();
    const position = await log.position();
    const missing = new Set(model.ids());
    for await (const device of devices.all()) {
      missing.delete(device.id);
      const known = model.get(device.id)?.device;
      if (known && sameDevice(known, device)) continue;
      model.putDevice(device, await this.#username(device));
    }
    for await (const { deviceId, snapshot } of snapshots.all(startedAtMs)) {
      this.#putSnapshot(deviceId, snapshot);
    }
    // Devices registered here meanwhile are not among those that were listed.
    await this.#apply({ devices: [...missing], snapshots: [] });
    this.#position = position;
    this.#followedAtMs = startedAtMs;
  }

  /** Takes over a snapshot unless the model has it, or a newer one: versionstamps rise by commit. */
  #putSnapshot(id: string, snapshot: Snapshot): void {
    const { model, now } = this.#options;
    const known = model.get(id)?.snapshot.versionstamp ?? "";
    if ((snapshot.versionstamp ?? "") <= known) return;
    model.putSnapshot(id, snapshot, Picture.ofPacked(snapshot.packed), now());
  }

  async #username({ ownerId }: Device): Promise<string> {
    const known = this.#usernames.get(ownerId);
    if (known !== undefined) return known;
    const owner = await this.#options.users.findById(ownerId);
    const username = owner?.username ?? "";
    if (owner) this.#usernames.set(ownerId, username);
    return username;
  }
}

function sameDevice(a: Device, b: Device): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

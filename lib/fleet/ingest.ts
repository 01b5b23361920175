/**
 * Takes reports in: those that arrive together share a commit, each is answered only after its
 * commit, and the read model learns of it at the same time. One commit is under way at a time; what
 * comes meanwhile forms the next one, so groups grow with the load. A database that is far away has
 * several lanes of such commits; each device has its lane, so its reports stay in their order.
 */
import { DomainError, fieldError } from "@/lib/domain/errors.ts";
import { deviceNotFound, type DeviceStore } from "@/lib/store/devices.ts";
import {
  commitHasRoom,
  MAX_PACKED_BYTES,
  type SnapshotStore,
  type SnapshotWrite,
  writeCost,
} from "@/lib/store/snapshots.ts";
import type { FleetDevice, FleetModel } from "@/lib/fleet/model.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import type { NextState, Update } from "@/lib/fleet/update.ts";

/**
 * More reports without an answer than this, or more connections in them, are refused: memory must not
 * grow with the load. A waiting connection takes about 400 bytes, its share of the body included.
 */
export const MAX_WAITING_REPORTS = 2_000;
export const MAX_WAITING_CONNECTIONS = 25_000;
const RETRY_AFTER_SECONDS = 2;
/** After so many conflicts, a group is split until the contended device is alone. */
const CONFLICTS_BEFORE_SPLIT = 2;
const MAX_CONFLICTS = 20;

interface Job {
  deviceId: string;
  /** Computes the answer; throws what refuses the report. */
  update: Update<unknown>;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

/** A device's part in the commit that is being put together. */
interface Change {
  found: FleetDevice;
  next: NextState;
}

interface Group {
  changes: Map<string, Change>;
  /** The jobs and their answers, told once the commit holds. */
  answers: { job: Job; answer: unknown }[];
}

/** Jobs of which one commit is under way at a time. */
interface Lane {
  waiting: Job[];
  running: Promise<void> | null;
}

export class Ingest {
  readonly #model: FleetModel;
  readonly #devices: DeviceStore;
  readonly #snapshots: SnapshotStore;
  readonly #connectionTtlMs: number;
  readonly #now: () => number;
  readonly #lanes: Lane[];
  /** Reports that wait or are in the commit under way. */
  #unanswered = 0;
  #unansweredConnections = 0;

  constructor(options: {
    model: FleetModel;
    devices: DeviceStore;
    snapshots: SnapshotStore;
    connectionTtlMs: number;
    now: () => number;
    commitsAtOnce: number;
  }) {
    this.#model = options.model;
    this.#devices = options.devices;
    this.#snapshots = options.snapshots;
    this.#connectionTtlMs = options.connectionTtlMs;
    this.#now = options.now;
    this.#lanes = Array.from(
      { length: options.commitsAtOnce },
      () => ({ waiting: [], running: null }),
    );
  }

  /**
   * Applies an update that brings so many connections to a device; resolves after its commit. Throws
   * `not_found` for a device that is gone, `overloaded` where too much waits, and whatever the update
   * throws.
   */
  submit<T>(
    deviceId: string,
    connectionCount: number,
    update: Update<T>,
  ): Promise<T> {
    if (!this.hasRoomFor(connectionCount)) {
      throw new DomainError("overloaded", "too many reports are waiting", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#unanswered++;
    this.#unansweredConnections += connectionCount;
    const lane = this.#laneOf(deviceId);
    return new Promise<T>((resolve, reject) => {
      lane.waiting.push({
        deviceId,
        update,
        // The answer that comes back is the one that this job's own update gave.
        resolve: (answer) => resolve(answer as T),
        reject,
      });
      lane.running ??= this.#run(lane);
    }).finally(() => {
      this.#unanswered--;
      this.#unansweredConnections -= connectionCount;
    });
  }

  /** Resolves once nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#lanes.some((lane) => lane.running)) {
      await Promise.all(this.#lanes.map((lane) => lane.running));
    }
  }

  /** False where a report of so many connections would be refused now. */
  hasRoomFor(connectionCount: number): boolean {
    return this.#unanswered < MAX_WAITING_REPORTS &&
      this.#unansweredConnections + connectionCount <= MAX_WAITING_CONNECTIONS;
  }

  #laneOf(deviceId: string): Lane {
    let hash = 0;
    for (let i = 0; i < deviceId.length; i++) {
      hash = (hash * 31 + deviceId.charCodeAt(i)) % 65_521;
    }
    const lane = this.#lanes[hash % this.#lanes.length];
    if (!lane) throw new Error("ingestion has no lane");
    return lane;
  }

  async #run(lane: Lane): Promise<void> {
    // Reports that arrive in the same turn of the event loop share the first commit.
    await Promise.resolve();
    while (lane.waiting.length > 0) {
      const jobs = lane.waiting;
      lane.waiting = [];
      const left = await this.#commit(jobs, 0);
      lane.waiting = left.concat(lane.waiting);
    }
    lane.running = null;
  }

  /** Commits as many of the jobs as fit and answers the others. */
  async #commit(jobs: Job[], conflicts: number): Promise<Job[]> {
    const nowMs = this.#now();
    const { group, left } = this.#gather(jobs, nowMs);
    try {
      if (await this.#write(group, nowMs)) {
        for (const { job, answer } of group.answers) job.resolve(answer);
        return left;
      }
      return [...await this.#again(group, conflicts + 1), ...left];
    } catch (error) {
      for (const { job } of group.answers) job.reject(error);
      return left;
    }
  }

  /** Computes changes, several to one device in a row, until the commit is full. */
  #gather(jobs: Job[], nowMs: number): { group: Group; left: Job[] } {
    const group: Group = { changes: new Map(), answers: [] };
    let bytes = 0;
    for (const [i, job] of jobs.entries()) {
      try {
        const { answer, change } = this.#compute(job, group.changes, nowMs);
        if (change) {
          const { packed } = change.next.picture;
          const before = group.changes.get(job.deviceId)
            ?.next.picture.packed;
          const others = group.changes.size - (before ? 1 : 0);
          const otherBytes = bytes - (before ? writeCost(before) : 0);
          const { maxDevicesPerCommit } = this.#snapshots;
          if (
            !commitHasRoom(others, otherBytes, packed, maxDevicesPerCommit)
          ) {
            return { group, left: jobs.slice(i) };
          }
          bytes = otherBytes + writeCost(packed);
          group.changes.set(job.deviceId, change);
        }
        group.answers.push({ job, answer });
      } catch (error) {
        job.reject(error);
      }
    }
    return { group, left: [] };
  }

  #compute(
    job: Job,
    changes: ReadonlyMap<string, Change>,
    nowMs: number,
  ): { answer: unknown; change: Change | null } {
    const found = this.#model.get(job.deviceId);
    if (!found) throw deviceNotFound();
    const pending = changes.get(job.deviceId)?.next;
    const state = {
      presence: pending
        ? { ...pending.presence, chunkCount: 0, connectionsExpireAt: 0 }
        : found.snapshot.presence,
      picture: pending?.picture ?? this.#model.picture(found, nowMs),
      intervalSeconds: found.device.intervalSeconds,
    };
    const { answer, next } = job.update(state, nowMs);
    if (!next) return { answer, change: null };
    checkSize(next.picture);
    return { answer, change: { found, next } };
  }

  /** False where another process changed one of the devices. */
  async #write({ changes }: Group, nowMs: number): Promise<boolean> {
    if (changes.size === 0) return true;
    const writes: SnapshotWrite[] = [];
    for (const [deviceId, { found, next }] of changes) {
      const connectionsExpireAt = next.picture.newestSeenAt +
        this.#connectionTtlMs;
      writes.push({
        deviceId,
        replaces: found.snapshot,
        presence: { ...next.presence, connectionsExpireAt },
        packed: next.picture.packed,
      });
    }
    const snapshots = await this.#snapshots.commit(writes, nowMs);
    if (!snapshots) return false;
    let i = 0;
    for (const [deviceId, { next }] of changes) {
      const snapshot = snapshots[i++];
      if (!snapshot) continue;
      this.#model.putSnapshot(deviceId, snapshot, next.picture, nowMs);
    }
    return true;
  }

  /** Reads what the other process wrote and tries again; a group that keeps failing is halved. */
  async #again({ changes, answers }: Group, conflicts: number): Promise<Job[]> {
    if (conflicts > MAX_CONFLICTS) {
      throw new DomainError(
        "overloaded",
        "too many writers are changing the same device",
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    for (const deviceId of changes.keys()) await this.#reload(deviceId);
    const jobs = answers.map(({ job }) => job);
    if (conflicts < CONFLICTS_BEFORE_SPLIT || changes.size === 1) {
      return await this.#commit(jobs, conflicts);
    }
    const half = Math.ceil(jobs.length / 2);
    return [
      ...await this.#commit(jobs.slice(0, half), conflicts),
      ...await this.#commit(jobs.slice(half), conflicts),
    ];
  }

  async #reload(deviceId: string): Promise<void> {
    if (!await this.#devices.find(deviceId)) {
      this.#model.remove(deviceId);
      return;
    }
    const snapshot = await this.#snapshots.read(deviceId);
    const nowMs = this.#now();
    const picture = Picture.ofPacked(snapshot.packed);
    this.#model.putSnapshot(deviceId, snapshot, picture, nowMs);
  }
}

function checkSize({ packed }: Picture): void {
  if (packed.length <= MAX_PACKED_BYTES) return;
  throw fieldError(
    "fields_invalid",
    "connections",
    `the device's connections would take ${packed.length} bytes, ${MAX_PACKED_BYTES} at most`,
  );
}

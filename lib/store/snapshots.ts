/**
 * What devices last reported, in Deno KV: a small presence row a device that stays, and its packed
 * connections in chunks that expire. Both are written in one commit, so a reader sees either the
 * picture before a report or the one after it.
 */
import type { ReportCursor } from "@/lib/domain/report_order.ts";
import { ChangeLog } from "@/lib/store/change_log.ts";
import { keys } from "@/lib/store/keys.ts";
import {
  commit,
  getMany,
  KV_LIST_BATCH,
  KV_MAX_CHECKS_PER_COMMIT,
  KV_MAX_COMMIT_BYTES,
  KV_MAX_VALUE_BYTES,
  maxChecksPerCommit,
} from "@/lib/store/open.ts";

// A value is serialised with a few bytes around it, and keys count too.
const CHUNK_BYTES = KV_MAX_VALUE_BYTES - 1_024;
const COMMIT_BYTES = KV_MAX_COMMIT_BYTES - 100_000;
/** A device's packed connections may not be larger, since they are committed as one. */
export const MAX_PACKED_BYTES = COMMIT_BYTES - 2 * CHUNK_BYTES;
const CHECKS_PER_FIRST_REPORT = 2;
/** The most devices in one commit to a local database. */
export const MAX_DEVICES_PER_COMMIT = KV_MAX_CHECKS_PER_COMMIT /
  CHECKS_PER_FIRST_REPORT;
const PRESENCE_BYTES = 400;

/** When a device was seen last, and how its reports stand. */
export interface Presence {
  /** Null until a whole-picture report came. */
  cursor: ReportCursor | null;
  /** The server's time of the latest report, in ms since the epoch. */
  lastSeenAt: number;
  /** The device's own time of its latest whole-picture scan; null before one. */
  scannedAt: number | null;
  intervalSeconds: number;
  /** The number of rows that hold the connections. */
  chunkCount: number;
  /** The time after which none of the connections counts any more. */
  connectionsExpireAt: number;
}

/** A device's presence and connections, and the version of the presence row that holds them. */
export interface Snapshot {
  presence: Presence | null;
  packed: Uint8Array;
  versionstamp: string | null;
}

/** One device's part in a commit. `replaces` is the snapshot that the change was computed from. */
export interface SnapshotWrite {
  deviceId: string;
  replaces: Snapshot;
  presence: Omit<Presence, "chunkCount">;
  packed: Uint8Array;
}

export const NO_CONNECTIONS = new Uint8Array(0);

/** The snapshot of a device that never reported. */
export const EMPTY_SNAPSHOT: Snapshot = {
  presence: null,
  packed: NO_CONNECTIONS,
  versionstamp: null,
};

/** About how many bytes a write adds to its commit. */
export function writeCost(packed: Uint8Array): number {
  return packed.length + PRESENCE_BYTES;
}

/**
 * True where a commit that has `bytes` of `devices` devices has room for one more write. `maxDevices`
 * is what the store of the commit takes.
 */
export function commitHasRoom(
  devices: number,
  bytes: number,
  next: Uint8Array,
  maxDevices = MAX_DEVICES_PER_COMMIT,
): boolean {
  return devices === 0 || (devices < maxDevices &&
    bytes + writeCost(next) <= COMMIT_BYTES);
}

export class SnapshotStore {
  /** The most devices in one commit. */
  readonly maxDevicesPerCommit: number;
  readonly #kv: Deno.Kv;
  readonly #log: ChangeLog;

  constructor(kv: Deno.Kv, log: ChangeLog = new ChangeLog(kv)) {
    this.#kv = kv;
    this.#log = log;
    this.maxDevicesPerCommit = maxChecksPerCommit(kv) / CHECKS_PER_FIRST_REPORT;
  }

  /**
   * Commits the snapshots of several devices as one. Answers the new snapshots in the same order, or
   * null where another writer changed or removed one of them: then nothing was written.
   */
  async commit(
    writes: readonly SnapshotWrite[],
    nowMs: number,
  ): Promise<Snapshot[] | null> {
    const atomic = this.#kv.atomic();
    if (!await this.#checkNewcomers(atomic, writes)) return null;
    const presences = writes.map((write) => this.#add(atomic, write, nowMs));
    this.#log.add(atomic, { snapshots: writes.map((w) => w.deviceId) });
    const result = await commit(atomic);
    if (!result.ok) return null;
    return writes.map((write, i) => ({
      presence: presences[i] ?? null,
      packed: write.packed,
      versionstamp: result.versionstamp,
    }));
  }

  /** The snapshot of one device as the database has it now. */
  async read(deviceId: string): Promise<Snapshot> {
    for (;;) {
      const row = await this.#kv.get<Presence>(keys.presence(deviceId));
      if (!row.value) return EMPTY_SNAPSHOT;
      const chunks = await getMany<Uint8Array>(
        this.#kv,
        Array.from(
          { length: row.value.chunkCount },
          (_, i) => keys.connections(deviceId, i),
        ),
      );
      if (!written(chunks, row.versionstamp)) {
        const again = await this.#kv.get<Presence>(row.key);
        if (again.versionstamp !== row.versionstamp) continue;
      }
      return assemble(row, chunks);
    }
  }

  /** The snapshots of several devices as the database has them now, in the same order. */
  async readMany(deviceIds: readonly string[]): Promise<Snapshot[]> {
    // Most pictures fit one chunk, so that its row and the chunk come with one question.
    const wanted = deviceIds.flatMap((id) => [
      keys.presence(id),
      keys.connections(id, 0),
    ]);
    const entries = await getMany<unknown>(this.#kv, wanted);
    const snapshots: Snapshot[] = [];
    for (const [i, id] of deviceIds.entries()) {
      // The keys above say which kind stands where.
      const row = entries[2 * i] as Deno.KvEntryMaybe<Presence>;
      const chunk = entries[2 * i + 1] as Deno.KvEntryMaybe<Uint8Array>;
      snapshots.push(together(row, chunk) ?? await this.read(id));
    }
    return snapshots;
  }

  /** Every device's snapshot, for building the read model; connections that expired by `nowMs` may be left out. */
  async *all(
    nowMs: number,
  ): AsyncGenerator<{ deviceId: string; snapshot: Snapshot }> {
    const chunks = new ChunkStream(this.#kv);
    const rows = this.#kv.list<Presence>({ prefix: keys.presences() }, {
      batchSize: KV_LIST_BATCH,
    });
    for await (const row of rows) {
      const deviceId = String(row.key[1]);
      const own = await chunks.of(deviceId);
      const expired = row.value.connectionsExpireAt <= nowMs;
      const inStep = written(own, row.versionstamp) &&
        (own.length === row.value.chunkCount || expired);
      yield {
        deviceId,
        // A report that came between the two lists: rare, and read again on its own.
        snapshot: inStep ? assemble(row, own) : await this.read(deviceId),
      };
    }
  }

  /**
   * A device that never reported has no presence row that its removal could change, so the device
   * itself is checked. False where one is gone.
   */
  async #checkNewcomers(
    atomic: Deno.AtomicOperation,
    writes: readonly SnapshotWrite[],
  ): Promise<boolean> {
    const newcomers = writes.filter((w) => w.replaces.versionstamp === null);
    const devices = await getMany(
      this.#kv,
      newcomers.map((w) => keys.device(w.deviceId)),
    );
    atomic.check(...devices);
    return devices.every((device) => device.versionstamp !== null);
  }

  #add(
    atomic: Deno.AtomicOperation,
    { deviceId, replaces, presence, packed }: SnapshotWrite,
    nowMs: number,
  ): Presence {
    const key = keys.presence(deviceId);
    const chunkCount = Math.ceil(packed.length / CHUNK_BYTES);
    const row: Presence = { ...presence, chunkCount };
    atomic.check({ key, versionstamp: replaces.versionstamp }).set(key, row);
    const expireIn = Math.max(1, presence.connectionsExpireAt - nowMs);
    for (let i = 0; i < chunkCount; i++) {
      const chunk = packed.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
      atomic.set(keys.connections(deviceId, i), chunk, { expireIn });
    }
    const before = replaces.presence?.chunkCount ?? 0;
    for (let i = chunkCount; i < before; i++) {
      atomic.delete(keys.connections(deviceId, i));
    }
    return row;
  }
}

/** Walks all chunks once, in step with a walk over the presences: both are sorted by device. */
class ChunkStream {
  readonly #iterator: AsyncIterator<Deno.KvEntry<Uint8Array>>;
  #next: Deno.KvEntry<Uint8Array> | null | undefined;

  constructor(kv: Deno.Kv) {
    this.#iterator = kv.list<Uint8Array>({ prefix: keys.allConnections() }, {
      batchSize: KV_LIST_BATCH,
    })[Symbol.asyncIterator]();
  }

  async of(deviceId: string): Promise<Deno.KvEntry<Uint8Array>[]> {
    const own: Deno.KvEntry<Uint8Array>[] = [];
    for (;;) {
      if (this.#next === undefined) await this.#advance();
      if (!this.#next) return own;
      const owner = String(this.#next.key[1]);
      if (owner > deviceId) return own;
      if (owner === deviceId) own.push(this.#next);
      this.#next = undefined;
    }
  }

  async #advance(): Promise<void> {
    const result = await this.#iterator.next();
    this.#next = result.done ? null : result.value;
  }
}

/** The snapshot of a row and its one chunk; null where they are not of one commit, or there is more. */
function together(
  row: Deno.KvEntryMaybe<Presence>,
  chunk: Deno.KvEntryMaybe<Uint8Array>,
): Snapshot | null {
  if (row.value === null || row.value.chunkCount !== 1) return null;
  return chunk.versionstamp === row.versionstamp
    ? assemble(row, [chunk])
    : null;
}

function written(
  chunks: readonly Deno.KvEntryMaybe<Uint8Array>[],
  versionstamp: string,
): boolean {
  return chunks.every((chunk) => chunk.versionstamp === versionstamp);
}

function assemble(
  row: Deno.KvEntry<Presence>,
  chunks: readonly Deno.KvEntryMaybe<Uint8Array>[],
): Snapshot {
  const { value: presence, versionstamp } = row;
  const parts = chunks.map((chunk) => chunk.value);
  // Chunks expire together; where the database has deleted the first of them, all are past their time.
  const complete = parts.length === presence.chunkCount &&
    parts.every((part) => part !== null);
  return {
    presence,
    packed: complete ? concatenate(parts) : NO_CONNECTIONS,
    versionstamp,
  };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

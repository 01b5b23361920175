/**
 * Clean-up. KV itself deletes what has expired: from a local file every 60 s, and when it is opened
 * (measured with Deno 2.9). What is left for the sweep are rows that lead to another row which is gone
 * or has moved on, as a crash or an older version may leave them.
 */
import { type Device, deviceNames } from "@/lib/domain/device.ts";
import { keys } from "@/lib/store/keys.ts";
import { commit, getMany, maxChecksPerCommit } from "@/lib/store/open.ts";
import type { Presence } from "@/lib/store/snapshots.ts";

/** Rows that are read at once; between two such steps others have the database. */
export const SWEEP_STEP_ROWS = 200;
const PAUSE_BETWEEN_STEPS_MS = 50;
const SWEEP_EVERY_MS = 3_600_000;

/** A kind of row that means nothing without another row, its target. */
interface Rule<Target> {
  prefix: Deno.KvKey;
  target(row: Deno.KvEntry<unknown>): Deno.KvKey;
  isStale(
    row: Deno.KvEntry<unknown>,
    target: Deno.KvEntryMaybe<Target>,
    nowMs: number,
  ): boolean;
}

const ofPresences: Rule<Device> = {
  prefix: keys.presences(),
  target: ({ key }) => keys.device(String(key[1])),
  isStale: (_, { value }) => value === null,
};

/** Chunks are written with their presence: of another version, they belong to no snapshot. */
const ofConnections: Rule<Presence> = {
  prefix: keys.allConnections(),
  target: ({ key }) => keys.presence(String(key[1])),
  isStale: ({ versionstamp }, presence, nowMs) =>
    presence.versionstamp !== versionstamp ||
    presence.value.connectionsExpireAt <= nowMs,
};

const ofDeviceNames: Rule<Device> = {
  prefix: keys.allDeviceNames(),
  target: ({ value }) => keys.device(String(value)),
  isStale: ({ key: [, ownerId, name] }, { value }) =>
    value === null || value.ownerId !== ownerId ||
    !deviceNames(value).includes(String(name)),
};

const ofLatestDevices: Rule<Device> = {
  prefix: keys.latestDevices(),
  target: ({ value }) => keys.device(String(value)),
  isStale: ({ key: [, ownerId] }, { value }) => value?.ownerId !== ownerId,
};

export interface SweepOptions {
  kv: Deno.Kv;
  /** Whole ms since the epoch. */
  now: () => number;
  /** Waits between two steps; false ends the sweep there. */
  pause: () => Promise<boolean>;
}

/** Deletes rows that lead nowhere or have expired, in small steps; answers how many. */
export async function sweep(options: SweepOptions): Promise<number> {
  // Presences come before the chunks that lead to them.
  return await walk(options, ofPresences) +
    await walk(options, ofConnections) +
    await walk(options, ofDeviceNames) +
    await walk(options, ofLatestDevices);
}

async function walk<Target>(
  { kv, now, pause }: SweepOptions,
  rule: Rule<Target>,
): Promise<number> {
  let deleted = 0;
  let selector: Deno.KvListSelector = { prefix: rule.prefix };
  while (await pause()) {
    const rows: Deno.KvEntry<unknown>[] = await Array.fromAsync(
      kv.list(selector, { limit: SWEEP_STEP_ROWS, batchSize: SWEEP_STEP_ROWS }),
    );
    const last = rows.at(-1);
    if (!last) break;
    deleted += await deleteAll(kv, await staleOf(kv, rule, rows, now()));
    if (rows.length < SWEEP_STEP_ROWS) break;
    // Empty bytes sort before any other part, so this is the first key behind the last one.
    selector = {
      prefix: rule.prefix,
      start: [...last.key, new Uint8Array(0)],
    };
  }
  return deleted;
}

async function staleOf<Target>(
  kv: Deno.Kv,
  rule: Rule<Target>,
  rows: Deno.KvEntry<unknown>[],
  nowMs: number,
): Promise<Deno.KvEntry<unknown>[]> {
  const targets = await getMany<Target>(kv, rows.map(rule.target));
  return rows.filter((row, i) => {
    const target = targets[i];
    return target !== undefined && rule.isStale(row, target, nowMs);
  });
}

/**
 * Deletes rows that are still as they were read. That is enough: whatever gives a row its meaning back
 * writes the row anew, in the same commit.
 */
async function deleteAll(
  kv: Deno.Kv,
  rows: Deno.KvEntry<unknown>[],
): Promise<number> {
  let deleted = 0;
  const most = maxChecksPerCommit(kv);
  for (let i = 0; i < rows.length; i += most) {
    const group = rows.slice(i, i + most);
    if (await deleteTogether(kv, group)) deleted += group.length;
    else {
      for (const row of group) if (await deleteTogether(kv, [row])) deleted++;
    }
  }
  return deleted;
}

async function deleteTogether(
  kv: Deno.Kv,
  rows: Deno.KvEntry<unknown>[],
): Promise<boolean> {
  const operation = kv.atomic().check(...rows);
  for (const row of rows) operation.delete(row.key);
  return (await commit(operation)).ok;
}

export interface SweeperOptions {
  kv: Deno.Kv;
  now: () => number;
  /** Takes what made a sweep fail; the next one begins anew. */
  logError: (error: unknown) => void;
  /** Runs `action` every `ms`; returns what ends that. */
  every: (ms: number, action: () => void) => () => void;
  /** Resolves after `ms`, or as soon as the signal is aborted. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Sweeps at once and then every hour, one sweep at a time, until it is closed. */
export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #closing = new AbortController();
  readonly #stop: () => void;
  #running: Promise<void> | null = null;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#stop = options.every(SWEEP_EVERY_MS, () => this.#begin());
    this.#begin();
  }

  /** Resolves once no sweep is under way; none begins any more. */
  async close(): Promise<void> {
    this.#stop();
    this.#closing.abort();
    await this.#running;
  }

  #begin(): void {
    this.#running ??= this.#sweep().finally(() => this.#running = null);
  }

  async #sweep(): Promise<void> {
    const { kv, now, logError, sleep = sleepFor } = this.#options;
    const { signal } = this.#closing;
    const pause = async () => {
      if (!signal.aborted) await sleep(PAUSE_BETWEEN_STEPS_MS, signal);
      return !signal.aborted;
    };
    try {
      await sweep({ kv, now, pause });
    } catch (error) {
      logError(error);
    }
  }
}

function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

/** Opening Deno KV, its limits, and the one way to write under optimistic concurrency. */
import { DomainError } from "@/lib/domain/errors.ts";

/** Deno KV's limits (denoland/deno, ext/kv/config.rs). */
export const KV_MAX_VALUE_BYTES = 65_536;
export const KV_MAX_MUTATIONS_PER_COMMIT = 1_000;
export const KV_MAX_CHECKS_PER_COMMIT = 100;
export const KV_MAX_COMMIT_BYTES = 819_200;
export const KV_MAX_KEYS_PER_GET = 10;
/** The largest batch that `list` reads at once. */
export const KV_LIST_BATCH = 500;
/**
 * A self-hosted denokv takes fewer checks than Deno lets through (denoland/denokv, proto/limits.rs), so
 * this holds for every KV Connect server.
 */
export const KV_CONNECT_MAX_CHECKS_PER_COMMIT = 10;
/**
 * Commits that are sent to a KV Connect server together. Each holds few devices, and Deno 2.9 sends
 * one over 1,024 bytes in two parts, the second after the first is acknowledged: 44 ms over plain HTTP.
 */
export const KV_CONNECT_COMMITS_AT_ONCE = 16;

const MAX_CHECKS = Symbol("the most checks in one commit");

/** Where the database is: a local file (`:memory:` for tests), or the URL of a KV Connect server. */
export type StoreLocation = { path: string } | { url: string };

/** Opens the database. The token for a URL is read by Deno itself from DENO_KV_ACCESS_TOKEN. */
export async function openStore(location: StoreLocation): Promise<Deno.Kv> {
  if ("path" in location) return await Deno.openKv(location.path);
  const kv = await Deno.openKv(location.url);
  return Object.assign(kv, { [MAX_CHECKS]: KV_CONNECT_MAX_CHECKS_PER_COMMIT });
}

/** The most checks that one commit to this database may have. */
export function maxChecksPerCommit(kv: Deno.Kv): number {
  const own: unknown = Reflect.get(kv, MAX_CHECKS);
  return typeof own === "number" ? own : KV_MAX_CHECKS_PER_COMMIT;
}

/** What an attempt answers when another writer was faster. */
export const CONFLICT = Symbol("conflict");

const MAX_ATTEMPTS = 16;
/** Most conflicts are over at once; only where many writers meet does it help to wait. */
const ATTEMPTS_WITHOUT_PAUSE = 4;
const FIRST_PAUSE_MS = 4;
const MAX_PAUSE_MS = 250;

/** How `retry` waits between attempts; a test puts its own in. */
export interface RetryPauses {
  /** From 0 up to 1. */
  random?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/**
 * Runs a read-modify-write until its commit holds. `attempt` reads, checks versionstamps in its
 * commit, and answers CONFLICT where that commit failed. After some conflicts it waits a random and
 * growing while, so that many writers of one record do not keep colliding.
 */
export async function retry<T>(
  attempt: () => Promise<T | typeof CONFLICT>,
  { random = Math.random, sleep = sleepFor }: RetryPauses = {},
): Promise<T> {
  for (let i = 1;; i++) {
    const result = await attempt();
    if (result !== CONFLICT) return result;
    if (i === MAX_ATTEMPTS) break;
    if (i >= ATTEMPTS_WITHOUT_PAUSE) {
      const longest = FIRST_PAUSE_MS * 2 ** (i - ATTEMPTS_WITHOUT_PAUSE);
      await sleep(random() * Math.min(longest, MAX_PAUSE_MS));
    }
  }
  throw new DomainError(
    "overloaded",
    "too many writers are changing the same record",
    { retryAfterSeconds: 1 },
  );
}

/** Tries that a commit makes while another process writes to the same file: some two seconds of them. */
const MAX_LOCKED_ATTEMPTS = 100;
const MAX_LOCKED_PAUSE_MS = 50;

/**
 * Commits. Where two processes write to one local file, SQLite refuses one of them at once with
 * SQLITE_BUSY instead of letting it wait; then nothing was written, and it is tried again after a
 * random pause. Throws `overloaded` where the file stays locked, and what else the database says.
 */
export async function commit(
  operation: Deno.AtomicOperation,
  { random = Math.random, sleep = sleepFor }: RetryPauses = {},
): Promise<Deno.KvCommitResult | Deno.KvCommitError> {
  for (let i = 1;; i++) {
    try {
      return await operation.commit();
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (i === MAX_LOCKED_ATTEMPTS) {
        throw new DomainError(
          "overloaded",
          "another process holds the database",
          { retryAfterSeconds: 1, cause: error },
        );
      }
    }
    await sleep(random() * Math.min(2 ** i, MAX_LOCKED_PAUSE_MS));
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && error.message === "database is locked";
}

function sleepFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Reads any number of keys, in groups as large as KV allows. */
export async function getMany<T>(
  kv: Deno.Kv,
  wanted: Deno.KvKey[],
): Promise<Deno.KvEntryMaybe<T>[]> {
  const entries: Deno.KvEntryMaybe<T>[] = [];
  for (let i = 0; i < wanted.length; i += KV_MAX_KEYS_PER_GET) {
    const group = wanted.slice(i, i + KV_MAX_KEYS_PER_GET);
    entries.push(...await kv.getMany<T[]>(group));
  }
  return entries;
}

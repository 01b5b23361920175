/** What the tests of the store share. */
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import {
  KV_CONNECT_MAX_CHECKS_PER_COMMIT,
  openStore,
} from "@/lib/store/open.ts";
import { MAX_DEVICES_PER_COMMIT } from "@/lib/store/snapshots.ts";

/** The KV Connect server that `deno task test:remote` tests against. */
const REMOTE_URL = Deno.env.get("TEST_KV_URL");

const DELETES_PER_COMMIT = 100;

/** The most devices that one commit to `testKv` takes. */
export const DEVICES_PER_COMMIT = REMOTE_URL
  ? KV_CONNECT_MAX_CHECKS_PER_COMMIT / 2
  : MAX_DEVICES_PER_COMMIT;

export type TestKv = Deno.Kv & AsyncDisposable;

/**
 * An empty database, closed at the end of the test: in memory, or the one that TEST_KV_URL names. That
 * one must be empty, so that all that is in it at the end is the test's, and is deleted.
 */
export async function testKv(): Promise<TestKv> {
  if (!REMOTE_URL) {
    const kv = await openStore({ path: ":memory:" });
    return withDisposal(kv, () => Promise.resolve());
  }
  const kv = await openStore({ url: REMOTE_URL });
  try {
    await requireEmpty(kv, REMOTE_URL);
  } catch (error) {
    kv.close();
    throw error;
  }
  return withDisposal(kv, () => deleteAll(kv));
}

function withDisposal(kv: Deno.Kv, clear: () => Promise<void>): TestKv {
  return Object.assign(kv, {
    async [Symbol.asyncDispose]() {
      try {
        await clear();
      } finally {
        kv.close();
      }
    },
  });
}

/** Throws where the database has any entry: it is somebody's. */
export async function requireEmpty(kv: Deno.Kv, url: string): Promise<void> {
  const any = await kv.list({ prefix: [] }, { limit: 1 }).next();
  if (any.done) return;
  throw new Error(
    `the database at ${url} is not empty: tests would destroy what is in it`,
  );
}

/** Deletes every entry of a database that was empty before the tests. */
export async function deleteAll(kv: Deno.Kv): Promise<void> {
  const entries = kv.list({ prefix: [] });
  const keys = await Array.fromAsync(entries, ({ key }) => key);
  for (let i = 0; i < keys.length; i += DELETES_PER_COMMIT) {
    const atomic = kv.atomic();
    for (const key of keys.slice(i, i + DELETES_PER_COMMIT)) atomic.delete(key);
    await atomic.commit();
  }
}

/** A connection as the store keeps it. */
export function tracked(
  overrides: Partial<TrackedConnection> = {},
): TrackedConnection {
  return {
    protocol: "TCP",
    sourceIp: "192.168.1.20",
    sourcePort: 40_001,
    destIp: "10.20.0.7",
    destPort: 4059,
    bytesIn: 1200,
    bytesOut: 800,
    state: "ESTABLISHED",
    processName: "meterd",
    firstSeenAt: 1_000,
    lastSeenAt: 1_000,
    ...overrides,
  };
}

/** Every key of the database, in its order, but for the change log's, which go by themselves. */
export async function allKeys(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.map(({ key }) => key).filter(([kind]) => kind !== "change");
}

/** What a test does in the middle of a database's calls. */
export interface KvHooks {
  /** Runs before each commit; what it throws, the commit throws. */
  beforeCommit?: () => unknown;
  beforeGetMany?: () => unknown;
  /** Runs before the first row of a list is read. */
  beforeList?: (prefix: Deno.KvKey) => unknown;
  /** Sees each value that is set in a commit. */
  onSet?: (key: Deno.KvKey, options?: { expireIn?: number }) => void;
}

/** The database, with its calls watched or held up by a test. */
export function hookedKv(kv: Deno.Kv, hooks: KvHooks): Deno.Kv {
  return proxyOf(kv, {
    atomic: () => hookedAtomic(kv.atomic(), hooks),
    getMany: async (keys, options) => {
      await hooks.beforeGetMany?.();
      return await kv.getMany(keys, options);
    },
    list: <T>(selector: Deno.KvListSelector, options?: Deno.KvListOptions) => {
      const rows = kv.list<T>(selector, options);
      return proxyOf(rows, {
        async *[Symbol.asyncIterator]() {
          if ("prefix" in selector) await hooks.beforeList?.(selector.prefix);
          yield* rows;
        },
      });
    },
  });
}

function hookedAtomic(
  atomic: Deno.AtomicOperation,
  hooks: KvHooks,
): Deno.AtomicOperation {
  const hooked: Deno.AtomicOperation = proxyOf(atomic, {
    check: (...checks) => (atomic.check(...checks), hooked),
    delete: (key) => (atomic.delete(key), hooked),
    set: (key, value, options) => {
      hooks.onSet?.(key, options);
      atomic.set(key, value, options);
      return hooked;
    },
    commit: async () => {
      await hooks.beforeCommit?.();
      return await atomic.commit();
    },
  });
  return hooked;
}

function proxyOf<T extends object>(target: T, replaced: Partial<T>): T {
  return new Proxy(target, {
    get(_, property) {
      const own: unknown = Reflect.get(replaced, property) ??
        Reflect.get(target, property);
      // The originals keep their state in private fields, which a proxy does not have.
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}

import assert from "node:assert/strict";
import {
  commit,
  CONFLICT,
  getMany,
  openStore,
  retry,
} from "@/lib/store/open.ts";
import { testKv } from "./support.ts";

Deno.test("openStore: opens a database in memory, empty each time", async () => {
  using first = await openStore({ path: ":memory:" });
  await first.set(["here"], 1);
  using second = await openStore({ path: ":memory:" });
  assert.equal((await first.get(["here"])).value, 1);
  assert.equal((await second.get(["here"])).value, null);
});

Deno.test("openStore: opens a file, which keeps what was written", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/monitor.db`;
    {
      using kv = await openStore({ path });
      await kv.set(["here"], 1);
    }
    using again = await openStore({ path });
    assert.equal((await again.get(["here"])).value, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("retry: answers what the first attempt without a conflict answers", async () => {
  let attempts = 0;
  const answer = await retry(() =>
    Promise.resolve(++attempts < 3 ? CONFLICT : `attempt ${attempts}`)
  );
  assert.equal(answer, "attempt 3");
});

Deno.test("retry: gives up after a bounded number of conflicts", async () => {
  let attempts = 0;
  const pauses: number[] = [];
  const contended = retry(() => {
    attempts++;
    return Promise.resolve<typeof CONFLICT>(CONFLICT);
  }, {
    random: () => 0.5,
    sleep: (ms) => (pauses.push(ms), Promise.resolve()),
  });
  await assert.rejects(contended, {
    code: "overloaded",
    retryAfterSeconds: 1,
  });
  assert.equal(attempts, 16);
  // The first conflicts are tried again at once; later pauses grow up to a limit.
  assert.deepEqual(
    pauses,
    [2, 4, 8, 16, 32, 64, 125, 125, 125, 125, 125, 125],
  );
});

Deno.test("retry: fifty writers of one record all get through", async () => {
  using kv = await openStore({ path: ":memory:" });
  const key = ["counter"];
  await Promise.all(Array.from({ length: 50 }, () =>
    retry(async () => {
      const entry = await kv.get<number>(key);
      const commit = kv.atomic().check(entry).set(key, (entry.value ?? 0) + 1);
      return (await commit.commit()).ok ? undefined : CONFLICT;
    })));
  assert.equal((await kv.get(key)).value, 50);
});

Deno.test("retry: passes an error on at once", async () => {
  let attempts = 0;
  const broken = retry(() => {
    attempts++;
    return Promise.reject(new Error("the disk is gone"));
  });
  await assert.rejects(broken, /the disk is gone/);
  assert.equal(attempts, 1);
});

Deno.test("getMany: reads more keys than one call to KV may", async () => {
  await using kv = await testKv();
  const keys = Array.from({ length: 25 }, (_, i) => ["n", i]);
  for (const key of keys) if (key[1] !== 13) await kv.set(key, key[1]);
  const entries = await getMany<number>(kv, keys);
  assert.deepEqual(
    entries.map((entry) => entry.value),
    keys.map(([, i]) => i === 13 ? null : i),
  );
  assert.deepEqual(await getMany(kv, []), []);
});

/** A commit that fails so many times as the file of a busy process does. */
function lockedFor(
  attempts: number,
  error = new TypeError("database is locked"),
) {
  const ok: Deno.KvCommitResult = { ok: true, versionstamp: "1" };
  const seen = { attempts: 0, pausesMs: [] as number[] };
  const operation = {
    commit() {
      seen.attempts++;
      return seen.attempts > attempts
        ? Promise.resolve(ok)
        : Promise.reject(error);
    },
  } as Deno.AtomicOperation;
  const pauses = {
    random: () => 1,
    sleep: (ms: number) => Promise.resolve(void seen.pausesMs.push(ms)),
  };
  return { operation, seen, pauses, ok };
}

Deno.test("commit: tries again where another process holds the file, with growing pauses", async () => {
  const { operation, seen, pauses, ok } = lockedFor(7);
  assert.equal(await commit(operation, pauses), ok);
  assert.deepEqual(seen.pausesMs, [2, 4, 8, 16, 32, 50, 50]);
});

Deno.test("commit: throws overloaded where the file stays locked", async () => {
  const { operation, pauses } = lockedFor(Infinity);
  await assert.rejects(commit(operation, pauses), {
    code: "overloaded",
    retryAfterSeconds: 1,
  });
});

Deno.test("commit: throws at once what else goes wrong", async () => {
  const { operation, seen, pauses } = lockedFor(1, new TypeError("disk full"));
  await assert.rejects(commit(operation, pauses), /disk full/);
  assert.equal(seen.attempts, 1);
});

import assert from "node:assert/strict";
import { CHANGE_TTL_MS } from "@/lib/store/change_log.ts";
import { keys } from "@/lib/store/keys.ts";
import { KV_MAX_VALUE_BYTES } from "@/lib/store/open.ts";
import {
  commitHasRoom,
  EMPTY_SNAPSHOT,
  MAX_DEVICES_PER_COMMIT,
  MAX_PACKED_BYTES,
  NO_CONNECTIONS,
  type Presence,
  type Snapshot,
  SnapshotStore,
  type SnapshotWrite,
  writeCost,
} from "@/lib/store/snapshots.ts";
import { allKeys, DEVICES_PER_COMMIT, hookedKv, testKv } from "./support.ts";

const NOW = 1_700_000_000_000;
const EXPIRES = NOW + 300_000;

/** Bytes that differ from position to position. */
function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed));
}

function presence(
  overrides: Partial<Presence> = {},
): Omit<Presence, "chunkCount"> {
  const { chunkCount: _, ...rest } = {
    cursor: { session: "s", sequence: 1, retiredSessions: [] },
    lastSeenAt: NOW,
    scannedAt: NOW - 5,
    intervalSeconds: 10,
    chunkCount: 0,
    connectionsExpireAt: EXPIRES,
    ...overrides,
  };
  return rest;
}

function write(
  deviceId: string,
  packed: Uint8Array,
  replaces: Snapshot = EMPTY_SNAPSHOT,
): SnapshotWrite {
  return { deviceId, replaces, presence: presence(), packed };
}

/** A store in which the devices exist. */
async function storeWith(kv: Deno.Kv, deviceIds: string[]) {
  for (const id of deviceIds) await kv.set(keys.device(id), { id });
  return new SnapshotStore(kv);
}

/** Commits one device's snapshot, which nobody else changes. */
async function committed(
  store: SnapshotStore,
  one: SnapshotWrite,
): Promise<Snapshot> {
  const [snapshot] = await store.commit([one], NOW) ?? [];
  assert.ok(snapshot, "the commit holds");
  return snapshot;
}

/** The keys of the snapshots' rows. */
async function rows(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  return (await allKeys(kv)).filter(([kind]) => kind !== "device");
}

/** Everything that `all` yields, by device. */
async function everySnapshot(store: SnapshotStore, nowMs = NOW) {
  const found = new Map<string, Snapshot>();
  for await (const { deviceId, snapshot } of store.all(nowMs)) {
    assert.ok(!found.has(deviceId), `${deviceId} comes once`);
    found.set(deviceId, snapshot);
  }
  return found;
}

Deno.test("SnapshotStore.read: a device that never reported has the empty snapshot", async () => {
  await using kv = await testKv();
  assert.equal(await new SnapshotStore(kv).read("m-1"), EMPTY_SNAPSHOT);
});

Deno.test("SnapshotStore.commit: what it answers is what is read", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1"]);
  const snapshot = await committed(store, write("m-1", bytes(100)));
  assert.deepEqual(snapshot.presence, { ...presence(), chunkCount: 1 });
  assert.deepEqual(await store.read("m-1"), snapshot);
});

const CHUNK = KV_MAX_VALUE_BYTES - 1_024;

for (
  const [length, chunkCount] of [
    [0, 0],
    [1, 1],
    [CHUNK - 1, 1],
    [CHUNK, 1],
    [CHUNK + 1, 2],
    [2 * CHUNK, 2],
    [2 * CHUNK + 1, 3],
    [MAX_PACKED_BYTES, 10],
  ] as const
) {
  Deno.test(`SnapshotStore.commit: ${length} bytes take ${chunkCount} chunks and come back`, async () => {
    await using kv = await testKv();
    const store = await storeWith(kv, ["m-1"]);
    const packed = bytes(length);
    const snapshot = await committed(store, write("m-1", packed));
    assert.equal(snapshot.presence?.chunkCount, chunkCount);
    assert.equal((await rows(kv)).length, 1 + chunkCount);
    assert.deepEqual((await store.read("m-1")).packed, packed);
    const all = await everySnapshot(store);
    assert.deepEqual(all.get("m-1"), snapshot);
  });
}

Deno.test("SnapshotStore.commit: fewer chunks than before leave no rows behind", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1"]);
  let snapshot = EMPTY_SNAPSHOT;
  for (const length of [4 * CHUNK, CHUNK + 1, 1, 3 * CHUNK, 0]) {
    snapshot = await committed(store, write("m-1", bytes(length), snapshot));
    assert.deepEqual(await rows(kv), [
      ...Array.from(
        { length: Math.ceil(length / CHUNK) },
        (_, i) => keys.connections("m-1", i),
      ),
      keys.presence("m-1"),
    ]);
    assert.deepEqual(await store.read("m-1"), snapshot);
  }
});

Deno.test("SnapshotStore.commit: each chunk expires with its connections, the presence never", async () => {
  await using kv = await testKv();
  await storeWith(kv, ["m-1"]);
  const set: [kind: unknown, expireIn: number | undefined][] = [];
  const store = new SnapshotStore(hookedKv(kv, {
    onSet: ([kind], options) => set.push([kind, options?.expireIn]),
  }));
  const first = await committed(store, write("m-1", bytes(CHUNK + 1)));
  assert.deepEqual(set, [
    ["presence", undefined],
    ["connections", EXPIRES - NOW],
    ["connections", EXPIRES - NOW],
    ["change", CHANGE_TTL_MS],
  ]);
  set.length = 0;
  // KV refuses a life of nothing or less.
  const late = write("m-1", bytes(1), first);
  assert.ok(await store.commit([late], EXPIRES + 5));
  assert.deepEqual(set, [
    ["presence", undefined],
    ["connections", 1],
    ["change", CHANGE_TTL_MS],
  ]);
});

Deno.test("SnapshotStore.commit: several devices are written as one", async () => {
  await using kv = await testKv();
  const ids = ["m-1", "m-2", "m-3"];
  const store = await storeWith(kv, ids);
  const snapshots = await store.commit(
    ids.map((id, i) => write(id, bytes(10 + i, i))),
    NOW,
  );
  assert.ok(snapshots);
  for (const [i, id] of ids.entries()) {
    assert.deepEqual(await store.read(id), snapshots[i]);
  }
  const versions = new Set(snapshots.map(({ versionstamp }) => versionstamp));
  assert.equal(versions.size, 1);
});

Deno.test("SnapshotStore.commit: a conflict on one device writes nothing of any", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1", "m-2"]);
  const stale = await committed(store, write("m-1", bytes(5)));
  const newer = await committed(store, write("m-1", bytes(6), stale));
  const before = await rows(kv);
  const answer = await store.commit([
    write("m-2", bytes(7)),
    write("m-1", bytes(3 * CHUNK), stale),
  ], NOW);
  assert.equal(answer, null);
  assert.deepEqual(await rows(kv), before);
  assert.deepEqual(await store.read("m-1"), newer);
  assert.deepEqual(await store.read("m-2"), EMPTY_SNAPSHOT);
});

Deno.test("SnapshotStore.commit: two first reports at once are a conflict", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1"]);
  const answers = await Promise.all([
    store.commit([write("m-1", bytes(1))], NOW),
    store.commit([write("m-1", bytes(2))], NOW),
  ]);
  assert.equal(answers.filter((answer) => answer === null).length, 1);
});

Deno.test("SnapshotStore.commit: a first report of a device that is gone writes nothing", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1"]);
  const gone = write("m-2", bytes(1));
  assert.equal(await store.commit([write("m-1", bytes(1)), gone], NOW), null);
  assert.deepEqual(await rows(kv), []);
});

Deno.test("SnapshotStore.commit: a first report of a device that goes meanwhile writes nothing", async () => {
  await using kv = await testKv();
  await storeWith(kv, ["m-1"]);
  const store = new SnapshotStore(hookedKv(kv, {
    beforeCommit: () => kv.delete(keys.device("m-1")),
  }));
  assert.equal(await store.commit([write("m-1", bytes(1))], NOW), null);
  assert.deepEqual(await allKeys(kv), []);
});

Deno.test("SnapshotStore.read: chunks that KV deleted are no connections", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1"]);
  const snapshot = await committed(store, write("m-1", bytes(2 * CHUNK)));
  await kv.delete(keys.connections("m-1", 0));
  const expected = { ...snapshot, packed: NO_CONNECTIONS };
  assert.deepEqual(await store.read("m-1"), expected);
  assert.deepEqual((await everySnapshot(store)).get("m-1"), expected);
  // A report on top of what was read holds.
  await committed(store, write("m-1", bytes(1), expected));
});

Deno.test("SnapshotStore.read: a report between the presence and its chunks is read whole", async () => {
  await using kv = await testKv();
  const writer = await storeWith(kv, ["m-1"]);
  const before = await committed(writer, write("m-1", bytes(CHUNK + 1)));
  let reports = 1;
  let after = before;
  const reader = new SnapshotStore(hookedKv(kv, {
    beforeGetMany: async () => {
      if (reports-- <= 0) return;
      after = await committed(writer, write("m-1", bytes(9, 9), before));
    },
  }));
  assert.deepEqual(await reader.read("m-1"), after);
  assert.notEqual(after, before);
});

Deno.test("SnapshotStore.all: each device in step with its chunks", async () => {
  await using kv = await testKv();
  const ids = ["m-1", "m-2", "m-3", "m-4", "m-5"];
  const store = await storeWith(kv, ids);
  const expected = new Map<string, Snapshot>();
  const lengths = [0, CHUNK + 1, 10, 0, 3 * CHUNK];
  for (const [i, id] of ids.entries()) {
    const packed = bytes(lengths[i] ?? 0, i);
    expected.set(id, await committed(store, write(id, packed)));
  }
  // Chunks without a presence, before, between and behind the devices.
  for (const id of ["a", "m-25", "z"]) {
    await kv.set(keys.connections(id, 0), bytes(1));
  }
  assert.deepEqual(await everySnapshot(store), expected);
});

Deno.test("SnapshotStore.all: more devices than one batch of the database", async () => {
  await using kv = await testKv();
  const ids = Array.from({ length: 1_100 }, () => crypto.randomUUID()).sort();
  const store = await storeWith(kv, ids);
  const expected = new Map<string, Snapshot>();
  for (let i = 0; i < ids.length; i += DEVICES_PER_COMMIT) {
    const group = ids.slice(i, i + DEVICES_PER_COMMIT);
    const snapshots = await store.commit(
      group.map((id, n) => write(id, bytes((i + n) % 3, i + n))),
      NOW,
    );
    group.forEach((id, n) =>
      expected.set(id, snapshots?.[n] ?? EMPTY_SNAPSHOT)
    );
  }
  assert.deepEqual(await everySnapshot(store), expected);
});

Deno.test("SnapshotStore.all: connections past their time may be gone from KV in part", async () => {
  await using kv = await testKv();
  const store = await storeWith(kv, ["m-1", "m-2"]);
  const first = await committed(store, write("m-1", bytes(2 * CHUNK)));
  const second = await committed(store, write("m-2", bytes(5)));
  await kv.delete(keys.connections("m-1", 1));
  await kv.delete(keys.connections("m-2", 0));
  assert.deepEqual(
    await everySnapshot(store, EXPIRES),
    new Map([
      ["m-1", { ...first, packed: NO_CONNECTIONS }],
      ["m-2", { ...second, packed: NO_CONNECTIONS }],
    ]),
  );
});

for (const nowMs of [NOW, EXPIRES]) {
  const when = nowMs === NOW ? "" : ", also where what was there had expired";
  Deno.test(`SnapshotStore.all: a report between the two lists is read whole${when}`, async () => {
    await using kv = await testKv();
    const writer = await storeWith(kv, ["m-1"]);
    const before = await committed(writer, write("m-1", bytes(2 * CHUNK)));
    let after = before;
    const reader = new SnapshotStore(hookedKv(kv, {
      beforeList: async (prefix) => {
        if (prefix[0] !== "connections") return;
        const next = write("m-1", bytes(2 * CHUNK, 9), before);
        after = await committed(writer, next);
      },
    }));
    assert.deepEqual((await everySnapshot(reader, nowMs)).get("m-1"), after);
    assert.notEqual(after, before);
  });
}

// What makes a row as large as it may be: names of 64 characters beyond Latin-1 take two bytes each.
const WIDE_ID = "計".repeat(64);
const LARGEST_PRESENCE = presence({
  cursor: {
    session: WIDE_ID,
    sequence: Number.MAX_SAFE_INTEGER,
    retiredSessions: [WIDE_ID, WIDE_ID, WIDE_ID, WIDE_ID],
  },
  scannedAt: 8.64e15,
  intervalSeconds: 86_399.999,
});

/** The largest commit that `commitHasRoom` lets through, of devices with `length` bytes each. */
function fullCommit(length: number, maxDevices: number): SnapshotWrite[] {
  // What it replaces has as many chunks as can be, so that as many rows as can be are deleted.
  const replaces: Snapshot = {
    ...EMPTY_SNAPSHOT,
    presence: { ...LARGEST_PRESENCE, chunkCount: 10 },
  };
  const writes: SnapshotWrite[] = [];
  let total = 0;
  const packed = bytes(length);
  while (commitHasRoom(writes.length, total, packed, maxDevices)) {
    const deviceId = crypto.randomUUID();
    writes.push({ deviceId, replaces, presence: LARGEST_PRESENCE, packed });
    total += writeCost(packed);
  }
  return writes;
}

for (
  const length of [0, 1_000, 14_000, 20_000, CHUNK, CHUNK + 1, MAX_PACKED_BYTES]
) {
  Deno.test(`commitHasRoom: a commit full of devices with ${length} bytes is within KV's limits`, async () => {
    await using kv = await testKv();
    const { maxDevicesPerCommit } = new SnapshotStore(kv);
    const writes = fullCommit(length, maxDevicesPerCommit);
    assert.ok(writes.length <= DEVICES_PER_COMMIT);
    const store = await storeWith(kv, writes.map((w) => w.deviceId));
    assert.ok(await store.commit(writes, NOW), `${writes.length} devices`);
  });
}

Deno.test("commitHasRoom: one device always has room, however large", () => {
  assert.equal(commitHasRoom(0, 0, bytes(MAX_PACKED_BYTES)), true);
  assert.equal(commitHasRoom(1, 0, bytes(0)), true);
  assert.equal(commitHasRoom(MAX_DEVICES_PER_COMMIT, 0, bytes(0)), false);
  assert.equal(commitHasRoom(5, 0, bytes(0), 6), true);
  assert.equal(commitHasRoom(6, 0, bytes(0), 6), false);
});

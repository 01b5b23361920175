/** The server as Deno's own client sees it. */
import assert from "node:assert/strict";
import { MAX_CHECKS, MAX_WRITE_KEY_BYTES } from "./limits.ts";
import { type KvConnectServer, startKvConnect } from "./server.ts";

/** Opens the server's database as a program would that has this token in its environment. */
async function open(
  { url, accessToken }: Pick<KvConnectServer, "url" | "accessToken">,
): Promise<Deno.Kv> {
  const before = Deno.env.get("DENO_KV_ACCESS_TOKEN");
  Deno.env.set("DENO_KV_ACCESS_TOKEN", accessToken);
  try {
    return await Deno.openKv(url);
  } finally {
    if (before === undefined) Deno.env.delete("DENO_KV_ACCESS_TOKEN");
    else Deno.env.set("DENO_KV_ACCESS_TOKEN", before);
  }
}

Deno.test("KV Connect: values come back as they were set, with rising versionstamps", async () => {
  await using server = startKvConnect();
  using kv = await open(server);
  const value = { text: "計", bytes: new Uint8Array([0, 255]), at: 1n };
  const first = await kv.set(["a", 1], value);
  const second = await kv.set(["a", 2], null);
  assert.ok(first.versionstamp < second.versionstamp);
  const { versionstamp } = first;
  const entry = await kv.get(["a", 1]);
  assert.deepEqual(entry, { key: ["a", 1], value, versionstamp });
  assert.equal((await kv.get(["a", 3])).versionstamp, null);
  await kv.delete(["a", 1]);
  assert.equal((await kv.get(["a", 1])).versionstamp, null);
  assert.equal(server.database.size, 1);
});

Deno.test("KV Connect: a list is in the order of keys, in batches and backwards", async () => {
  await using server = startKvConnect();
  using kv = await open(server);
  const keys: Deno.KvKey[] = [];
  for (const part of [new Uint8Array([255]), "é", "z", -3, 0, 10, 9n, true]) {
    keys.push(["list", part], ["list", part, "within"]);
  }
  for (const key of keys.toReversed()) await kv.set(key, 1);
  await kv.set(["lisu"], 1);
  using local = await Deno.openKv(":memory:");
  for (const key of keys) await local.set(key, 1);
  for (const options of [{ batchSize: 3 }, { reverse: true, limit: 5 }]) {
    const [listed, expected] = await Promise.all(
      [kv, local].map((each) =>
        Array.fromAsync(each.list({ prefix: ["list"] }, options), (e) => e.key)
      ),
    );
    assert.deepEqual(listed, expected);
  }
});

Deno.test("KV Connect: a commit whose check fails changes nothing", async () => {
  await using server = startKvConnect();
  using kv = await open(server);
  const { versionstamp } = await kv.set(["a"], 1);
  const commit = (expected: string | null) =>
    kv.atomic().check({ key: ["a"], versionstamp: expected })
      .set(["a"], 2).delete(["b"]).set(["c"], 3).commit();
  assert.equal((await commit(null)).ok, false);
  assert.equal((await kv.get(["a"])).value, 1);
  assert.equal((await commit(versionstamp)).ok, true);
  assert.equal((await commit(versionstamp)).ok, false);
  const entries = await kv.getMany([["a"], ["b"], ["c"]]);
  assert.deepEqual(entries.map((entry) => entry.value), [2, null, 3]);
});

Deno.test("KV Connect: an entry is there until it expires", async () => {
  let offsetMs = 0;
  await using server = startKvConnect({ now: () => Date.now() + offsetMs });
  using kv = await open(server);
  await kv.set(["a"], 1, { expireIn: 60_000 });
  await kv.set(["b"], 1);
  assert.equal((await kv.get(["a"])).value, 1);
  offsetMs = 60_001;
  assert.equal((await kv.get(["a"])).value, null);
  assert.equal(server.database.size, 1);
});

Deno.test("KV Connect: what is over a limit of denokv is refused, though Deno's client lets it pass", async () => {
  await using server = startKvConnect();
  using kv = await open(server);
  const checked = (checks: number) => {
    const atomic = kv.atomic().set(["a"], 1);
    for (let i = 0; i < checks; i++) {
      atomic.check({ key: ["free", i], versionstamp: null });
    }
    return atomic.commit();
  };
  assert.equal((await checked(MAX_CHECKS)).ok, true);
  await assert.rejects(checked(MAX_CHECKS + 1), /400.*Too many checks/);
  assert.deepEqual(server.refused, [
    "Too many checks included in atomic write.",
  ]);
  // Two bytes of a key say that it is text and where it ends.
  const longest = "k".repeat(MAX_WRITE_KEY_BYTES - 2);
  assert.equal((await kv.set([longest], 1)).ok, true);
});

Deno.test("KV Connect: another token is refused, and so is what this server does not do", async () => {
  await using server = startKvConnect();
  const { url } = server;
  const stranger = open({ url, accessToken: "another token" });
  await assert.rejects(stranger, /401.*Invalid access token/);
  using kv = await open(server);
  const sum = kv.atomic().sum(["n"], 1n).commit();
  await assert.rejects(sum, /400.*no mutations of type 3/);
});

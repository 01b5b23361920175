import assert from "node:assert/strict";
import { ChangeLog } from "@/lib/store/change_log.ts";
import { testKv } from "./support.ts";

async function log(
  kv: Deno.Kv,
  writer: ChangeLog,
  change: { devices?: string[]; snapshots?: string[] },
): Promise<void> {
  const commit = kv.atomic();
  writer.add(commit, change);
  assert.ok((await commit.commit()).ok);
}

Deno.test("ChangeLog tells what others changed since a position, each id once", async () => {
  await using kv = await testKv();
  const [one, two, reader] = ["one", "two", "reader"].map((id) =>
    new ChangeLog(kv, id)
  );
  assert.ok(one && two && reader);
  await log(kv, one, { devices: ["before"] });
  const start = await reader.position();
  await log(kv, one, { devices: ["a"], snapshots: ["b"] });
  await log(kv, two, { snapshots: ["b", "c"] });
  await log(kv, reader, { snapshots: ["own"] });
  const first = await reader.since(start);
  assert.deepEqual(first.change, { devices: ["a"], snapshots: ["b", "c"] });
  const second = await reader.since(first.position);
  assert.deepEqual(second.change, { devices: [], snapshots: [] });
  await log(kv, two, { devices: ["d"] });
  const third = await reader.since(second.position);
  assert.deepEqual(third.change, { devices: ["d"], snapshots: [] });
});

Deno.test("ChangeLog tells of an entry that lands after one with a higher number", async () => {
  await using kv = await testKv();
  const writer = new ChangeLog(kv, "writer");
  const reader = new ChangeLog(kv, "reader");
  const late = kv.atomic();
  writer.add(late, { devices: ["late"] });
  await log(kv, writer, { devices: ["early"] });
  const first = await reader.since(new Map());
  assert.deepEqual(first.change.devices, ["early"]);
  await late.commit();
  const second = await reader.since(first.position);
  assert.deepEqual(second.change.devices, ["late"]);
});

Deno.test("ChangeLog reads more entries than one batch", async () => {
  await using kv = await testKv();
  const writer = new ChangeLog(kv, "writer");
  const reader = new ChangeLog(kv, "reader");
  const ids = Array.from({ length: 1_200 }, (_, i) => `device-${i}`);
  for (const id of ids) await log(kv, writer, { devices: [id] });
  const { change, position } = await reader.since(new Map());
  assert.deepEqual(change.devices, ids);
  assert.deepEqual((await reader.since(position)).change.devices, []);
});

Deno.test("ChangeLog's entry is part of its commit: one that fails leaves none", async () => {
  await using kv = await testKv();
  const writer = new ChangeLog(kv, "writer");
  const reader = new ChangeLog(kv, "reader");
  const commit = kv.atomic().check({
    key: ["nothing"],
    versionstamp: "00000000000000010000",
  });
  writer.add(commit, { devices: ["a"] });
  assert.equal((await commit.commit()).ok, false);
  await log(kv, writer, { devices: ["b"] });
  assert.deepEqual((await reader.since(new Map())).change.devices, ["b"]);
});

import assert from "node:assert/strict";
import type { ReportResponse } from "@/lib/contract/monitor.ts";
import { viewerOf } from "@/lib/domain/user.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import { DeviceStore } from "@/lib/store/devices.ts";
import { keys } from "@/lib/store/keys.ts";
import { countCommits, firstOf, fixture } from "./ingest_support.ts";
import {
  connection,
  everything,
  openFleet,
  picture,
  portsOf,
} from "./support.ts";

/** Lets another process do something before the next commit, and never again. */
function before(hooks: { beforeCommit?: () => unknown }, act: () => unknown) {
  hooks.beforeCommit = () => {
    hooks.beforeCommit = undefined;
    return act();
  };
}

Deno.test("Ingest: what another process adds in between is kept", async () => {
  await using at = await fixture();
  const id = firstOf(at);
  const other = await openFleet(at.raw, at.clock);
  await at.fleet.report(at.alice.id, picture(id, 1, [1]));
  before(
    at.hooks,
    () => other.addConnections(at.alice.id, id, [connection(2)]),
  );
  await at.fleet.addConnections(at.alice.id, id, [connection(3)]);
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [1, 2, 3]);
  const again = await openFleet(at.raw, at.clock);
  assert.deepEqual(portsOf(again, at.alice, id), [1, 2, 3]);
});

Deno.test("Ingest: a report that another process stored in between is a duplicate", async () => {
  await using at = await fixture();
  const id = firstOf(at);
  const other = await openFleet(at.raw, at.clock);
  before(at.hooks, () => other.report(at.alice.id, picture(id, 5, [1])));
  const answer = await at.fleet.report(at.alice.id, picture(id, 5, [2]));
  assert.deepEqual(answer, { accepted: 0, sequence: 5, outcome: "duplicate" });
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [1]);
});

Deno.test("Ingest: two processes that take reports at once lose nothing", async () => {
  await using at = await fixture({ devices: 12 });
  const other = await openFleet(at.raw, at.clock);
  const ports = Array.from({ length: 40 }, (_, i) => i);
  const answers = at.ids.flatMap((id) =>
    ports.map((port) => {
      const fleet = port % 2 === 0 ? at.fleet : other;
      return fleet.addConnections(at.alice.id, id, [connection(port)]);
    })
  );
  for (const { accepted } of await Promise.all(answers)) {
    assert.equal(accepted, 1);
  }
  const again = await openFleet(at.raw, at.clock);
  for (const id of at.ids) {
    assert.deepEqual(portsOf(again, at.alice, id), ports);
  }
});

Deno.test("Ingest: of a group with a device that is always contended only that one is refused", async () => {
  await using at = await fixture({ devices: 9 });
  const [contended = "", ...others] = at.ids;
  await at.fleet.report(at.alice.id, picture(contended, 1, [1]));
  const row = await at.raw.get(keys.presence(contended));
  const commits = countCommits(at.hooks);
  const counting = at.hooks.beforeCommit;
  at.hooks.beforeCommit = async () => {
    counting?.();
    // The same row with a new version, as if somebody had written it.
    await at.raw.set(row.key, row.value);
  };
  const [refused, ...stored] = await Promise.allSettled([
    at.fleet.report(at.alice.id, picture(contended, 2, [2])),
    ...others.map((id) => at.fleet.report(at.alice.id, picture(id, 1, [3]))),
  ]);
  assert.equal(refused.status, "rejected");
  assert.equal(refused.reason.code, "overloaded");
  assert.ok(commits() < 50, `${commits()} commits`);
  for (const { status } of stored) assert.equal(status, "fulfilled");
  for (const id of others) {
    assert.deepEqual(portsOf(at.fleet, at.alice, id), [3]);
  }
  at.hooks.beforeCommit = undefined;
  await at.fleet.report(at.alice.id, picture(contended, 2, [2]));
  assert.deepEqual(portsOf(at.fleet, at.alice, contended), [2]);
});

Deno.test("Ingest: reports of one device keep their order in a group that is split", async () => {
  await using at = await fixture({ devices: 3 });
  const [contended = "", ...others] = at.ids;
  const other = await openFleet(at.raw, at.clock);
  const add = (to: Fleet, port: number) =>
    to.addConnections(at.alice.id, contended, [connection(port)]);
  let conflicts = 4;
  at.hooks.beforeCommit = async () => {
    if (conflicts > 0) await add(other, 100 + conflicts--);
  };
  const added: Promise<unknown>[] = [];
  const reported: Promise<ReportResponse>[] = [];
  for (const sequence of [1, 2, 3]) {
    for (const id of others) {
      const report = picture(id, sequence, [sequence]);
      reported.push(at.fleet.report(at.alice.id, report));
    }
    added.push(add(at.fleet, sequence));
  }
  await Promise.all(added);
  for (const { outcome } of await Promise.all(reported)) {
    assert.equal(outcome, "stored");
  }
  for (const id of others) {
    assert.deepEqual(portsOf(at.fleet, at.alice, id), [3]);
  }
  assert.deepEqual(
    portsOf(at.fleet, at.alice, contended),
    [1, 2, 3, 101, 102, 103, 104],
  );
});

Deno.test("Ingest: a device that another process removed is not found, the others are stored", async () => {
  await using at = await fixture({ devices: 2 });
  const [gone = "", kept = ""] = at.ids;
  await at.fleet.report(at.alice.id, picture(gone, 1, [1]));
  before(at.hooks, () => new DeviceStore(at.raw).remove(gone));
  const [refused, stored] = await Promise.allSettled([
    at.fleet.report(at.alice.id, picture(gone, 2, [2])),
    at.fleet.report(at.alice.id, picture(kept, 1, [3])),
  ]);
  assert.equal(refused.status, "rejected");
  assert.equal(refused.reason.code, "not_found");
  assert.equal(stored.status, "fulfilled");
  const { list } = everything(at.fleet, viewerOf(at.alice));
  assert.deepEqual(list.devices.map(({ id }) => id), [kept]);
  assert.equal((await at.raw.get(keys.presence(gone))).value, null);
});

import assert from "node:assert/strict";
import type { DomainError } from "@/lib/domain/errors.ts";
import { viewerOf } from "@/lib/domain/user.ts";
import {
  MAX_WAITING_CONNECTIONS,
  MAX_WAITING_REPORTS,
} from "@/lib/fleet/ingest.ts";
import { CHANGE_TTL_MS } from "@/lib/store/change_log.ts";
import { CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { allKeys, DEVICES_PER_COMMIT } from "@/tests/lib/store/support.ts";
import { virtualExpiry } from "@/tests/lib/store/virtual_expiry.ts";
import { countCommits, firstOf, fixture, gate } from "./ingest_support.ts";
import {
  connection,
  everything,
  openFleet,
  picture,
  portsOf,
  registered,
} from "./support.ts";

Deno.test("Ingest: reports that arrive together share a commit", async () => {
  const devices = DEVICES_PER_COMMIT;
  await using at = await fixture({ devices });
  const commits = countCommits(at.hooks);
  const answers = await Promise.all(
    at.ids.map((id, i) => at.fleet.report(at.alice.id, picture(id, 1, [i]))),
  );
  assert.equal(commits(), 1);
  assert.equal(answers.filter((a) => a.outcome === "stored").length, devices);
  for (const [i, id] of at.ids.entries()) {
    assert.deepEqual(portsOf(at.fleet, at.alice, id), [i]);
  }
});

Deno.test("Ingest: reports that arrive during a commit share the next one", async () => {
  await using at = await fixture({ devices: DEVICES_PER_COMMIT + 1 });
  const { reached, open } = gate(at.hooks);
  const report = (id: string) => at.fleet.report(at.alice.id, picture(id, 1));
  const first = report(firstOf(at));
  await reached;
  const others = at.ids.slice(1).map(report);
  const commits = countCommits(at.hooks);
  open();
  await Promise.all([first, ...others]);
  assert.equal(commits(), 1);
});

Deno.test("Ingest: more devices than a commit takes are stored in several", async () => {
  const devices = 2 * DEVICES_PER_COMMIT + 1;
  await using at = await fixture({ devices });
  const commits = countCommits(at.hooks);
  await Promise.all(
    at.ids.map((id) => at.fleet.report(at.alice.id, picture(id, 1, [7]))),
  );
  assert.equal(commits(), 3);
  const { stats } = everything(at.fleet, viewerOf(at.alice)).list;
  assert.equal(stats.connections, devices);
});

/** A picture that takes about 210 KB when packed, so that three fill a commit. */
function largePicture(deviceId: string, sequence: number) {
  const connections = Array.from(
    { length: 700 },
    (_, i) => connection(i, { processName: `${i}`.padEnd(256, "x") }),
  );
  return picture(deviceId, sequence, [], { connections });
}

Deno.test("Ingest: large pictures are spread over as many commits as they need", async () => {
  await using at = await fixture({ devices: 7 });
  const commits = countCommits(at.hooks);
  await Promise.all(
    at.ids.map((id) => at.fleet.report(at.alice.id, largePicture(id, 1))),
  );
  assert.equal(commits(), 3);
  const before = everything(at.fleet, viewerOf(at.alice));
  assert.equal(before.list.stats.connections, 4_900);
  const again = await openFleet(at.raw, at.clock);
  assert.deepEqual(everything(again, viewerOf(at.alice)), before);
});

Deno.test("Ingest: of one device's large pictures only the last one takes room in a commit", async () => {
  await using at = await fixture({ devices: 2 });
  const [large = "", small = ""] = at.ids;
  const commits = countCommits(at.hooks);
  await Promise.all([
    ...[1, 2, 3, 4, 5].map((sequence) =>
      at.fleet.report(at.alice.id, largePicture(large, sequence))
    ),
    at.fleet.report(at.alice.id, picture(small, 1)),
  ]);
  assert.equal(commits(), 1);
});

Deno.test("Ingest: a commit that is full still takes more of the devices it has", async () => {
  await using at = await fixture({ devices: DEVICES_PER_COMMIT });
  const commits = countCommits(at.hooks);
  await Promise.all(
    [1, 2].flatMap((sequence) =>
      at.ids.map((id) => at.fleet.report(at.alice.id, picture(id, sequence)))
    ),
  );
  assert.equal(commits(), 1);
});

Deno.test("Ingest: what found no room in a commit comes before what arrived meanwhile", async () => {
  await using at = await fixture({ devices: DEVICES_PER_COMMIT + 1 });
  const last = at.ids.at(-1) ?? "";
  const { reached, open } = gate(at.hooks);
  const first = at.ids.map((id) =>
    at.fleet.report(at.alice.id, picture(id, 1))
  );
  await reached;
  const next = at.fleet.report(at.alice.id, picture(last, 2));
  open();
  for (const { outcome } of await Promise.all([...first, next])) {
    assert.equal(outcome, "stored");
  }
});

Deno.test("Ingest: rows expire in KV when the connection seen last has had its time", async () => {
  await using at = await fixture();
  const id = firstOf(at);
  const lives: (number | undefined)[] = [];
  at.hooks.onSet = ([kind], options) => {
    if (kind === "connections") lives.push(options?.expireIn);
  };
  const add = (...ports: number[]) =>
    at.fleet.addConnections(
      at.alice.id,
      id,
      ports.map((port) => connection(port)),
    );
  await add(1);
  at.clock.advance(100);
  await add(2);
  at.clock.advance(50);
  await add();
  assert.deepEqual(lives, [
    CONNECTION_TTL_MS,
    CONNECTION_TTL_MS,
    CONNECTION_TTL_MS - 50_000,
  ]);
});

Deno.test("Ingest: several reports of one device in a group count in their order", async () => {
  await using at = await fixture();
  const id = firstOf(at);
  const commits = countCommits(at.hooks);
  const report = (sequence: number, ports: number[]) =>
    at.fleet.report(at.alice.id, picture(id, sequence, ports));
  const answers = await Promise.all([
    report(1, [1, 2]),
    at.fleet.addConnections(at.alice.id, id, [connection(3)]),
    report(2, [2, 3, 4]),
    report(2, [9]),
    report(1, [9]),
    at.fleet.addConnections(at.alice.id, id, [connection(5)]),
  ]);
  assert.deepEqual(answers, [
    { accepted: 2, sequence: 1, outcome: "stored" },
    { accepted: 1 },
    { accepted: 3, sequence: 2, outcome: "stored" },
    { accepted: 0, sequence: 2, outcome: "duplicate" },
    { accepted: 0, sequence: 2, outcome: "stale" },
    { accepted: 1 },
  ]);
  assert.equal(commits(), 1);
  assert.deepEqual(portsOf(at.fleet, at.alice, id), [2, 3, 4, 5]);
});

Deno.test("Ingest: an answer comes after its commit, and the list learns of it with the answer", async () => {
  await using at = await fixture();
  const id = firstOf(at);
  const { reached, open } = gate(at.hooks);
  let answered = false;
  const answer = at.fleet.report(at.alice.id, picture(id, 1, [1]))
    .then(() => answered = true);
  await reached;
  assert.equal(at.fleet.stats(viewerOf(at.alice)).online, 0);
  assert.equal(answered, false);
  open();
  await answer;
  assert.equal(at.fleet.stats(viewerOf(at.alice)).online, 1);
});

Deno.test("Ingest: a commit that fails rejects its reports, changes nothing, and the next one holds", async () => {
  await using at = await fixture({ devices: 3 });
  const [one = "", two = ""] = at.ids;
  await at.fleet.report(at.alice.id, picture(one, 1, [1]));
  const before = everything(at.fleet, viewerOf(at.alice));
  const full = new Error("the disk is full");
  at.hooks.beforeCommit = () => {
    throw full;
  };
  const results = await Promise.allSettled([
    at.fleet.report(at.alice.id, picture(one, 2, [8])),
    at.fleet.report(at.alice.id, picture(two, 1, [9])),
  ]);
  assert.deepEqual(results, [
    { status: "rejected", reason: full },
    { status: "rejected", reason: full },
  ]);
  assert.deepEqual(everything(at.fleet, viewerOf(at.alice)), before);
  at.hooks.beforeCommit = undefined;
  const again = await openFleet(at.raw, at.clock);
  assert.deepEqual(everything(again, viewerOf(at.alice)), before);
  const retried = await at.fleet.report(at.alice.id, picture(one, 2, [8]));
  assert.equal(retried.outcome, "stored");
});

Deno.test("Ingest: a report that is refused does not hold up the others", async () => {
  await using at = await fixture({ devices: 2 });
  const [one = "", two = ""] = at.ids;
  const tooLarge = Array.from(
    { length: 3_000 },
    (_, i) => connection(i, { processName: `${i}`.padEnd(256, "x") }),
  );
  const [refused, stored] = await Promise.allSettled([
    at.fleet.addConnections(at.alice.id, one, tooLarge),
    at.fleet.report(at.alice.id, picture(two, 1, [1])),
  ]);
  assert.equal(refused.status, "rejected");
  assert.equal(refused.reason.code, "fields_invalid");
  assert.match(refused.reason.message, /would take \d+ bytes, 590176 at most/);
  assert.equal(stored.status, "fulfilled");
  assert.deepEqual(portsOf(at.fleet, at.alice, one), []);
});

Deno.test("Ingest: no more reports are taken than may wait, those under way included", async () => {
  await using at = await fixture({ devices: 60 });
  const { reached, open } = gate(at.hooks);
  const answers: Promise<unknown>[] = [];
  const submit = (n: number) => {
    const id = at.ids[n % at.ids.length] ?? "";
    answers.push(
      at.fleet.addConnections(at.alice.id, id, [connection(n)]),
    );
  };
  submit(0);
  await reached;
  for (let n = 1; n < MAX_WAITING_REPORTS + 50; n++) submit(n);
  // Refusals come while the commit is held up, which proves that they did not wait for it.
  const refusals = await Promise.all(
    answers.slice(MAX_WAITING_REPORTS).map((answer) =>
      answer.catch((error: DomainError) => error.code)
    ),
  );
  assert.deepEqual(refusals, new Array(50).fill("overloaded"));
  open();
  await Promise.all(answers.slice(0, MAX_WAITING_REPORTS));
  const { connections } = at.fleet.stats(viewerOf(at.alice));
  assert.equal(connections, MAX_WAITING_REPORTS);
  // With nothing waiting any more, there is room again.
  await at.fleet.addConnections(at.alice.id, firstOf(at), [connection(0)]);
});

Deno.test("Ingest: no more connections are taken than may wait, in however few reports", async () => {
  await using at = await fixture({ devices: 30 });
  const each = 5_000;
  const connections = Array.from({ length: each }, (_, i) => connection(i));
  const { reached, open } = gate(at.hooks);
  const report = (id: string, i: number) =>
    at.fleet.report(at.alice.id, picture(id, i + 1, [], { connections }));
  const answers = at.ids.map(report);
  const room = MAX_WAITING_CONNECTIONS / each;
  const refused = Promise.allSettled(answers.slice(room));
  await reached;
  const refusals = await refused;
  for (const refusal of refusals) {
    assert.equal(refusal.status, "rejected");
    assert.equal(refusal.reason.code, "overloaded");
    assert.equal(refusal.reason.retryAfterSeconds, 2);
  }
  assert.equal(refusals.length, 30 - room);
  // Not even a small one.
  const last = at.ids.at(-1) ?? "";
  await assert.rejects(
    at.fleet.report(at.alice.id, picture(last, 1, [1])),
    { code: "overloaded" },
  );
  open();
  await Promise.all(answers.slice(0, room));
  const { outcome } = await report(last, 1);
  assert.equal(outcome, "stored");
});

Deno.test("Fleet.remove: reports on their way leave no row of the device", async () => {
  for (const before of [0, 1, 2]) {
    await using at = await fixture({ devices: 0 });
    const untouched = await allKeys(at.raw);
    const expiry = virtualExpiry(at.hooks, at.clock);
    const id = await registered(at.fleet, at.alice);
    for (let n = 1; n <= before; n++) {
      await at.fleet.report(at.alice.id, picture(id, n, [1]));
    }
    // Each of them is under way when the device goes, and they come in any order.
    const outcomes = await Promise.allSettled([
      at.fleet.report(at.alice.id, picture(id, before + 1, [2])),
      at.fleet.remove(viewerOf(at.alice), id),
      at.fleet.report(at.alice.id, picture(id, before + 2, [3])),
      at.fleet.addConnections(at.alice.id, id, [connection(4)]),
    ]);
    assert.equal(outcomes[1]?.status, "fulfilled");
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assert.equal(outcome.reason.code, "not_found");
    }
    await at.fleet.close();
    at.clock.advance(CHANGE_TTL_MS / 1000);
    await expiry.collect(at.raw);
    assert.deepEqual(await allKeys(at.raw), untouched);
  }
});

Deno.test("Fleet.close: resolves once everything that was taken in is stored", async () => {
  await using at = await fixture({ devices: DEVICES_PER_COMMIT + 5 });
  const answers = at.ids.map((id) =>
    at.fleet.report(at.alice.id, picture(id, 1, [1]))
  );
  await at.fleet.close();
  const again = await openFleet(at.raw, at.clock);
  assert.equal(
    again.stats(viewerOf(at.alice)).connections,
    DEVICES_PER_COMMIT + 5,
  );
  await Promise.all(answers);
});

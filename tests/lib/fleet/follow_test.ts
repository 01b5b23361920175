import assert from "node:assert/strict";
import { viewerOf } from "@/lib/domain/user.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import { FOLLOW_MS } from "@/lib/fleet/follow.ts";
import { TICK_MS } from "@/lib/fleet/live.ts";
import { CHANGE_TTL_MS } from "@/lib/store/change_log.ts";
import { testKv } from "@/tests/lib/store/support.ts";
import { Clock, CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { account, ALL, picture, portsOf, registered } from "./support.ts";

/** A server's fleet that follows the others when the test says so. */
async function following(kv: Deno.Kv, clock: Clock) {
  const errors: unknown[] = [];
  const ticks = new Map<number, () => void>();
  const fleet = await Fleet.open({
    kv,
    connectionTtlMs: CONNECTION_TTL_MS,
    now: clock.now,
    every(ms, action) {
      ticks.set(ms, action);
      return () => void ticks.delete(ms);
    },
    logError: (error) => errors.push(error),
  });
  return {
    fleet,
    errors,
    tell: () => ticks.get(TICK_MS)?.(),
    /** Resolves once it has caught up. */
    follow() {
      ticks.get(FOLLOW_MS)?.();
      return fleet.following();
    },
  };
}

/** Two servers on one database, and an account. */
async function twoServers() {
  const kv = await testKv();
  const clock = new Clock();
  const owner = await account(kv, "alice");
  return {
    kv,
    clock,
    owner,
    viewer: viewerOf(owner),
    here: await following(kv, clock),
    there: await following(kv, clock),
    [Symbol.asyncDispose]: () => kv[Symbol.asyncDispose](),
  };
}

const names = (fleet: Fleet, viewer: ReturnType<typeof viewerOf>) =>
  fleet.list(viewer, ALL).devices.map((device) => device.deviceName);

Deno.test("Follower shows what another process registers, reports, renames and removes", async () => {
  await using at = await twoServers();
  const { owner, viewer, here, there } = at;
  const id = await registered(there.fleet, owner, "meter-1");
  assert.deepEqual(names(here.fleet, viewer), []);
  await here.follow();
  assert.deepEqual(names(here.fleet, viewer), ["meter-1"]);
  assert.equal(here.fleet.list(viewer, ALL).devices[0]?.username, "alice");

  await there.fleet.report(owner.id, picture(id, 1, [40_001, 40_002]));
  await here.follow();
  assert.deepEqual(portsOf(here.fleet, owner, id), [40_001, 40_002]);
  assert.deepEqual(here.fleet.stats(viewer), there.fleet.stats(viewer));

  await there.fleet.rename(viewer, id, "boiler");
  await here.follow();
  assert.deepEqual(names(here.fleet, viewer), ["boiler"]);

  await there.fleet.remove(viewer, id);
  await here.follow();
  assert.deepEqual(names(here.fleet, viewer), []);
  assert.deepEqual(here.errors, []);
});

Deno.test("Follower lets both processes write the same device", async () => {
  await using at = await twoServers();
  const { owner, here, there } = at;
  const id = await registered(there.fleet, owner);
  // The device is not known here yet: it is looked up.
  await here.fleet.report(owner.id, picture(id, 1, [40_001]));
  await there.fleet.report(owner.id, picture(id, 2, [40_002]));
  await here.fleet.report(owner.id, picture(id, 3, [40_003]));
  await Promise.all([here.follow(), there.follow()]);
  assert.deepEqual(portsOf(here.fleet, owner, id), [40_003]);
  assert.deepEqual(portsOf(there.fleet, owner, id), [40_003]);
});

Deno.test("Follower never goes back to an older picture than its own", async () => {
  await using at = await twoServers();
  const { owner, here, there } = at;
  const id = await registered(there.fleet, owner);
  await here.follow();
  await there.fleet.report(owner.id, picture(id, 1, [40_001]));
  const following = here.follow();
  await here.fleet.report(owner.id, picture(id, 2, [40_002]));
  await following;
  assert.deepEqual(portsOf(here.fleet, owner, id), [40_002]);
});

Deno.test("Follower reads everything again after a pause in which entries expired", async () => {
  await using at = await twoServers();
  const { kv, clock, owner, viewer, here, there } = at;
  const gone = await registered(there.fleet, owner, "meter-1");
  await here.follow();
  await there.fleet.remove(viewer, gone);
  const id = await registered(there.fleet, owner, "meter-2");
  await there.fleet.report(owner.id, picture(id, 1, [40_001]));
  const own = await registered(here.fleet, owner, "meter-3");
  // As if the log's entries had expired unread.
  for await (const { key } of kv.list({ prefix: ["change"] })) {
    await kv.delete(key);
  }
  clock.nowMs += CHANGE_TTL_MS;
  await here.follow();
  assert.deepEqual(names(here.fleet, viewer), ["meter-2", "meter-3"]);
  assert.deepEqual(portsOf(here.fleet, owner, id), [40_001]);
  assert.deepEqual(portsOf(here.fleet, owner, own), []);
});

Deno.test("Follower logs what goes wrong and goes on the next time", async () => {
  await using at = await twoServers();
  const { owner, viewer, here, there, kv } = at;
  await registered(there.fleet, owner, "meter-1");
  const list = kv.list;
  kv.list = () => {
    throw new Error("the database is away");
  };
  await here.follow();
  assert.match(String(here.errors[0]), /database is away/);
  kv.list = list;
  await here.follow();
  assert.deepEqual(names(here.fleet, viewer), ["meter-1"]);
});

Deno.test("Follower tells those who watch of another process's changes", async () => {
  await using at = await twoServers();
  const { owner, viewer, here, there } = at;
  const id = await registered(there.fleet, owner, "meter-1");
  await here.follow();
  const sent: string[] = [];
  const end = here.fleet.subscribe({
    viewer,
    query: ALL,
    lastEventId: "",
    expiresAt: Infinity,
  }, {
    ready: () => true,
    send: (event) => sent.push(event.name),
    keepAlive() {},
    end() {},
  });
  await there.fleet.report(owner.id, picture(id, 1, [40_001]));
  await here.follow();
  here.tell();
  end();
  assert.deepEqual(sent, ["list", "change"]);
});

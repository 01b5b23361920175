import assert from "node:assert/strict";
import { deviceQuery } from "@/lib/contract/dashboard.ts";
import type { User } from "@/lib/domain/user.ts";
import { viewerOf } from "@/lib/domain/user.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import {
  KEEP_ALIVE_MS,
  type LiveEvent,
  type LiveSink,
  MAX_STREAMS,
  SLOW_READER_MS,
  TICK_MS,
} from "@/lib/fleet/live.ts";
import { Clock, CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { testKv } from "@/tests/lib/store/support.ts";
import { account, picture, registered } from "./support.ts";

/** A fleet whose ticks come when the test wants them. */
async function liveFleet() {
  const kv = await testKv();
  const clock = new Clock();
  let tick: (() => void) | null = null;
  const fleet = await Fleet.open({
    kv,
    connectionTtlMs: CONNECTION_TTL_MS,
    now: clock.now,
    every(ms, action) {
      if (ms !== TICK_MS) return () => {};
      tick = action;
      return () => tick = null;
    },
  });
  const root = await account(kv, "root");
  const alice = await account(kv, "alice");
  return {
    fleet,
    clock,
    root,
    alice,
    tick: () => tick?.(),
    isTicking: () => tick !== null,
    async [Symbol.asyncDispose]() {
      await fleet.close();
      await kv[Symbol.asyncDispose]();
    },
  };
}

class Reader implements LiveSink {
  events: LiveEvent[] = [];
  isReady = true;
  keptAlive = 0;
  ended: string | null = null;
  unsubscribe: () => void;

  constructor(
    fleet: Fleet,
    user: User,
    { lastEventId = "", expiresAt = Infinity, ...query }:
      & { lastEventId?: string; expiresAt?: number }
      & Record<string, unknown> = {},
  ) {
    this.unsubscribe = fleet.subscribe({
      viewer: viewerOf(user),
      query: deviceQuery.parse(query),
      lastEventId,
      expiresAt,
    }, this);
  }

  ready = () => this.isReady;
  send = (event: LiveEvent) => void this.events.push(event);
  keepAlive = () => void this.keptAlive++;
  end = (reason: string) => void (this.ended = reason);

  /** Takes out what came. */
  take(): LiveEvent[] {
    return this.events.splice(0);
  }

  /** Takes out the one change that came. */
  change() {
    const [event, ...more] = this.take();
    assert.equal(more.length, 0);
    assert.ok(event?.name === "change", `got ${event?.name}`);
    return {
      id: event.id,
      names: event.data.devices.map((d) => d.deviceName),
      ...event.data,
    };
  }

  lastId(): string {
    return this.events.at(-1)?.id ?? "";
  }
}

Deno.test("Live sends the list first and then only what changed of its devices", async () => {
  await using world = await liveFleet();
  const { fleet, alice, tick } = world;
  const one = await registered(fleet, alice, "meter-1");
  await registered(fleet, alice, "meter-2");
  const reader = new Reader(fleet, alice);
  const [first] = reader.take();
  assert.ok(first?.name === "list");
  assert.deepEqual(first.data.devices.map((d) => d.deviceName), [
    "meter-1",
    "meter-2",
  ]);
  tick();
  assert.deepEqual(reader.take(), []);
  await fleet.report(alice.id, picture(one, 1, [40_001]));
  tick();
  const change = reader.change();
  assert.deepEqual(change.names, ["meter-1"]);
  assert.equal(change.devices[0]?.connectionCount, 1);
  assert.deepEqual(change.stats, {
    total: 2,
    online: 1,
    offline: 1,
    connections: 1,
  });
  tick();
  assert.deepEqual(reader.take(), []);
});

Deno.test("Live tells totals of devices off the page, and nothing of others' devices", async () => {
  await using world = await liveFleet();
  const { fleet, root, alice, tick } = world;
  const one = await registered(fleet, alice, "meter-1");
  const two = await registered(fleet, alice, "meter-2");
  const others = await registered(fleet, root, "root-1");
  const reader = new Reader(fleet, alice, { limit: 1 });
  reader.take();
  await fleet.report(root.id, picture(others, 1, [40_001]));
  tick();
  assert.deepEqual(reader.take(), []);
  await fleet.report(alice.id, picture(two, 1, [40_001]));
  tick();
  const change = reader.change();
  assert.deepEqual(change.devices, []);
  assert.equal(change.stats.connections, 1);
  await fleet.report(alice.id, picture(one, 1, []));
  tick();
  assert.deepEqual(reader.change().names, ["meter-1"]);
});

Deno.test("Live tells what the clock changes, and what was renamed and removed", async () => {
  await using world = await liveFleet();
  const { fleet, alice, tick, clock } = world;
  const one = await registered(fleet, alice, "meter-1");
  await fleet.report(alice.id, picture(one, 1, [40_001]));
  const reader = new Reader(fleet, alice);
  reader.take();
  clock.advance(60);
  tick();
  assert.equal(reader.change().devices[0]?.status, "offline");
  await fleet.rename(viewerOf(alice), one, "boiler");
  tick();
  assert.deepEqual(reader.change().names, ["boiler"]);
  await fleet.remove(viewerOf(alice), one);
  tick();
  const { removed, devices, stats } = reader.change();
  assert.deepEqual({ removed, devices, total: stats.total }, {
    removed: [one],
    devices: [],
    total: 0,
  });
  tick();
  assert.deepEqual(reader.take(), []);
});

Deno.test("Live resumes after the event that the reader had", async () => {
  await using world = await liveFleet();
  const { fleet, alice, tick } = world;
  const ids = [
    await registered(fleet, alice, "meter-1"),
    await registered(fleet, alice, "meter-2"),
  ];
  const before = new Reader(fleet, alice);
  const had = before.lastId();
  before.unsubscribe();
  await fleet.report(alice.id, picture(ids[1] ?? "", 1, [40_001]));
  const resumed = new Reader(fleet, alice, { lastEventId: had });
  assert.deepEqual(resumed.change().names, ["meter-2"]);
  tick();
  assert.deepEqual(resumed.take(), []);
});

Deno.test("Live sends the whole list again where a change would not do", async () => {
  await using world = await liveFleet();
  const { fleet, alice } = world;
  const one = await registered(fleet, alice, "meter-1");
  const had = new Reader(fleet, alice).lastId();
  const resumedAs = (query: Record<string, unknown>) =>
    new Reader(fleet, alice, { lastEventId: had, ...query }).events[0]?.name;
  assert.equal(resumedAs({}), "change");
  assert.equal(resumedAs({ sort: "lastSeen" }), "list");
  assert.equal(resumedAs({ q: "meter" }), "list");
  assert.equal(resumedAs({ status: "online" }), "list");
  assert.equal(resumedAs({ lastEventId: "another-process.1" }), "list");
  assert.equal(resumedAs({ lastEventId: "nonsense" }), "list");
  await fleet.rename(viewerOf(alice), one, "boiler");
  assert.equal(resumedAs({}), "list");
});

Deno.test("Live queues nothing for a slow reader, tells it how things stand at last, and lets go of it in the end", async () => {
  await using world = await liveFleet();
  const { fleet, alice, tick, clock } = world;
  const one = await registered(fleet, alice, "meter-1");
  const reader = new Reader(fleet, alice);
  reader.take();
  reader.isReady = false;
  for (let sequence = 1; sequence <= 3; sequence++) {
    const ports = [40_001, 40_002, 40_003].slice(0, sequence);
    await fleet.report(alice.id, picture(one, sequence, ports));
    tick();
  }
  assert.deepEqual(reader.take(), []);
  reader.isReady = true;
  tick();
  assert.equal(reader.change().devices[0]?.connectionCount, 3);

  reader.isReady = false;
  tick();
  clock.nowMs += SLOW_READER_MS - 1;
  tick();
  assert.equal(reader.ended, null);
  clock.nowMs += 1;
  tick();
  assert.equal(reader.ended, "slow");
  assert.equal(fleet.subscriberCount, 0);
});

Deno.test("Live keeps a quiet line alive and ends it with the session", async () => {
  await using world = await liveFleet();
  const { fleet, alice, tick, clock } = world;
  const expiresAt = clock.nowMs + 2 * KEEP_ALIVE_MS;
  const reader = new Reader(fleet, alice, { expiresAt });
  tick();
  assert.equal(reader.keptAlive, 0);
  clock.nowMs += KEEP_ALIVE_MS;
  tick();
  tick();
  assert.equal(reader.keptAlive, 1);
  clock.nowMs += KEEP_ALIVE_MS;
  tick();
  assert.equal(reader.ended, "done");
});

Deno.test("Live ticks only while somebody reads, and ends everybody when it closes", async () => {
  await using world = await liveFleet();
  const { fleet, alice, isTicking } = world;
  assert.equal(isTicking(), false);
  const [one, two] = [new Reader(fleet, alice), new Reader(fleet, alice)];
  one.unsubscribe();
  assert.equal(isTicking(), true);
  fleet.endSubscriptions();
  assert.equal(two.ended, "done");
  assert.equal(one.ended, null);
  assert.equal(isTicking(), false);
});

Deno.test("Live refuses more readers than it can serve, with a time to come back", async () => {
  await using world = await liveFleet();
  const { fleet, alice } = world;
  for (let i = 0; i < MAX_STREAMS; i++) new Reader(fleet, alice);
  assert.throws(() => new Reader(fleet, alice), {
    code: "overloaded",
    retryAfterSeconds: 30,
  });
});

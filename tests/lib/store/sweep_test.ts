import assert from "node:assert/strict";
import { viewerOf } from "@/lib/domain/user.ts";
import { byTimer } from "@/lib/fleet/every.ts";
import { CHANGE_TTL_MS } from "@/lib/store/change_log.ts";
import { DeviceStore } from "@/lib/store/devices.ts";
import { keys } from "@/lib/store/keys.ts";
import {
  sweep,
  SWEEP_STEP_ROWS,
  Sweeper,
  type SweepOptions,
} from "@/lib/store/sweep.ts";
import { Clock, CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { eventually } from "@/tests/support/processes.ts";
import { firstOf, fixture } from "@/tests/lib/fleet/ingest_support.ts";
import {
  account,
  connection,
  openFleet,
  picture,
  portsOf,
  registered,
} from "@/tests/lib/fleet/support.ts";
import { allKeys, hookedKv, testKv } from "./support.ts";
import { virtualExpiry } from "./virtual_expiry.ts";

/** Sweeps without waiting. */
function swept(kv: Deno.Kv, clock: Clock): Promise<number> {
  return sweep({ kv, now: clock.now, pause: () => Promise.resolve(true) });
}

/** A picture that fills several chunks. */
function largePicture(deviceId: string, sequence: number) {
  const connections = Array.from(
    { length: 700 },
    (_, i) => connection(i, { processName: `${i}`.padEnd(256, "x") }),
  );
  return picture(deviceId, sequence, [], { connections });
}

Deno.test("sweep: after everything expired and all devices went, only accounts are left", async () => {
  await using at = await fixture({ devices: 0 });
  const { raw, clock, fleet, alice } = at;
  const expiry = virtualExpiry(at.hooks, clock);
  const bob = await account(raw, "bob");
  const accounts = await allKeys(raw);
  const ids: string[] = [];
  for (const [i, owner] of [alice, bob, alice, bob, alice].entries()) {
    const id = await registered(fleet, owner, `meter-${i}`);
    await fleet.report(owner.id, largePicture(id, 1));
    if (i % 2 === 0) await fleet.rename(viewerOf(owner), id, `Cellar ${i}`);
    if (i < 3) await fleet.report(owner.id, picture(id, 2, [1, 2]));
    ids.push(id);
  }
  clock.advance(CONNECTION_TTL_MS / 1000);
  await swept(raw, clock);
  const kinds = new Set((await allKeys(raw)).map(([kind]) => kind));
  assert.equal(kinds.has("connections"), false);
  assert.equal(kinds.has("presence"), true);
  for (const id of ids) await fleet.remove(viewerOf(alice), id);
  clock.advance(CHANGE_TTL_MS / 1000);
  await expiry.collect(raw);
  assert.deepEqual(await allKeys(raw), accounts);
});

Deno.test("sweep: deletes what a crash has left of a device that is gone", async () => {
  await using kv = await testKv();
  const clock = new Clock();
  const id = "gone";
  const expireIn = 60_000;
  await kv.set(keys.presence(id), { connectionsExpireAt: Infinity });
  for (const n of [0, 1, 2]) {
    await kv.set(keys.connections(id, n), new Uint8Array(9), { expireIn });
  }
  await kv.set(keys.connections("never there", 0), new Uint8Array(9));
  await kv.set(keys.deviceByName("alice", "meter-1"), id);
  await kv.set(keys.latestDevice("alice"), id);
  assert.equal(await swept(kv, clock), 7);
  assert.deepEqual(await allKeys(kv), []);
});

Deno.test("sweep: deletes chunks and names that their device has no more", async () => {
  await using at = await fixture();
  const { raw, clock, fleet, alice } = at;
  const id = firstOf(at);
  await fleet.report(alice.id, picture(id, 1, [1]));
  const before = await allKeys(raw);
  await raw.set(keys.connections(id, 1), new Uint8Array(9));
  await raw.set(keys.deviceByName(alice.id, "a name of old"), id);
  await raw.set(keys.deviceByName("somebody else", "meter-0"), id);
  await raw.set(keys.latestDevice("somebody else"), id);
  assert.equal(await swept(raw, clock), 4);
  assert.deepEqual(await allKeys(raw), before);
});

Deno.test("sweep: leaves all that is in use, over many steps", async () => {
  await using at = await fixture({ devices: SWEEP_STEP_ROWS + 1 });
  const { raw, clock, fleet, alice } = at;
  const reporting = at.ids.filter((_, i) => i % 3 > 0);
  await Promise.all(
    reporting.map((id) => fleet.report(alice.id, picture(id, 1, [1, 2]))),
  );
  const before = await allKeys(raw);
  assert.equal(await swept(raw, clock), 0);
  assert.deepEqual(await allKeys(raw), before);
});

Deno.test("sweep: reads a bounded number of rows a step, and ends where its pause says so", async () => {
  await using kv = await testKv();
  const rows = 2 * SWEEP_STEP_ROWS + 1;
  for (let i = 0; i < rows; i++) await kv.set(keys.presence(`${i}`), {});
  let steps = 2;
  const options: SweepOptions = {
    kv,
    now: () => 0,
    pause: () => Promise.resolve(steps-- > 0),
  };
  assert.equal(await sweep(options), 2 * SWEEP_STEP_ROWS);
  assert.equal((await allKeys(kv)).length, 1);
  steps = Infinity;
  assert.equal(await sweep(options), 1);
});

Deno.test("sweep: rows that change in between stay, and the others of their commit go", async () => {
  await using at = await fixture();
  const { raw, clock, fleet, alice } = at;
  const id = firstOf(at);
  await fleet.report(alice.id, picture(id, 1, [1]));
  const inUse = await allKeys(raw);
  await raw.set(keys.connections("gone", 0), new Uint8Array(9));
  clock.advance(CONNECTION_TTL_MS / 1000);
  let commits = 0;
  const hooked = hookedKv(raw, {
    beforeCommit: async () => {
      if (commits++ > 0) return;
      await fleet.report(alice.id, picture(id, 2, [2]));
    },
  });
  assert.equal(await swept(hooked, clock), 1);
  assert.deepEqual(withoutChanges(await allKeys(raw)), withoutChanges(inUse));
  const again = await openFleet(raw, clock);
  assert.deepEqual(portsOf(again, alice, id), [2]);
  await again.close();
});

/** Each commit leaves an entry in the change log for a while. */
function withoutChanges(keys: Deno.KvKey[]): Deno.KvKey[] {
  return keys.filter(([kind]) => kind !== "change");
}

Deno.test("sweep: a name that a new device takes in between stays", async () => {
  await using kv = await testKv();
  const clock = new Clock();
  const devices = new DeviceStore(kv);
  await kv.set(keys.deviceByName("alice", "meter-1"), "gone");
  const register = () =>
    devices.register({
      ownerId: "alice",
      deviceName: "meter-1",
      os: null,
      agentVersion: null,
      intervalSeconds: 10,
    }, clock.now());
  let commits = 0;
  const hooked = hookedKv(kv, {
    beforeCommit: async () => {
      if (commits++ === 0) await register();
    },
  });
  assert.equal(await swept(hooked, clock), 0);
  assert.equal((await register()).created, false);
});

/** A sweeper whose timer and pauses the test has in hand. */
function sweeper(kv: Deno.Kv) {
  const errors: unknown[] = [];
  const at = { tick: () => {}, stopped: false, pauses: 0, resume: () => {} };
  const running = new Sweeper({
    kv,
    now: () => 0,
    logError: (error) => errors.push(error),
    every: (ms, action) => {
      assert.equal(ms, 3_600_000);
      at.tick = action;
      return () => at.stopped = true;
    },
    sleep: (_, signal) => {
      at.pauses++;
      return new Promise((resolve) => {
        at.resume = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    },
  });
  return { running, at, errors };
}

/** Lets a sweep go on until it waits for nothing any more. */
async function goOn(at: { resume: () => void }, done: () => unknown) {
  await eventually("the sweep to go on", async () => {
    at.resume();
    return await done();
  });
}

Deno.test("Sweeper: sweeps at its start and at every tick of its timer, one sweep at a time", async () => {
  await using kv = await testKv();
  await kv.set(keys.presence("first"), {});
  const { running, at, errors } = sweeper(kv);
  at.tick();
  assert.equal(at.pauses, 1, "a second sweep beside the first one");
  await goOn(at, async () => (await allKeys(kv)).length === 0);
  await kv.set(keys.presence("second"), {});
  await goOn(at, async () => {
    at.tick();
    return (await allKeys(kv)).length === 0;
  });
  await running.close();
  assert.deepEqual(errors, []);
});

Deno.test("Sweeper.close: ends the sweep under way at its next pause, and the timer", async () => {
  await using kv = await testKv();
  await kv.set(keys.presence("gone"), {});
  const { running, at } = sweeper(kv);
  await running.close();
  assert.equal(at.stopped, true);
  assert.equal((await allKeys(kv)).length, 1);
});

Deno.test("Sweeper: a sweep that fails is told of, and the next one works", async () => {
  await using kv = await testKv();
  await kv.set(keys.presence("gone"), {});
  const broken = new Error("the disk is away");
  let failing = true;
  const { running, at, errors } = sweeper(hookedKv(kv, {
    beforeList: () => {
      if (failing) throw broken;
    },
  }));
  await goOn(at, () => errors.length > 0);
  assert.deepEqual(errors, [broken]);
  failing = false;
  await goOn(at, async () => {
    at.tick();
    return (await allKeys(kv)).length === 0;
  });
  await running.close();
});

Deno.test("Sweeper: by the system's timers, sweeps and leaves none behind", async () => {
  await using kv = await testKv();
  await kv.set(keys.presence("gone"), {});
  const running = new Sweeper({
    kv,
    now: Date.now,
    logError: assert.ifError,
    every: byTimer,
  });
  await eventually(
    "the sweep",
    async () => (await allKeys(kv)).length === 0,
  );
  await running.close();
});

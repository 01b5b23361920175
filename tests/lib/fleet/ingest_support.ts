/** A fleet whose commits a test watches and holds up. */
import assert from "node:assert/strict";
import type { User } from "@/lib/domain/user.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import { Clock, CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { hookedKv, type KvHooks, testKv } from "@/tests/lib/store/support.ts";
import { account, registered } from "./support.ts";

export interface Fixture extends AsyncDisposable {
  /** The database as the fleet has it, with `hooks` in between, and without them. */
  raw: Deno.Kv;
  hooks: KvHooks;
  clock: Clock;
  fleet: Fleet;
  alice: User;
  ids: string[];
}

/** A fleet of alice's devices, whose commits a test can watch and hold up. */
export async function fixture(
  { devices = 1, commitsAtOnce = 1 } = {},
): Promise<Fixture> {
  const raw = await testKv();
  const hooks: KvHooks = {};
  const clock = new Clock();
  const alice = await account(raw, "alice");
  const fleet = await Fleet.open({
    kv: hookedKv(raw, hooks),
    connectionTtlMs: CONNECTION_TTL_MS,
    now: clock.now,
    commitsAtOnce,
  });
  const ids: string[] = [];
  for (let i = 0; i < devices; i++) {
    ids.push(await registered(fleet, alice, `meter-${i}`));
  }
  return {
    ...{ raw, hooks, clock, fleet, alice, ids },
    async [Symbol.asyncDispose]() {
      await fleet.close();
      await raw[Symbol.asyncDispose]();
    },
  };
}

/** Counts the commits from now on. */
export function countCommits(hooks: KvHooks): () => number {
  let commits = 0;
  hooks.beforeCommit = () => void commits++;
  return () => commits;
}

/** Holds up every commit until it is opened; `reached` resolves once one waits. */
export function gate(hooks: KvHooks) {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  hooks.beforeCommit = async () => {
    reached.resolve();
    await opened.promise;
  };
  return { reached: reached.promise, open: () => opened.resolve() };
}

/** The first device of a fixture. */
export function firstOf({ ids: [id] }: Fixture): string {
  assert.ok(id);
  return id;
}

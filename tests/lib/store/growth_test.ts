import assert from "node:assert/strict";
import { type User, viewerOf } from "@/lib/domain/user.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import { openStore } from "@/lib/store/open.ts";
import { Clock } from "@/tests/support/app.ts";
import { temporaryFolder } from "@/tests/support/processes.ts";
import {
  account,
  connection,
  openFleet,
  picture,
  registered,
} from "@/tests/lib/fleet/support.ts";
import { hookedKv, type KvHooks } from "./support.ts";
import { virtualExpiry } from "./virtual_expiry.ts";

const DEVICES = 300;
const CONNECTIONS = 50;
const INTERVAL_SECONDS = 10;
const ROUNDS_PER_MINUTE = 60 / INTERVAL_SECONDS;
/** Of each picture's connections, those that are new in every round. */
const CLOSING = 5;
/** Devices that are replaced by others every minute. */
const REPLACED = 10;

Deno.test("the database's file: after ten minutes of constant load is within 20 % of its size at minute two", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/monitor.db`;
  using kv = await openStore({ path });
  const hooks: KvHooks = {};
  const clock = new Clock();
  const expiry = virtualExpiry(hooks, clock);
  const owner = await account(kv, "alice");
  const fleet = await openFleet(hookedKv(kv, hooks), clock);
  try {
    const ids: string[] = [];
    for (let i = 0; i < DEVICES; i++) {
      ids.push(await registered(fleet, owner, `meter-${i}`));
    }
    const files: number[] = [];
    const withLogs: number[] = [];
    for (let minute = 1; minute <= 10; minute++) {
      await reportForAMinute(fleet, owner, ids, clock);
      await replaceSome(fleet, owner, ids, minute);
      await expiry.collect(kv);
      const file = Deno.statSync(path).size;
      files.push(file);
      withLogs.push(file + Deno.statSync(`${path}-wal`).size);
    }
    // The log is as large as the rest here, and would hide what the file alone shows.
    assertSteady(files);
    assertSteady(withLogs);
  } finally {
    await fleet.close();
  }
});

async function reportForAMinute(
  fleet: Fleet,
  owner: User,
  ids: string[],
  clock: Clock,
): Promise<void> {
  for (let i = 0; i < ROUNDS_PER_MINUTE; i++) {
    clock.advance(INTERVAL_SECONDS);
    const round = clock.now() / 1000 / INTERVAL_SECONDS;
    await Promise.all(
      ids.map((id, n) => fleet.report(owner.id, scan(id, n, round))),
    );
  }
}

/** Most connections stay and carry more; a few are new ones. */
function scan(id: string, device: number, round: number) {
  const connections = Array.from({ length: CONNECTIONS }, (_, i) => {
    const port = i < CLOSING ? 20_000 + (round + device) % 20_000 + i : i;
    return connection(port, {
      destIp: `10.20.${device % 250}.${port % 250}`,
      bytesIn: (round % 100_000) * 1_000 + i,
    });
  });
  return picture(id, round, [], { connections });
}

async function replaceSome(
  fleet: Fleet,
  owner: User,
  ids: string[],
  minute: number,
): Promise<void> {
  for (let i = 0; i < REPLACED; i++) {
    const n = (minute * REPLACED + i) % ids.length;
    await fleet.remove(viewerOf(owner), ids[n] ?? "");
    ids[n] = await registered(fleet, owner, `meter-${n}`);
  }
}

function assertSteady(sizes: number[]): void {
  const [, atMinuteTwo = 0] = sizes;
  assert.ok(atMinuteTwo > 1_000_000, `${sizes}`);
  assert.ok(Math.max(...sizes) <= 1.2 * atMinuteTwo, `${sizes}`);
}

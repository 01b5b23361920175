/** The fleet against a plain account of what happened, over random histories. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { FleetStats } from "@/lib/contract/dashboard.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import { type User, viewerOf } from "@/lib/domain/user.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import { Clock, CONNECTION_TTL_MS } from "@/tests/support/app.ts";
import { allKeys, testKv } from "@/tests/lib/store/support.ts";
import {
  account,
  connection,
  everything,
  openFleet,
  picture,
} from "./support.ts";

/** What is expected of a device: when it was seen, and each connection by its port. */
interface Expected {
  owner: User;
  lastSeenAt: number | null;
  intervalSeconds: number;
  ports: Map<number, number>;
}

interface World {
  fleet: Fleet;
  clock: Clock;
  owners: User[];
  expected: Map<string, Expected>;
}

const name = fc.constantFrom("m-1", "m-2", "m-3");
const interval = fc.constantFrom(1, 10, 10.0001, 25);
const ports = fc.uniqueArray(fc.nat({ max: 5 }), { maxLength: 4 });
const index = fc.nat({ max: 20 });
const step = fc.oneof(
  fc.record({
    do: fc.constant("register" as const),
    owner: index,
    name,
    interval,
  }),
  fc.record({ do: fc.constant("report" as const), index, ports, interval }),
  fc.record({ do: fc.constant("add" as const), index, ports }),
  fc.record({ do: fc.constant("rename" as const), index, name }),
  fc.record({ do: fc.constant("remove" as const), index }),
  fc.record({
    do: fc.constant("wait" as const),
    ms: fc.constantFrom(1, 9_999, 29_999, 30_000, 30_001, 75_000, 299_999),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The device that a step means, or undefined where there is none yet. */
function deviceOf({ expected }: World, index: number) {
  return [...expected][index % Math.max(expected.size, 1)];
}

async function take(world: World, each: Step, sequence: number) {
  const { fleet, clock, owners, expected } = world;
  if (each.do === "wait") return void (clock.nowMs += each.ms);
  if (each.do === "register") {
    const owner = owners[each.owner % owners.length];
    assert.ok(owner);
    const { device } = await fleet.registerDevice(owner, {
      deviceName: each.name,
      os: null,
      agentVersion: null,
      intervalSeconds: each.interval,
    });
    const known = expected.get(device.id);
    // What is announced counts until a report says it.
    if (known?.lastSeenAt === null) known.intervalSeconds = each.interval;
    if (known) return;
    expected.set(device.id, {
      owner,
      lastSeenAt: null,
      intervalSeconds: each.interval,
      ports: new Map(),
    });
    return;
  }
  const [id, device] = deviceOf(world, each.index) ?? [];
  if (!id || !device) return;
  switch (each.do) {
    case "report": {
      const { ports, interval: intervalSeconds } = each;
      await fleet.report(
        device.owner.id,
        picture(id, sequence, ports, { intervalSeconds }),
      );
      device.ports = new Map(ports.map((port) => [port, clock.nowMs]));
      device.lastSeenAt = clock.nowMs;
      device.intervalSeconds = intervalSeconds;
      return;
    }
    case "add": {
      const added = each.ports.map((port) => connection(port));
      await fleet.addConnections(device.owner.id, id, added);
      for (const port of each.ports) device.ports.set(port, clock.nowMs);
      device.lastSeenAt = clock.nowMs;
      return;
    }
    case "rename":
      return void await fleet.rename(viewerOf(device.owner), id, each.name)
        .catch((error) => {
          if (!(error instanceof DomainError)) throw error;
          assert.equal(error.code, "device_name_taken");
        });
    case "remove":
      await fleet.remove(viewerOf(device.owner), id);
      expected.delete(id);
  }
}

/** Counts anew what is expected, of one owner or of all. */
function recount(
  { expected, clock }: World,
  owner: User | null,
): FleetStats {
  const stats = { total: 0, online: 0, offline: 0, connections: 0 };
  for (const device of expected.values()) {
    if (owner && device.owner !== owner) continue;
    stats.total++;
    const patienceMs = Math.max(3_000 * device.intervalSeconds, 30_000);
    const online = device.lastSeenAt !== null &&
      clock.nowMs - device.lastSeenAt <= patienceMs;
    stats[online ? "online" : "offline"]++;
    for (const lastSeenAt of device.ports.values()) {
      if (lastSeenAt + CONNECTION_TTL_MS > clock.nowMs) stats.connections++;
    }
  }
  return stats;
}

Deno.test("Fleet: counts equal a recount after every step, and a fleet opened anew shows the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60, size: "max" }),
      async (steps) => {
        await using kv = await testKv();
        const root = await account(kv, "root");
        const clock = new Clock();
        const owners = [await account(kv, "alice"), await account(kv, "bob")];
        const fleet = await openFleet(kv, clock);
        const world: World = { fleet, clock, owners, expected: new Map() };
        const keysBefore = await allKeys(kv);
        for (const [sequence, each] of steps.entries()) {
          await take(world, each, sequence);
          assert.deepEqual(fleet.stats(viewerOf(root)), recount(world, null));
          for (const owner of owners) {
            assert.deepEqual(
              fleet.stats(viewerOf(owner)),
              recount(world, owner),
            );
          }
        }
        const shown = everything(fleet, viewerOf(root));
        for (const { stats, device } of shown.details) {
          assert.equal(stats.totalConnections, device.connectionCount);
        }
        const again = await openFleet(kv, clock);
        assert.deepEqual(everything(again, viewerOf(root)), shown);
        clock.nowMs += 45_000;
        assert.deepEqual(
          everything(again, viewerOf(root)),
          everything(fleet, viewerOf(root)),
        );
        assert.deepEqual(again.stats(viewerOf(root)), recount(world, null));
        for (const id of world.expected.keys()) {
          await again.remove(viewerOf(root), id);
        }
        assert.deepEqual(await allKeys(kv), keysBefore);
      },
    ),
    { numRuns: 40 },
  );
});

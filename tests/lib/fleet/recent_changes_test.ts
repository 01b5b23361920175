import assert from "node:assert/strict";
import { RECENT_CHANGES, RecentChanges } from "@/lib/fleet/recent_changes.ts";
import { fleetDevice } from "./support.ts";

const [a, b] = [fleetDevice({ id: "a" }), fleetDevice({ id: "b" })];

/** The ids of what changed since a revision. */
function idsSince(changes: RecentChanges, revision: number): string[] | null {
  const since = changes.since(revision);
  return since && [...since].map(({ device }) => device.id);
}

Deno.test("RecentChanges: tells what changed since a revision, in order", () => {
  const changes = new RecentChanges();
  assert.deepEqual(idsSince(changes, 0), []);
  assert.equal(changes.add(a), 1);
  assert.equal(changes.add(b), 2);
  assert.equal(changes.add(a), 3);
  assert.equal(changes.revision, 3);
  assert.deepEqual(idsSince(changes, 0), ["a", "b", "a"]);
  assert.deepEqual(idsSince(changes, 1), ["b", "a"]);
  assert.deepEqual(idsSince(changes, 3), []);
});

Deno.test("RecentChanges: cannot tell once a change was overwritten, and not before", () => {
  const changes = new RecentChanges();
  changes.add(b);
  for (let i = 0; i < RECENT_CHANGES; i++) changes.add(a);
  assert.equal(idsSince(changes, 0), null);
  assert.deepEqual(
    new Set(idsSince(changes, 1)),
    new Set(["a"]),
  );
  assert.equal(idsSince(changes, 1)?.length, RECENT_CHANGES);
});

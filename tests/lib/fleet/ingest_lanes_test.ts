/** Several commits of reports under way at once, as with a database that is far away. */
import assert from "node:assert/strict";
import { viewerOf } from "@/lib/domain/user.ts";
import { fixture } from "./ingest_support.ts";
import { openFleet, picture, portsOf } from "./support.ts";

const LANES = 4;
// So many that every lane has some, but for once in 10^12 runs.
const DEVICES = 100;

Deno.test("Ingest: with several commits at once, they wait for none of the others, and reports of a device keep their order", async () => {
  await using at = await fixture({ devices: DEVICES, commitsAtOnce: LANES });
  const together = Promise.withResolvers<void>();
  let [underWay, most] = [0, 0];
  at.hooks.beforeCommit = async () => {
    most = Math.max(most, ++underWay);
    if (underWay === LANES) together.resolve();
    await together.promise;
    underWay--;
  };
  const answers = await Promise.all(
    [1, 2, 3].flatMap((sequence) =>
      at.ids.map((id) =>
        at.fleet.report(at.alice.id, picture(id, sequence, [sequence]))
      )
    ),
  );
  assert.equal(most, LANES);
  assert.ok(answers.every(({ outcome }) => outcome === "stored"));
  for (const id of at.ids) {
    assert.deepEqual(portsOf(at.fleet, at.alice, id), [3]);
  }
});

Deno.test("Fleet.close: waits for every one of several commits at once", async () => {
  await using at = await fixture({ devices: DEVICES, commitsAtOnce: LANES });
  const answers = at.ids.map((id) =>
    at.fleet.report(at.alice.id, picture(id, 1, [7]))
  );
  await at.fleet.close();
  const again = await openFleet(at.raw, at.clock);
  assert.equal(again.stats(viewerOf(at.alice)).connections, DEVICES);
  await again.close();
  await Promise.all(answers);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { DueQueue } from "@/lib/fleet/due_queue.ts";

Deno.test("DueQueue.drain: takes out what is due, earliest first, each once", () => {
  const queue = new DueQueue();
  queue.schedule("c", 30);
  queue.schedule("a", 10);
  queue.schedule("b", 20);
  assert.deepEqual(queue.drain(9), []);
  assert.deepEqual(queue.drain(20), ["a", "b"]);
  assert.deepEqual(queue.drain(20), []);
  assert.deepEqual(queue.drain(1_000), ["c"]);
});

Deno.test("DueQueue.schedule: the earlier time stands, before or after the later one", () => {
  const queue = new DueQueue();
  queue.schedule("a", 10);
  queue.schedule("a", 50);
  queue.schedule("b", 50);
  queue.schedule("b", 10);
  assert.deepEqual(queue.drain(10).sort(), ["a", "b"]);
  assert.deepEqual(queue.drain(50), []);
});

Deno.test("DueQueue.schedule: a time that was given up counts again when it is wanted again", () => {
  const queue = new DueQueue();
  queue.schedule("a", 50);
  queue.schedule("a", 10);
  assert.deepEqual(queue.drain(10), ["a"]);
  queue.schedule("a", 50);
  assert.deepEqual(queue.drain(50), ["a"]);
  assert.deepEqual(queue.drain(50), []);
});

Deno.test("DueQueue.cancel: what is cancelled does not fall due, until it is scheduled anew", () => {
  const queue = new DueQueue();
  queue.schedule("a", 10);
  queue.cancel("a");
  queue.cancel("unknown");
  assert.deepEqual(queue.drain(10), []);
  queue.schedule("a", 20);
  assert.deepEqual(queue.drain(20), ["a"]);
});

const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
const time = fc.nat({ max: 40 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ schedule: id, atMs: time }) },
  { weight: 1, arbitrary: fc.record({ cancel: id }) },
  { weight: 2, arbitrary: fc.record({ drainMs: time }) },
);

Deno.test("DueQueue: does what a list of due times would do", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const queue = new DueQueue();
      const due = new Map<string, number>();
      for (const each of [...steps, { drainMs: 100 }]) {
        if ("schedule" in each) {
          queue.schedule(each.schedule, each.atMs);
          const atMs = Math.min(due.get(each.schedule) ?? 100, each.atMs);
          due.set(each.schedule, atMs);
        } else if ("cancel" in each) {
          queue.cancel(each.cancel);
          due.delete(each.cancel);
        } else {
          const expected = [...due].filter(([, at]) => at <= each.drainMs);
          const drained = queue.drain(each.drainMs)
            .map((id) => [id, due.get(id) ?? -1] as const);
          assert.deepEqual(
            drained.map(([, at]) => at),
            expected.map(([, at]) => at).sort((a, b) => a - b),
          );
          assert.deepEqual(new Map(drained), new Map(expected));
          for (const [id] of expected) due.delete(id);
        }
      }
    }),
    { numRuns: 300 },
  );
});

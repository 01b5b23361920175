import assert from "node:assert/strict";
import fc from "fast-check";
import {
  between,
  exponential,
  pick,
  seededRandom,
} from "@/scripts/simulate/random.ts";

const SEEDS = fc.integer({ min: 0, max: 2 ** 32 - 1 });

function take(count: number, random: () => number): number[] {
  return Array.from({ length: count }, random);
}

Deno.test("seededRandom: repeats itself for the same seed and stream alone", () => {
  fc.assert(fc.property(SEEDS, fc.nat(1_000_000), (seed, stream) => {
    const numbers = take(5, seededRandom(seed, stream));
    assert.deepEqual(numbers, take(5, seededRandom(seed, stream)));
    assert.notDeepEqual(numbers, take(5, seededRandom(seed, stream + 1)));
    for (const n of numbers) assert.ok(n >= 0 && n < 1, String(n));
  }));
});

Deno.test("seededRandom: is even over its range", () => {
  const counts = new Array<number>(10).fill(0);
  for (const n of take(100_000, seededRandom(1, 1))) {
    const tenth = Math.floor(n * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
  }
  // Ten standard deviations of a binomial with n = 100,000 and p = 0.1.
  for (const count of counts) {
    assert.ok(Math.abs(count - 10_000) < 950, `${counts}`);
  }
});

Deno.test("between: reaches both ends and nothing beyond", () => {
  const random = seededRandom(1, 2);
  const seen = new Set(
    Array.from({ length: 1000 }, () => between(random, 3, 6)),
  );
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
});

Deno.test("pick: reaches every choice", () => {
  const random = seededRandom(1, 3);
  const seen = new Set(
    Array.from({ length: 1000 }, () => pick(random, ["a", "b", "c"])),
  );
  assert.deepEqual([...seen].sort(), ["a", "b", "c"]);
});

Deno.test("exponential: is positive and has its mean", () => {
  const random = seededRandom(1, 4);
  const times = Array.from({ length: 100_000 }, () => exponential(random, 60));
  assert.ok(times.every((time) => time >= 0 && Number.isFinite(time)));
  const mean = times.reduce((sum, time) => sum + time) / times.length;
  assert.ok(Math.abs(mean - 60) < 2, String(mean));
});

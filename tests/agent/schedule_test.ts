import assert from "node:assert/strict";
import fc from "fast-check";
import {
  backoffMs,
  nextTick,
  obeyRetryAfter,
  sleep,
} from "@/agent/schedule.ts";

Deno.test("nextTick: goes tick by tick, however late or early each begins", () => {
  assert.equal(nextTick(0, 5, 10_000), 1);
  assert.equal(nextTick(1, 10_400, 10_000), 2);
  assert.equal(nextTick(2, 19_999, 10_000), 3);
});

Deno.test("nextTick: skips the ticks that were missed", () => {
  assert.equal(nextTick(0, 25_000, 10_000), 3);
  assert.equal(nextTick(0, 30_000, 10_000), 3);
});

Deno.test("nextTick: always rises, and never lies in the past", () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.nat(1e9),
      fc.integer({ min: 1000, max: 86_400_000 }),
      (latest, elapsed, interval) => {
        const next = nextTick(latest, elapsed, interval);
        assert.ok(next > latest);
        assert.ok(next * interval >= elapsed);
        assert.ok(next === latest + 1 || next * interval < elapsed + interval);
      },
    ),
  );
});

Deno.test("backoffMs: doubles from a second to a minute at most, with full jitter", () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 8, 5000].map((failures) =>
    backoffMs(failures, () => 1)
  );
  assert.deepEqual(
    most,
    [1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000),
  );
  assert.equal(backoffMs(5, () => 0), 0);
  assert.equal(backoffMs(5, () => 0.5), 8000);
});

Deno.test("obeyRetryAfter: waits that long and a little more, five minutes or so at most", () => {
  assert.equal(obeyRetryAfter(20_000, () => 0), 20_000);
  assert.equal(obeyRetryAfter(20_000, () => 0.5), 21_000);
  assert.equal(obeyRetryAfter(9e9, () => 0), 300_000);
});

Deno.test("sleep: ends by itself", async () => {
  await sleep(1, new AbortController().signal);
});

Deno.test("sleep: ends at once where stop aborts, before or meanwhile, and leaves no timer", async () => {
  const stop = new AbortController();
  const slept = sleep(86_400_000, stop.signal);
  stop.abort();
  await slept;
  await sleep(86_400_000, stop.signal);
});

import assert from "node:assert/strict";
import { percentile, Tally } from "@/scripts/simulate/tally.ts";

Deno.test("percentile: is the nearest rank", () => {
  const values = [15, 50, 20, 40, 35];
  assert.equal(percentile(values, 0.05), 15);
  assert.equal(percentile(values, 0.3), 20);
  assert.equal(percentile(values, 0.5), 35);
  assert.equal(percentile(values, 1), 50);
  assert.equal(percentile([7], 0.99), 7);
});

Deno.test("percentile: sorts by size, and is null where there is nothing", () => {
  assert.equal(percentile([9, 10, 100], 0.5), 10);
  assert.equal(percentile([], 0.5), null);
});

Deno.test("Tally: tells rates and times of the stretch, and totals of all", () => {
  const tally = new Tally(0);
  for (let i = 0; i < 10; i++) {
    tally.answered(i + 1);
    tally.reported();
  }
  tally.registered();
  assert.equal(
    tally.statusLine(5_000, 0),
    "1 device, 2.0 reports/s, 0 errors, answers p50 5.0 ms, p99 10.0 ms",
  );
  tally.failed("503 overloaded");
  assert.equal(
    tally.statusLine(10_000, 2.4),
    "1 device, 0.0 reports/s, 1 error (latest: 503 overloaded), answers p50 unknown, p99 unknown, 2 s behind",
  );
  assert.equal(
    tally.summaryLine(),
    "1 device, 10 reports accepted, 1 error (latest: 503 overloaded)",
  );
  assert.equal(tally.reports, 10);
});

Deno.test("Tally: forgets devices that are gone", () => {
  const tally = new Tally(0);
  tally.registered();
  tally.registered();
  tally.forgotten();
  assert.match(tally.summaryLine(), /^1 device,/);
});

import assert from "node:assert/strict";
import { retryAfterMs } from "@/scripts/simulate/client.ts";

const NOW = Date.UTC(2026, 0, 31, 12);

Deno.test("retryAfterMs: reads seconds and dates", () => {
  assert.equal(retryAfterMs("120", NOW), 120_000);
  assert.equal(retryAfterMs("0", NOW), 0);
  assert.equal(retryAfterMs("Sat, 31 Jan 2026 12:00:30 GMT", NOW), 30_000);
});

Deno.test("retryAfterMs: takes a date in the past as now", () => {
  assert.equal(retryAfterMs("Sat, 31 Jan 2026 11:00:00 GMT", NOW), 0);
});

Deno.test("retryAfterMs: is null for nothing and for nonsense", () => {
  for (const header of [null, "", "soon"]) {
    assert.equal(retryAfterMs(header, NOW), null);
  }
});

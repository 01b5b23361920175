import assert from "node:assert/strict";
import { deviceStatus, onlinePatienceMs } from "@/lib/domain/device_status.ts";

const NOW = Date.UTC(2026, 0, 31, 12);

Deno.test("onlinePatienceMs: is three intervals", () => {
  assert.equal(onlinePatienceMs(11), 33_000);
  assert.equal(onlinePatienceMs(60), 180_000);
  assert.equal(onlinePatienceMs(86_400), 259_200_000);
});

Deno.test("onlinePatienceMs: is 30 seconds at least", () => {
  assert.deepEqual([1, 5, 10].map(onlinePatienceMs), [30_000, 30_000, 30_000]);
});

Deno.test("deviceStatus: is online up to the end of its patience and offline after", () => {
  for (const [intervalSeconds, patienceMs] of [[1, 30_000], [60, 180_000]]) {
    const status = (silentMs: number) =>
      deviceStatus(NOW - silentMs, intervalSeconds ?? 0, NOW);
    assert.equal(status(0), "online");
    assert.equal(status(patienceMs ?? 0), "online");
    assert.equal(status((patienceMs ?? 0) + 1), "offline");
  }
});

Deno.test("deviceStatus: a device that never reported is offline", () => {
  assert.equal(deviceStatus(null, 10, NOW), "offline");
});

Deno.test("deviceStatus: a report from the future, after the clock went back, is online", () => {
  assert.equal(deviceStatus(NOW + 5_000, 10, NOW), "online");
});

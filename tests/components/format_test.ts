import assert from "node:assert/strict";
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDateTime,
  formatEndpoint,
  formatTimeOfDay,
} from "@/components/format.ts";

Deno.test("formatCount: groups thousands", () => {
  assert.equal(formatCount(0), "0");
  assert.equal(formatCount(2345), "2,345");
  assert.equal(formatCount(Number.MAX_SAFE_INTEGER), "9,007,199,254,740,991");
});

Deno.test("formatBytes: SI units with three digits, and never 1000 of one", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1234, "1.23 kB"],
    [9994, "9.99 kB"],
    [9996, "10.0 kB"],
    [99_960, "100 kB"],
    [999_400, "999 kB"],
    [999_500, "1.00 MB"],
    [1_234_567_890, "1.23 GB"],
    [Number.MAX_SAFE_INTEGER, "9.01 PB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
});

Deno.test("formatBytes: null is unknown, not 0", () => {
  assert.equal(formatBytes(null), "unknown");
});

Deno.test("formatAgo: names the span in its largest unit", () => {
  const SECOND = 1000;
  const cases: [number, string][] = [
    [0, "just now"],
    [-5 * SECOND, "just now"],
    [9 * SECOND, "just now"],
    [10 * SECOND, "10 s ago"],
    [29 * SECOND, "25 s ago"],
    [59 * SECOND, "55 s ago"],
    [60 * SECOND, "1 min ago"],
    [3599 * SECOND, "59 min ago"],
    [3600 * SECOND, "1 h ago"],
    [86_399 * SECOND, "23 h ago"],
    [86_400 * SECOND, "1 d ago"],
    [86_400 * SECOND * 1200, "1,200 d ago"],
  ];
  const nowMs = Date.parse("2026-01-31T12:00:00Z");
  for (const [age, text] of cases) {
    assert.equal(formatAgo(nowMs - age, nowMs), text, String(age));
  }
});

Deno.test("formatDateTime: shows the zone's own time and its name", () => {
  const ms = Date.parse("2026-07-01T22:30:05Z");
  assert.equal(formatDateTime(ms, "UTC"), "2026-07-01 22:30:05 UTC");
  assert.match(
    formatDateTime(ms, "Europe/Berlin"),
    /^2026-07-02 00:30:05 \S+$/,
  );
});

Deno.test("formatTimeOfDay: names the zone only where it is not the reader's", () => {
  const ms = Date.parse("2026-01-31T12:03:05Z");
  assert.equal(formatTimeOfDay(ms, "UTC"), "12:03:05 UTC");
  assert.equal(formatTimeOfDay(ms, "Europe/Berlin"), "13:03:05");
});

Deno.test("formatEndpoint: brackets IPv6", () => {
  assert.equal(formatEndpoint("10.0.0.7", 443), "10.0.0.7:443");
  assert.equal(formatEndpoint("fe80::1%eth0", 22), "[fe80::1%eth0]:22");
});

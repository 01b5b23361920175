import assert from "node:assert/strict";
import { connection, report, testApp } from "@/tests/support/app.ts";

Deno.test("GET /metrics: sums over the fleet in OpenMetrics, without a name in it", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice, "meter-1");
  await app.device(alice, "meter-2");
  for (const sequence of [1, 1, 2]) {
    const body = report(deviceId, sequence, [connection()]);
    await app.send("POST", "/api/monitor/reports", body, alice.agent);
  }
  const response = await app.request("/metrics");
  assert.equal(response.status, 200);
  assert.match(
    response.headers.get("content-type") ?? "",
    /^application\/openmetrics-text; version=1\.0\.0/,
  );
  const lines = (await response.text()).split("\n");
  for (
    const line of [
      'monitor_devices{status="online"} 1',
      'monitor_devices{status="offline"} 1',
      "monitor_connections 1",
      'monitor_reports_total{outcome="stored"} 2',
      'monitor_reports_total{outcome="duplicate"} 1',
      'monitor_reports_total{outcome="stale"} 0',
      "process_start_time_seconds 1769860800",
      "# EOF",
    ]
  ) assert.ok(lines.includes(line), line);
  assert.doesNotMatch(lines.join("\n"), /meter-1|alice/);
});

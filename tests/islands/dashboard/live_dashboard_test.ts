/** The dashboard while a stream of events keeps it fresh. */
import assert from "node:assert/strict";
import { deviceList, deviceView, NOW_MS } from "@/tests/components/views.ts";
import {
  A,
  B,
  liveDashboardUnderTest,
} from "@/tests/islands/dashboard/dashboard_under_test.ts";
import { problem, settled } from "@/tests/islands/dashboard/fake_browser.ts";

Deno.test("createDashboard: follows the choice's own stream and shows what changes", async () => {
  const { dashboard, browser, listRequests, sendChange } =
    liveDashboardUnderTest("/dashboard?q=meter&order=desc");
  assert.equal(
    browser.streams.latest.href,
    "/api/dashboard/events?q=meter&order=desc",
  );
  await browser.timers.pass(7_000);
  const stats = { total: 2, online: 1, offline: 1, connections: 9 };
  sendChange({ devices: [{ ...B, connectionCount: 9 }], stats });
  const counts = dashboard.devices.rows.value.map(({ value }) =>
    value.connectionCount
  );
  assert.deepEqual(counts, [3, 9]);
  assert.deepEqual(dashboard.devices.list.value.stats, stats);
  assert.equal(dashboard.devices.updatedAtMs.value, NOW_MS + 7_000);
  assert.equal(dashboard.devices.mode.value, "live");
  assert.deepEqual(listRequests(), []);
});

Deno.test("createDashboard: polls where the stream breaks, and says so", async () => {
  const { dashboard, browser, server, names, sendList } =
    liveDashboardUnderTest();
  browser.streams.latest.onBroken();
  assert.equal(dashboard.devices.mode.value, "polling");
  server.list = deviceList([A]);
  await browser.timers.pass(5_000);
  await settled();
  assert.deepEqual(names(), ["meter-a"]);
  server.list = deviceList([B]);
  sendList();
  assert.deepEqual(names(), ["meter-b"]);
  assert.equal(dashboard.devices.mode.value, "live");
});

Deno.test("createDashboard: a stream that comes back ends the failure", async () => {
  const { dashboard, browser, server, sendChange } = liveDashboardUnderTest();
  server.isDown = true;
  browser.streams.latest.onBroken();
  await browser.timers.pass(5_000);
  await settled();
  assert.ok(dashboard.devices.failure.value);
  sendChange({ devices: [A] });
  assert.equal(dashboard.devices.failure.value, null);
});

Deno.test("createDashboard: a stream refused for an ended session leads to the login", async () => {
  const { browser } = liveDashboardUnderTest();
  browser.answer = () => problem(401, "log in");
  browser.streams.latest.onRefused();
  await settled();
  assert.equal(browser.leftFor, "/login?next=%2Fdashboard");
});

Deno.test("createDashboard: a device that is deleted elsewhere stays, marked, while rows are held", () => {
  const { dashboard, pointer, names, sendChange } = liveDashboardUnderTest();
  pointer.isOnRows = true;
  sendChange({ removed: ["a"] });
  assert.deepEqual(names(), ["meter-a", "meter-b"]);
  assert.equal(dashboard.devices.rows.value[0]?.gone, true);
  pointer.isOnRows = false;
  dashboard.devices.settle();
  assert.deepEqual(names(), ["meter-b"]);
});

Deno.test("createDashboard: typing closes the stream, and the pause opens one for what was typed", async () => {
  const { dashboard, browser, listRequests, server, names, sendList } =
    liveDashboardUnderTest();
  dashboard.navigation.search("b");
  assert.equal(browser.streams.openCount, 0);
  await browser.timers.pass(200);
  assert.equal(browser.streams.latest.href, "/api/dashboard/events?q=b");
  assert.equal(dashboard.devices.busy.value, true);
  server.list = deviceList([B]);
  sendList();
  assert.equal(dashboard.devices.busy.value, false);
  assert.deepEqual(names(), ["meter-b"]);
  assert.deepEqual(listRequests(), []);
});

Deno.test("createDashboard: a new device brings a new list, by a new stream", async () => {
  const { browser, server, names, sendChange, sendList } =
    liveDashboardUnderTest();
  const c = deviceView({ id: "c", deviceName: "meter-c" });
  server.list = deviceList([A, B, c]);
  sendChange({});
  await browser.timers.pass(5_000);
  assert.equal(browser.streams.opened.length, 2);
  sendList();
  assert.deepEqual(names(), ["meter-a", "meter-b", "meter-c"]);
});

Deno.test("createDashboard: what changed about the open device is asked for at once", async () => {
  const { dashboard, browser, sendChange } = liveDashboardUnderTest();
  const asked = () =>
    browser.requests.filter((r) => r === "GET /api/dashboard/user/a").length;
  dashboard.navigation.openDevice("a");
  await settled();
  sendChange({ devices: [B] });
  assert.equal(asked(), 1);
  sendChange({ devices: [A] });
  sendChange({ devices: [A] });
  assert.equal(asked(), 2, "one request at a time");
  await settled();
  dashboard.details.setAutoRefresh(false);
  sendChange({ devices: [A] });
  assert.equal(asked(), 2);
});

Deno.test("createDashboard: the open device's deletion elsewhere shows at once", async () => {
  const { dashboard, server, shown, sendChange } = liveDashboardUnderTest();
  dashboard.navigation.openDevice("a");
  await settled();
  server.details.delete("a");
  sendChange({ removed: ["a"] });
  await settled();
  assert.equal(shown()?.missing, true);
});

Deno.test("renameDevice: a live list comes anew, by a new stream", async () => {
  const { dashboard, browser, names, listRequests } = liveDashboardUnderTest();
  await dashboard.renameDevice("a", "gateway");
  assert.deepEqual(names(), ["gateway", "meter-b"]);
  assert.equal(browser.streams.opened.length, 2);
  assert.equal(browser.streams.openCount, 1);
  assert.deepEqual(listRequests(), []);
});

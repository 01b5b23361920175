import assert from "node:assert/strict";
import {
  connectionView,
  deviceDetail,
  deviceList,
  deviceView,
  NOW_MS,
} from "@/tests/components/views.ts";
import {
  A,
  B,
  dashboardUnderTest,
} from "@/tests/islands/dashboard/dashboard_under_test.ts";
import { problem, settled } from "@/tests/islands/dashboard/fake_browser.ts";

Deno.test("createDashboard: shows fresh devices every 5 seconds", async () => {
  const { dashboard, browser, server, names } = dashboardUnderTest();
  server.list = deviceList([B]);
  await browser.timers.pass(4_999);
  assert.deepEqual(names(), ["meter-a", "meter-b"]);
  await browser.timers.pass(1);
  await settled();
  assert.deepEqual(names(), ["meter-b"]);
  assert.equal(dashboard.devices.updatedAtMs.value, NOW_MS + 5_000);
});

Deno.test("createDashboard: says since when the server is away, keeps the rows, recovers", async () => {
  const { dashboard, browser, server, names } = dashboardUnderTest();
  server.isDown = true;
  await browser.timers.pass(11_000);
  assert.deepEqual(dashboard.devices.failure.value, {
    sinceMs: NOW_MS + 5_000,
    reason: "The server can't be reached",
  });
  assert.deepEqual(names(), ["meter-a", "meter-b"]);
  assert.equal(dashboard.devices.updatedAtMs.value, NOW_MS);
  server.isDown = false;
  await browser.timers.pass(5_000);
  await settled();
  assert.equal(dashboard.devices.failure.value, null);
});

Deno.test("createDashboard: holds the order while somebody points at the rows", async () => {
  const { dashboard, browser, server, pointer, names } = dashboardUnderTest();
  pointer.isOnRows = true;
  const renamed = { ...B, deviceName: "meter-b2" };
  server.list = deviceList([renamed, deviceView({ id: "c" }), A]);
  await browser.timers.pass(5_000);
  await settled();
  assert.deepEqual(names(), ["meter-a", "meter-b2", "meter-0042"]);
  dashboard.devices.settle();
  assert.deepEqual(names(), ["meter-a", "meter-b2", "meter-0042"]);
  pointer.isOnRows = false;
  dashboard.devices.settle();
  assert.deepEqual(names(), ["meter-b2", "meter-0042", "meter-a"]);
});

Deno.test("createDashboard: another choice applies at once, also where rows are held", async () => {
  const { dashboard, server, pointer, names, listRequests } =
    dashboardUnderTest();
  pointer.isOnRows = true;
  server.list = deviceList([B, A]);
  dashboard.navigation.choose({ order: "desc" });
  assert.equal(dashboard.devices.busy.value, true);
  await settled();
  assert.deepEqual(listRequests(), ["GET /api/dashboard/users?order=desc"]);
  assert.deepEqual(names(), ["meter-b", "meter-a"]);
  assert.equal(dashboard.devices.busy.value, false);
});

Deno.test("createDashboard: asks once for what was typed in one go", async () => {
  const { dashboard, browser, listRequests } = dashboardUnderTest();
  for (const q of ["m", "me", "met"]) {
    dashboard.navigation.search(q);
    await browser.timers.pass(100);
  }
  await browser.timers.pass(100);
  assert.deepEqual(listRequests(), ["GET /api/dashboard/users?q=met"]);
});

Deno.test("createDashboard: an ended session leads to the login and back", async () => {
  const { dashboard, browser } = dashboardUnderTest("/dashboard?q=a&device=b");
  browser.answer = () => problem(401, "log in");
  dashboard.devices.refresh();
  await settled();
  assert.equal(
    browser.leftFor,
    "/login?next=%2Fdashboard%3Fq%3Da%26device%3Db",
  );
});

Deno.test("createDashboard: opens a device with what is known, and keeps it fresh", async () => {
  const { dashboard, browser, server, shown } = dashboardUnderTest();
  dashboard.navigation.openDevice("a");
  assert.equal(shown()?.device?.deviceName, "meter-a");
  assert.equal(shown()?.detail, null);
  await settled();
  assert.deepEqual(shown()?.detail?.connections, []);
  server.details.set("a", deviceDetail([connectionView()], A));
  await browser.timers.pass(3_000);
  await settled();
  assert.equal(
    shown()?.detail?.connections.length,
    1,
  );
});

Deno.test("createDashboard: the switch stops the details and starts them again", async () => {
  const { dashboard, browser } = dashboardUnderTest();
  const detailRequests = () =>
    browser.requests.filter((r) => r === "GET /api/dashboard/user/a").length;
  dashboard.navigation.openDevice("a");
  await settled();
  dashboard.details.setAutoRefresh(false);
  await browser.timers.pass(30_000);
  assert.equal(detailRequests(), 1);
  dashboard.details.setAutoRefresh(true);
  await settled();
  assert.equal(detailRequests(), 2);
});

Deno.test("createDashboard: switched off, a device still loads once", async () => {
  const { dashboard, browser, shown } = dashboardUnderTest();
  dashboard.details.setAutoRefresh(false);
  dashboard.navigation.openDevice("a");
  await settled();
  assert.ok(shown()?.detail);
  const before = browser.requests.length;
  await browser.timers.pass(4_000);
  assert.equal(browser.requests.length, before);
});

Deno.test("createDashboard: a device that vanished is said to be missing, and asked for no more", async () => {
  const { dashboard, browser, server, shown } = dashboardUnderTest();
  dashboard.navigation.openDevice("a");
  await settled();
  server.details.delete("a");
  await browser.timers.pass(3_000);
  await settled();
  assert.equal(shown()?.missing, true);
  const asked = () =>
    browser.requests.filter((r) => r.endsWith("/user/a")).length;
  const before = asked();
  await browser.timers.pass(10_000);
  assert.equal(asked(), before);
});

Deno.test("createDashboard: details that fail to come are kept, with since when", async () => {
  const { dashboard, browser, server, shown } = dashboardUnderTest();
  dashboard.navigation.openDevice("a");
  await settled();
  server.isDown = true;
  await browser.timers.pass(3_000);
  await settled();
  const latest = shown();
  assert.ok(latest?.detail);
  assert.equal(latest.failure?.sinceMs, NOW_MS + 3_000);
});

Deno.test("createDashboard: a deep link shows what the server rendered", () => {
  const detail = deviceDetail([connectionView()], A);
  const found = dashboardUnderTest("/dashboard?device=a", { detail });
  assert.equal(found.shown()?.detail, detail);
  const missing = dashboardUnderTest("/dashboard?device=zzz");
  assert.equal(missing.shown()?.missing, true);
  assert.deepEqual(
    missing.browser.requests.filter((r) => r.includes("/user/")),
    [],
  );
});

Deno.test("createDashboard: back and forth open and close the details", async () => {
  const { dashboard, browser, shown } = dashboardUnderTest();
  dashboard.navigation.openDevice("a");
  browser.history.step(-1);
  assert.equal(shown(), null);
  browser.history.step(1);
  await settled();
  assert.equal(shown()?.deviceId, "a");
  assert.ok(shown()?.detail);
});

Deno.test("renameDevice: shows the new name everywhere at once", async () => {
  const { dashboard, names, shown } = dashboardUnderTest();
  dashboard.navigation.openDevice("a");
  await settled();
  await dashboard.renameDevice("a", "gateway");
  assert.deepEqual(names(), ["gateway", "meter-b"]);
  assert.equal(shown()?.device?.deviceName, "gateway");
});

Deno.test("deleteDevice: closes the details and drops the row, held or not", async () => {
  const { dashboard, browser, pointer, names, shown } = dashboardUnderTest();
  pointer.isOnRows = true;
  dashboard.navigation.openDevice("a");
  await settled();
  await dashboard.deleteDevice("a");
  assert.deepEqual(names(), ["meter-b"]);
  assert.equal(shown(), null);
  assert.equal(browser.history.href(), "/dashboard");
});

Deno.test("createDashboard: keeps an agent's token in localStorage", async () => {
  const { browser } = dashboardUnderTest();
  await settled();
  assert.equal(browser.stored.get("token"), "fresh");
  browser.stored.delete("token");
  await browser.timers.pass(5_000);
  await settled();
  assert.equal(browser.stored.get("token"), "fresh");
});

Deno.test("createDashboard: counts by the server's clock where this machine's is wrong", async () => {
  const { dashboard, browser, server } = dashboardUnderTest();
  const serverMs = NOW_MS + 3_600_000;
  server.headers = { date: new Date(serverMs).toUTCString() };
  assert.deepEqual(dashboard.clock.value, {
    nowMs: NOW_MS,
    timeZone: "Europe/Berlin",
  });
  await browser.timers.pass(5_000);
  await browser.timers.pass(1_000);
  assert.equal(dashboard.clock.value.nowMs, serverMs + 1_000);
});

Deno.test("createDashboard: counts by the server's clock from the page on", () => {
  const serverMs = NOW_MS + 3_600_000;
  const { dashboard } = dashboardUnderTest("/dashboard", {
    now: new Date(serverMs).toISOString(),
  });
  assert.equal(dashboard.clock.value.nowMs, serverMs);
});

Deno.test("createDashboard: at its end nothing goes on", async () => {
  const { browser, stop } = dashboardUnderTest();
  await settled();
  stop();
  const before = browser.requests.length;
  await browser.timers.pass(60_000);
  assert.equal(browser.requests.length, before);
});

Deno.test("createDashboard: at its end its stream is closed", () => {
  const { browser, stop } = dashboardUnderTest();
  assert.equal(browser.streams.openCount, 1);
  stop();
  assert.equal(browser.streams.openCount, 0);
});

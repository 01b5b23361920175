import assert from "node:assert/strict";
import { mostTelling, Reporter } from "@/agent/reporter.ts";
import type { Scan } from "@/agent/scan/mod.ts";
import { VERSION } from "@/lib/domain/version.ts";
import { reportRequest } from "@/lib/contract/monitor.ts";
import {
  connections,
  failed,
  type Script,
  World,
} from "@/tests/agent/world.ts";

const EMPTY: Scan = { connections: [], warnings: [] };

function reporterOf(script: Script) {
  const world = new World(script);
  const reporter = new Reporter(world.reporterOptions);
  return {
    world,
    send: (scan = EMPTY) => reporter.send(scan, world.stop.signal),
  };
}

Deno.test("Reporter.send: registers the device once, then only reports", async () => {
  const { world, send } = reporterOf({});
  await send();
  await send();
  assert.deepEqual(world.registrations, [{
    deviceName: "meter-0042",
    os: "linux",
    agentVersion: VERSION,
    intervalSeconds: 10,
  }]);
  assert.equal(world.reports.length, 2);
});

Deno.test("Reporter.send: reports the whole picture in the contract's form", async () => {
  const { world, send } = reporterOf({});
  await send({ connections: connections(2), warnings: [] });
  assert.deepEqual(world.reports[0], {
    deviceId: "device-1",
    session: "session-1",
    sequence: 1,
    scannedAt: "2026-01-31T00:00:00.000Z",
    intervalSeconds: 10,
    connections: connections(2),
  });
  assert.ok(reportRequest.safeParse(world.reports[0]).success);
});

Deno.test("Reporter.send: raises the sequence with every report, also after failures", async () => {
  const { world, send } = reporterOf({
    reports: [failed("server_unreachable")],
  });
  await assert.rejects(send(), { code: "server_unreachable" });
  await send();
  await send();
  assert.deepEqual(world.reports.map((report) => report.sequence), [1, 2, 3]);
});

Deno.test("Reporter.send: registers again where the server has forgotten the device", async () => {
  const { world, send } = reporterOf({
    reports: ["ok", failed("device_missing")],
  });
  await send();
  await send();
  assert.deepEqual(
    world.reports.map((report) => report.deviceId),
    ["device-1", "device-1", "device-2"],
  );
  assert.ok(
    world.lines.includes("The server does not know this device; registering"),
  );
});

Deno.test("Reporter.send: does not register in circles", async () => {
  const missing = failed("device_missing");
  const { world, send } = reporterOf({ reports: [missing, missing, missing] });
  await assert.rejects(send(), { code: "device_missing" });
  assert.equal(world.registrations.length, 1);
  await assert.rejects(send(), { code: "device_missing" });
  assert.equal(world.registrations.length, 2);
});

Deno.test("Reporter.send: halves a report that the server finds too large, and stays there", async () => {
  const tooLarge = failed("report_too_large");
  const { world, send } = reporterOf({ reports: [tooLarge, tooLarge] });
  const scan = { connections: connections(100), warnings: [] };
  await send(scan);
  await send(scan);
  assert.deepEqual(
    world.reports.map((report) => report.connections.length),
    [100, 50, 25, 25],
  );
  assert.ok(
    world.lines.includes(
      "Warning: 100 connections are too many for a report; sending the first 25, established ones first",
    ),
  );
});

Deno.test("Reporter.send: gives up where even one connection is too large", async () => {
  const { send } = reporterOf({ reports: [failed("report_too_large")] });
  await assert.rejects(
    send({ connections: connections(1), warnings: [] }),
    { code: "report_too_large" },
  );
});

Deno.test("Reporter.send: sends the first 10,000 connections, established ones first, and warns", async () => {
  const { world, send } = reporterOf({});
  await send({
    connections: [
      ...connections(6000, "LISTEN"),
      ...connections(1000, "TIME_WAIT"),
      ...connections(6000),
    ],
    warnings: [],
  });
  const sent = world.reports[0]?.connections ?? [];
  const count = (state: string) =>
    sent.filter((connection) => connection.state === state).length;
  assert.equal(sent.length, 10_000);
  assert.equal(count("ESTABLISHED"), 6000);
  assert.equal(count("TIME_WAIT"), 1000);
  assert.equal(count("LISTEN"), 3000);
  assert.match(
    world.lines.join("\n"),
    /Warning: 13000 connections are too many/,
  );
});

Deno.test("mostTelling: leaves a list that fits as it is", () => {
  const few = [...connections(1, "LISTEN"), ...connections(2)];
  assert.equal(mostTelling(few, 3), few);
});

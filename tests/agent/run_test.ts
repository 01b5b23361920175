import assert from "node:assert/strict";
import { runAgent, runOnce } from "@/agent/run.ts";
import {
  connections,
  failed,
  type Script,
  World,
} from "@/tests/agent/world.ts";

async function run(script: Script): Promise<World> {
  const world = new World(script);
  await runAgent(world.options, world.stop.signal);
  return world;
}

const AWAY = failed("server_unreachable", "cannot reach the server: refused");

Deno.test("runAgent: says that it scans, registers, and reports on the beat", async () => {
  const world = await run({
    scans: [{ connections: connections(2), warnings: [] }],
  });
  assert.deepEqual(world.lines, [
    "Scanning connections...",
    'Registered as device "meter-0042"',
    "Reported 2 connections (ss) to http://localhost:3000; reporting every 10 s",
  ]);
  assert.deepEqual(world.scannedAt, [0, 10, 20]);
  assert.deepEqual(world.reports.map((report) => report.sequence), [1, 2, 3]);
});

Deno.test("runAgent: keeps the beat however long a scan takes, and skips what it misses", async () => {
  const slow = await run({ scanMs: 2500, intervalSeconds: 10 });
  assert.deepEqual(slow.scannedAt, [0, 10, 20]);
  assert.deepEqual(slow.sleptMs, [7500, 7500, 7500]);
  const late = await run({ scanMs: 2500, intervalSeconds: 2 });
  assert.deepEqual(late.scannedAt, [0, 4, 8]);
});

Deno.test("runAgent: backs off while the server is away, logs that once, and says when it is back", async () => {
  const world = await run({
    registrations: Array(8).fill(AWAY),
    sleeps: 10,
  });
  assert.deepEqual(
    world.sleptMs.slice(0, 8),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  );
  assert.deepEqual(
    world.lines,
    [
      "Scanning connections...",
      "Warning: cannot reach the server: refused; trying again until it works",
      'Registered as device "meter-0042"',
      "The server is back after 8 failed attempts",
      "Reported 0 connections (ss) to http://localhost:3000; reporting every 10 s",
    ].toSpliced(3, 2, ...world.lines.slice(3)),
  );
  assert.ok(
    world.lines.includes("The server is back after 8 failed attempts"),
  );
});

Deno.test("runAgent: returns to its old beat after an outage, with a fresh scan at each attempt", async () => {
  const world = await run({
    reports: ["ok", AWAY, AWAY],
    sleeps: 5,
  });
  // Attempts at 10 s, 10.5 s and 11.5 s; the beat of 10 s goes on from the start.
  assert.deepEqual(world.scannedAt, [0, 10, 10.5, 11.5, 20]);
  assert.deepEqual(
    world.reports.map((report) => report.sequence),
    [1, 2, 3, 4, 5],
  );
  assert.equal(world.registrations.length, 1);
});

Deno.test("runAgent: logs an outage again where its reason changes", async () => {
  const world = await run({
    reports: [AWAY, AWAY, failed("server_failed", "it failed (500)"), AWAY],
    sleeps: 6,
  });
  assert.deepEqual(
    world.lines.filter((line) => line.includes("trying again")),
    [
      "Warning: cannot reach the server: refused; trying again until it works",
      "Warning: it failed (500); trying again until it works",
      "Warning: cannot reach the server: refused; trying again until it works",
    ],
  );
});

Deno.test("runAgent: starts each outage with a short wait", async () => {
  const world = await run({
    reports: [AWAY, AWAY, "ok", AWAY],
    sleeps: 5,
  });
  assert.deepEqual(
    [world.sleptMs[0], world.sleptMs[1], world.sleptMs[3]],
    [500, 1000, 500],
  );
});

Deno.test("runAgent: leaves a busy server alone for as long as it asks", async () => {
  const busy = (ms: number | null) => failed("server_busy", "busy", ms);
  const world = await run({
    reports: [busy(20_000), busy(86_400_000), busy(null)],
    sleeps: 4,
  });
  assert.deepEqual(world.sleptMs.slice(0, 3), [21_000, 315_000, 2000]);
});

Deno.test("runAgent: drops a report that the server finds bad, names the fields, and goes on", async () => {
  const bad = Object.assign(failed("report_refused", "refused (400)"), {
    fields: [{ path: "connections[0].state", message: "must be a string" }],
  });
  const world = await run({ reports: [bad, bad, "ok"], sleeps: 3 });
  assert.deepEqual(world.scannedAt, [0, 10, 20]);
  assert.deepEqual(
    world.lines.filter((line) => line.startsWith("Warning")),
    [
      "Warning: refused (400): connections[0].state must be a string; this report is dropped",
    ],
  );
});

Deno.test("runAgent: goes on after a scan that fails", async () => {
  const world = await run({
    scans: [failed("scan_failed", "ss took too long")],
  });
  assert.deepEqual(world.scannedAt, [0, 10, 20]);
  assert.equal(world.reports.length, 2);
  assert.equal(
    world.lines[1],
    "Warning: ss took too long; this report is dropped",
  );
});

Deno.test("runAgent: gives a scan's warning once, whatever its numbers and samples", async () => {
  const warned = (warning: string) => ({
    connections: [],
    warnings: [warning],
  });
  const world = await run({
    scans: [
      warned('ss: lines that could not be read: 1, such as "a"'),
      warned('ss: lines that could not be read: 7, such as "b \\" c"'),
      warned("something else"),
    ],
  });
  assert.deepEqual(
    world.lines.filter((line) => line.startsWith("Warning")),
    [
      'Warning: ss: lines that could not be read: 1, such as "a"',
      "Warning: something else",
    ],
  );
});

Deno.test("runAgent: ends with a refused token, and with what nobody foresaw", async () => {
  await assert.rejects(run({ registrations: [failed("token_refused")] }), {
    code: "token_refused",
  });
  await assert.rejects(run({ reports: ["ok", failed("token_refused")] }), {
    code: "token_refused",
  });
  await assert.rejects(run({ scans: [new RangeError("a mistake")] }), {
    name: "RangeError",
  });
});

Deno.test("runAgent: ends quietly where it is stopped during a request", async () => {
  const world = new World({});
  world.options.client.report = () => {
    world.stop.abort();
    return Promise.reject(world.stop.signal.reason);
  };
  await runAgent(world.options, world.stop.signal);
  assert.deepEqual(world.sleptMs, []);
});

Deno.test("runOnce: reports once", async () => {
  const world = new World({
    scans: [{ connections: connections(3), warnings: ["a warning"] }],
  });
  await runOnce(world.reporterOptions, world.stop.signal);
  assert.deepEqual(world.lines, [
    "Scanning connections...",
    "Warning: a warning",
    'Registered as device "meter-0042"',
    "Reported 3 connections to http://localhost:3000",
  ]);
  assert.equal(world.reports.length, 1);
  assert.deepEqual(world.sleptMs, []);
});

Deno.test("runOnce: fails with what kept the report from arriving", async () => {
  const world = new World({ reports: [AWAY] });
  await assert.rejects(
    runOnce(world.reporterOptions, world.stop.signal),
    AWAY,
  );
});

Deno.test("runOnce: says that it was stopped", async () => {
  const world = new World({
    reports: [() => {
      world.stop.abort();
      throw world.stop.signal.reason;
    }],
  });
  await assert.rejects(runOnce(world.reporterOptions, world.stop.signal), {
    code: "stopped",
  });
});

Deno.test("runAgent: a server that refuses a report is back too", async () => {
  const world = await run({
    reports: [AWAY, failed("report_refused", "refused (400)"), AWAY],
    sleeps: 3,
  });
  assert.ok(world.lines.includes("The server is back after 1 failed attempt"));
  assert.deepEqual([world.sleptMs[0], world.sleptMs[2]], [500, 500]);
});

import assert from "node:assert/strict";
import {
  orderReport,
  type ReportCursor,
  type ReportOutcome,
} from "@/lib/domain/report_order.ts";

/** The outcomes of reports in the order of their arrival, from `session:sequence`. */
function outcomes(...reports: string[]): ReportOutcome[] {
  let cursor: ReportCursor | null = null;
  return reports.map((report) => {
    const [session = "", sequence = ""] = report.split(":");
    const order: ReturnType<typeof orderReport> = orderReport(
      cursor,
      session,
      Number(sequence),
    );
    cursor = order.cursor;
    return order.outcome;
  });
}

Deno.test("orderReport: stores the first report, whatever its sequence", () => {
  assert.deepEqual(orderReport(null, "a", 7), {
    outcome: "stored",
    cursor: { session: "a", sequence: 7, retiredSessions: [] },
  });
  assert.deepEqual(outcomes("a:0"), ["stored"]);
});

Deno.test("orderReport: stores rising sequences, gaps and all", () => {
  assert.deepEqual(outcomes("a:1", "a:2", "a:9"), [
    "stored",
    "stored",
    "stored",
  ]);
});

Deno.test("orderReport: a sequence seen before changes nothing", () => {
  assert.deepEqual(outcomes("a:1", "a:1"), ["stored", "duplicate"]);
});

Deno.test("orderReport: an older sequence is stale and leaves the cursor alone", () => {
  assert.deepEqual(outcomes("a:5", "a:4", "a:5", "a:6"), [
    "stored",
    "stale",
    "duplicate",
    "stored",
  ]);
});

Deno.test("orderReport: a new session starts anew, whatever its sequence", () => {
  assert.deepEqual(outcomes("a:100", "b:1", "b:2"), [
    "stored",
    "stored",
    "stored",
  ]);
});

Deno.test("orderReport: late reports of an ended session are stale", () => {
  assert.deepEqual(outcomes("a:1", "b:1", "a:2", "b:2"), [
    "stored",
    "stored",
    "stale",
    "stored",
  ]);
});

Deno.test("orderReport: remembers several ended sessions, and not for ever", () => {
  const starts = ["a:1", "b:1", "c:1", "d:1", "e:1"];
  assert.deepEqual(outcomes(...starts, "a:2").at(-1), "stale");
  assert.deepEqual(outcomes(...starts, "f:1", "a:2").at(-1), "stored");
});

Deno.test("orderReport: agents that name no session share one", () => {
  assert.deepEqual(outcomes(":1", ":2", ":2", ":1"), [
    "stored",
    "stored",
    "duplicate",
    "stale",
  ]);
});

Deno.test("orderReport: leaves the cursor that it was given as it was", () => {
  const cursor = Object.freeze({
    session: "a",
    sequence: 1,
    retiredSessions: Object.freeze([]) as unknown as string[],
  });
  assert.equal(orderReport(cursor, "b", 1).cursor.session, "b");
  assert.equal(orderReport(cursor, "a", 2).cursor.sequence, 2);
});

import assert from "node:assert/strict";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";
import type { Report } from "@/lib/contract/monitor.ts";
import type { Connection } from "@/lib/domain/connection.ts";
import {
  addedConnections,
  type DeviceState,
  wholePicture,
} from "@/lib/fleet/update.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { presence } from "./support.ts";

const BEFORE = 1_000;
const NOW = 2_000;

function connection(sourcePort: number, bytesIn = 0): Connection {
  const { firstSeenAt: _, lastSeenAt: __, ...rest } = tracked();
  return { ...rest, sourcePort, bytesIn };
}

/** A connection that was first seen before, and last at `lastSeenAt`. */
const known = (sourcePort: number, lastSeenAt = BEFORE) => ({
  ...connection(sourcePort),
  firstSeenAt: BEFORE,
  lastSeenAt,
});

function report(overrides: Partial<Report> = {}): Report {
  return {
    deviceId: "id-1",
    session: "s-1",
    sequence: 2,
    scannedAt: 1_990,
    intervalSeconds: 5,
    connections: [],
    ...overrides,
  };
}

function state(overrides: Partial<DeviceState> = {}): DeviceState {
  return {
    presence: presence({
      cursor: { session: "s-1", sequence: 1, retiredSessions: [] },
      scannedAt: 900,
    }),
    picture: Picture.of([known(1), known(2)]),
    intervalSeconds: 60,
    ...overrides,
  };
}

const NEVER_REPORTED = state({ presence: null, picture: Picture.EMPTY });

Deno.test("wholePicture: what is missing has closed, what stays keeps its first sighting", () => {
  const { answer, next } = wholePicture(
    report({ connections: [connection(2, 7), connection(3)] }),
  )(state(), NOW);
  assert.deepEqual(answer, { accepted: 2, sequence: 2, outcome: "stored" });
  assert.deepEqual(next?.presence, {
    cursor: { session: "s-1", sequence: 2, retiredSessions: [] },
    lastSeenAt: NOW,
    scannedAt: 1_990,
    intervalSeconds: 5,
  });
  assert.deepEqual(next?.picture.connections(), [
    { ...connection(2, 7), firstSeenAt: BEFORE, lastSeenAt: NOW },
    { ...connection(3), firstSeenAt: NOW, lastSeenAt: NOW },
  ]);
});

Deno.test("wholePicture: an empty picture closes everything and is a sign of life", () => {
  const { answer, next } = wholePicture(report())(state(), NOW);
  assert.deepEqual(answer, { accepted: 0, sequence: 2, outcome: "stored" });
  assert.deepEqual(next?.picture.connections(), []);
  assert.equal(next?.presence.lastSeenAt, NOW);
});

Deno.test("wholePicture: a first report counts whatever its sequence", () => {
  const { answer, next } = wholePicture(
    report({ sequence: 0, session: undefined }),
  )(NEVER_REPORTED, NOW);
  assert.equal(answer.outcome, "stored");
  assert.deepEqual(next?.presence.cursor, {
    session: "",
    sequence: 0,
    retiredSessions: [],
  });
});

for (
  const [outcome, sequence] of [["duplicate", 5], ["stale", 4]] as const
) {
  Deno.test(`wholePicture: a ${outcome} report changes nothing and learns the newest sequence`, () => {
    const cursor = { session: "s-1", sequence: 5, retiredSessions: [] };
    const { answer, next } = wholePicture(
      report({ sequence, connections: [connection(9)] }),
    )(state({ presence: presence({ cursor }) }), NOW);
    assert.deepEqual(answer, { accepted: 0, sequence: 5, outcome });
    assert.equal(next, null);
  });
}

Deno.test("wholePicture: a restarted agent begins anew, late reports of its last start are stale", () => {
  const restarted = wholePicture(report({ session: "s-2", sequence: 1 }))(
    state(),
    NOW,
  );
  assert.equal(restarted.answer.outcome, "stored");
  assert.ok(restarted.next);
  const late = wholePicture(report({ session: "s-1", sequence: 99 }))(
    state({ presence: presence(restarted.next.presence) }),
    NOW,
  );
  assert.deepEqual(late.answer, {
    accepted: 0,
    sequence: 1,
    outcome: "stale",
  });
  assert.equal(late.next, null);
});

Deno.test("addedConnections: adds and refreshes, closes nothing", () => {
  const { answer, next } = addedConnections([connection(2, 7), connection(3)])(
    state(),
    NOW,
  );
  assert.deepEqual(answer, { accepted: 2 });
  assert.deepEqual(next?.picture.connections(), [
    known(1),
    { ...connection(2, 7), firstSeenAt: BEFORE, lastSeenAt: NOW },
    { ...connection(3), firstSeenAt: NOW, lastSeenAt: NOW },
  ]);
});

Deno.test("addedConnections: leaves the reports' order and interval as they stand", () => {
  const before = state();
  const { next } = addedConnections([connection(3)])(before, NOW);
  assert.deepEqual(next?.presence, {
    cursor: before.presence?.cursor,
    lastSeenAt: NOW,
    scannedAt: 900,
    intervalSeconds: 10,
  });
});

Deno.test("addedConnections: a device that never reported has the interval it announced", () => {
  const { next } = addedConnections([connection(1)])(NEVER_REPORTED, NOW);
  assert.deepEqual(next?.presence, {
    cursor: null,
    lastSeenAt: NOW,
    scannedAt: null,
    intervalSeconds: 60,
  });
});

Deno.test("addedConnections: refuses what would make too many, not what refreshes", () => {
  const full = state({
    picture: Picture.of(Array.from(
      { length: MAX_CONNECTIONS_PER_REPORT },
      (_, i) => known(i),
    )),
  });
  assert.deepEqual(addedConnections([connection(5)])(full, NOW).answer, {
    accepted: 1,
  });
  assert.throws(() => addedConnections([connection(60_000)])(full, NOW), {
    code: "fields_invalid",
    fields: [{
      path: "connections",
      message: "the device would have more than 10000 connections",
    }],
  });
});

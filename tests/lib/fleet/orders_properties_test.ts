import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEVICE_SORTS,
  type DeviceQuery,
  deviceQuery,
  SORT_ORDERS,
} from "@/lib/contract/dashboard.ts";
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import { DEVICE_STATUSES } from "@/lib/domain/device_status.ts";
import type { Viewer } from "@/lib/domain/user.ts";
import { FleetModel } from "@/lib/fleet/model.ts";
import { type DeviceSource, Orders } from "@/lib/fleet/orders.ts";
import { Picture } from "@/lib/fleet/picture.ts";
import { START } from "@/tests/support/app.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { plainSelection } from "./plain_selection.ts";
import { device, presence } from "./support.ts";

const TTL_MS = 300_000;
/** Enough that a few changes are a small part of them: many are brought to their places another way. */
const DEVICES = 40;

type Change =
  | { kind: "put"; n: number; deviceName: string; username: string }
  | { kind: "report"; n: number; connections: Partial<TrackedConnection>[] }
  | { kind: "remove"; n: number }
  | { kind: "wait"; ms: number };

interface Step {
  changes: Change[];
  viewer: Viewer;
  query: DeviceQuery;
  /** True where the model does not remember what changed since the last step. */
  forgets: boolean;
}

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
// Few values each, so that many are equal.
const n = fc.nat({ max: DEVICES - 1 });
const deviceName = oneOf("meter-1", "meter-01", "Meter-1", "m10", "ä", "計 9");
const username = oneOf("alice", "u-1", "u-01", "");
const ip = oneOf(
  "10.0.0.9",
  "10.0.0.10",
  "127.0.0.1",
  "0.0.0.0",
  "::",
  "fe80::1%Eth0",
  "2001:db8::9",
);
const connections = fc.array(
  fc.record({
    sourceIp: ip,
    destIp: ip,
    protocol: oneOf<"TCP" | "UDP">("TCP", "UDP"),
    state: oneOf("ESTABLISHED", null),
  }),
  { maxLength: 3 },
);

const fleet = fc.array(fc.record({ deviceName, username }), {
  maxLength: DEVICES,
  size: "max",
});

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), n, deviceName, username }),
  fc.record({ kind: fc.constant("report" as const), n, connections }),
  fc.record({ kind: fc.constant("report" as const), n, connections }),
  fc.record({ kind: fc.constant("remove" as const), n }),
  fc.record({
    kind: fc.constant("wait" as const),
    ms: oneOf(0, 1_000, 31_000, TTL_MS),
  }),
);

const query = fc.record({
  q: oneOf("", "", "m", "METER-", "meter-1", "0.0", "0.0.1", "1", "eth", "db8"),
  status: oneOf("" as const, "" as const, ...DEVICE_STATUSES),
  sort: oneOf(...DEVICE_SORTS),
  order: oneOf(...SORT_ORDERS),
  limit: fc.integer({ min: 1, max: 15 }),
}).map((choice) => deviceQuery.parse(choice));

const viewer = oneOf<Viewer>(
  { userId: "root", seesAll: true },
  { userId: "owner-0", seesAll: false },
);

const step: fc.Arbitrary<Step> = fc.record({
  changes: fc.array(change, { maxLength: 8, size: "max" }),
  viewer,
  query,
  forgets: fc.boolean(),
});

/** A fleet that changes come upon, as the server has it. */
class History {
  readonly model = new FleetModel(TTL_MS);
  nowMs = START;

  apply(change: Change): void {
    switch (change.kind) {
      case "put": {
        const { n, deviceName, username } = change;
        const ownerId = `owner-${n % 2}`;
        this.model.putDevice(
          device({ id: `id-${n}`, ownerId, deviceName }),
          username,
        );
        break;
      }
      case "report": {
        const picture = Picture.of(
          change.connections.map((c, sourcePort) =>
            tracked({ ...c, sourcePort, lastSeenAt: this.nowMs })
          ),
        );
        this.model.putSnapshot(
          `id-${change.n}`,
          {
            presence: presence({ lastSeenAt: this.nowMs }),
            packed: picture.packed,
            versionstamp: "1",
          },
          picture,
          this.nowMs,
        );
        break;
      }
      case "remove":
        this.model.remove(`id-${change.n}`);
        break;
      case "wait":
        this.nowMs += change.ms;
    }
  }
}

/** The ids on all pages; each page must be full but the last, and tell the same number. */
function walk(orders: Orders, { viewer, query }: Step, nowMs: number) {
  const ids: string[] = [];
  let cursor: string | null = "";
  let matched = 0;
  while (cursor !== null) {
    const page = orders.page(viewer, { ...query, cursor }, nowMs);
    ids.push(...page.devices.map(({ device }) => device.id));
    cursor = page.nextCursor;
    matched = page.matched;
    if (cursor !== null) assert.equal(page.devices.length, query.limit);
    assert.ok(ids.length <= DEVICES);
  }
  assert.equal(matched, ids.length);
  return ids;
}

Deno.test("Orders: every page is what filtering and sorting everything gives, whatever happened before", () => {
  fc.assert(
    fc.property(
      fleet,
      fc.array(step, { maxLength: 20, size: "max" }),
      (fleet, steps) => {
        const history = new History();
        fleet.forEach((put, n) => history.apply({ kind: "put", n, ...put }));
        const { model } = history;
        let forgets = false;
        const source: DeviceSource = {
          get revision() {
            return model.revision;
          },
          visibleTo: (viewer) => model.visibleTo(viewer),
          isVisibleTo: (viewer, found) => model.isVisibleTo(viewer, found),
          changedSince: (revision) =>
            forgets ? null : model.changedSince(revision),
        };
        const orders = new Orders(source);
        for (const step of steps) {
          for (const change of step.changes) history.apply(change);
          forgets = step.forgets;
          model.advance(history.nowMs);
          assert.deepEqual(
            walk(orders, step, history.nowMs),
            plainSelection(model.visibleTo(step.viewer), step.query),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

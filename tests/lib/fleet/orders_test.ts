import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEVICE_SORTS,
  type DeviceQuery,
  deviceQuery,
  SORT_ORDERS,
} from "@/lib/contract/dashboard.ts";
import { DEVICE_STATUSES } from "@/lib/domain/device_status.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import {
  type DeviceSource,
  MAX_ORDERS,
  ORDER_LIFE_MS,
  Orders,
} from "@/lib/fleet/orders.ts";
import { sortText } from "@/lib/fleet/sort_text.ts";
import { START } from "@/tests/support/app.ts";
import { tracked } from "@/tests/lib/store/support.ts";
import { fleetDevice } from "./support.ts";

const query = (choice: Partial<DeviceQuery> = {}) => deviceQuery.parse(choice);

const EVERYBODY = { userId: "root", seesAll: true };

/** Devices that do not change. */
function sourceOf(devices: Iterable<FleetDevice>): DeviceSource {
  const fixed = [...devices];
  return {
    revision: 0,
    visibleTo: () => fixed,
    isVisibleTo: () => true,
    changedSince: () => [],
  };
}

/** The page of these devices that a query asks for. */
function selectDevices(devices: Iterable<FleetDevice>, query: DeviceQuery) {
  return new Orders(sourceOf(devices)).page(EVERYBODY, query, START);
}

/** Devices by name, each with an id of its own. */
function named(...deviceNames: string[]): FleetDevice[] {
  return deviceNames.map((deviceName, i) =>
    fleetDevice({ id: `id-${i}`, deviceName })
  );
}

/** The names of the devices that a query asks for. */
function select(devices: FleetDevice[], choice: Partial<DeviceQuery> = {}) {
  return selectDevices(devices, query(choice)).devices
    .map(({ device }) => device.deviceName);
}

Deno.test("Orders.page: all devices by name in natural order, where nothing is asked", () => {
  const devices = named("meter-10", "meter-9", "Zähler", "meter-1", "äther");
  assert.deepEqual(select(devices), [
    "äther",
    "meter-1",
    "meter-9",
    "meter-10",
    "Zähler",
  ]);
});

const udp = tracked({ protocol: "UDP", sourceIp: "10.0.0.9" });
const tcp = tracked({ sourceIp: "10.0.0.10" });

/** Three devices a, b and c, and for each sort their order when ascending. */
const SORTED: Record<
  DeviceQuery["sort"],
  [expected: string, a: FleetDevice, b: FleetDevice, c: FleetDevice]
> = {
  deviceName: ["a b c", ...three({}, {}, {})],
  username: [
    "b c a",
    ...three({ username: "u-10" }, { username: "u-1" }, { username: "u-9" }),
  ],
  status: ["a c b", ...three({}, { status: "offline" }, {})],
  connectionCount: [
    "c a b",
    ...three({ connections: [tcp] }, { connections: [tcp, udp] }, {}),
  ],
  protocols: [
    "c b a",
    ...three({ connections: [udp] }, { connections: [tcp, udp] }, {
      connections: [tcp],
    }),
  ],
  detectedIps: [
    "c b a",
    ...three({ connections: [tcp] }, { connections: [udp] }, {}),
  ],
  lastSeen: [
    "b c a",
    ...three({ lastSeenAt: START + 1 }, { lastSeenAt: null }, {}),
  ],
};

function three(...each: Parameters<typeof fleetDevice>[0][]) {
  const [a, b, c] = ["a", "b", "c"].map((deviceName, i) =>
    fleetDevice({ id: deviceName, deviceName, ...each[i] })
  );
  assert.ok(a && b && c);
  return [a, b, c] as const;
}

for (const sort of DEVICE_SORTS) {
  Deno.test(`Orders.page: sorts by ${sort} both ways`, () => {
    const [expected, ...devices] = SORTED[sort];
    const asc = expected.split(" ");
    assert.deepEqual(select(devices, { sort, order: "asc" }), asc);
    const desc = select(devices, { sort, order: "desc" });
    // Where two are equal, the name decides, ascending in either order.
    const reversed = sort === "status" ? ["b", "a", "c"] : asc.toReversed();
    assert.deepEqual(desc, reversed);
  });

  Deno.test(`Orders.page: where ${sort} is equal, the name decides, then the id`, () => {
    const names = ["meter-2", "meter-2", "meter-10", "meter-1"];
    const devices = named(...names);
    const ids = (order: "asc" | "desc", of = devices) =>
      selectDevices(of, query({ sort, order })).devices
        .map(({ device }) => device.id);
    const ascending = ["id-3", "id-0", "id-1", "id-2"];
    assert.deepEqual(ids("asc"), ascending);
    assert.deepEqual(ids("asc", devices.toReversed()), ascending);
    const descending = sort === "deviceName"
      ? ["id-2", "id-0", "id-1", "id-3"]
      : ascending;
    assert.deepEqual(ids("desc"), descending);
    assert.deepEqual(ids("desc", devices.toReversed()), descending);
  });
}

Deno.test("Orders.page: names that count as the same number stay apart", () => {
  const devices = ["u-1", "u-01", "u-1", "u-01"].map((username, i) =>
    fleetDevice({ id: `id-${i}`, deviceName: `d${i}`, username })
  );
  assert.deepEqual(select(devices, { sort: "username" }), [
    "d1",
    "d3",
    "d0",
    "d2",
  ]);
});

Deno.test("Orders.page: searches device names, user names and every address", () => {
  const devices = [
    fleetDevice({ id: "1", deviceName: "Cellar", username: "alice" }),
    fleetDevice({
      id: "2",
      deviceName: "Attic",
      username: "Bob",
      connections: [tracked({ destIp: "fe80::7%Eth0", sourceIp: "10.9.8.7" })],
    }),
  ];
  const cases: Record<string, string[]> = {
    "": ["Attic", "Cellar"],
    "  ": ["Attic", "Cellar"],
    cell: ["Cellar"],
    " CELLAR ": ["Cellar"],
    bob: ["Attic"],
    "9.8": ["Attic"],
    "FE80::7": ["Attic"],
    "%eth": ["Attic"],
    "10.9.8.7 ": ["Attic"],
    "10.9.8.70": [],
    "1.9.8.7": [],
    "10.9.8.7 fe80": [],
    "fe80::7%Eth0": ["Attic"],
    nowhere: [],
  };
  for (const [q, expected] of Object.entries(cases)) {
    assert.deepEqual(select(devices, { q }), expected, JSON.stringify(q));
  }
});

Deno.test("Orders.page: finds a name however its letters are composed", () => {
  assert.deepEqual(select(named("Z\u00e4hler"), { q: "za\u0308hl" }), [
    "Z\u00e4hler",
  ]);
});

Deno.test("Orders.page: filters by status and counts what matches on all pages", () => {
  const devices = Array.from({ length: 10 }, (_, i) =>
    fleetDevice({
      id: `id-${i}`,
      deviceName: `meter-${i}`,
      status: i < 3 ? "offline" : "online",
    }));
  const page = (choice: Partial<DeviceQuery>) =>
    selectDevices(devices, query(choice));
  assert.equal(page({ limit: 2 }).matched, 10);
  assert.equal(page({ status: "online", limit: 2 }).matched, 7);
  assert.equal(page({ status: "offline", q: "meter-1" }).matched, 1);
  const { nextCursor } = page({ status: "offline", limit: 2 });
  const rest = page({ status: "offline", limit: 2, cursor: nextCursor ?? "" });
  assert.deepEqual(
    [rest.devices.length, rest.matched, rest.nextCursor],
    [1, 3, null],
  );
});

Deno.test("Orders.page: a page that is just full is the last one", () => {
  const devices = named("a", "b", "c", "d");
  const first = selectDevices(devices, query({ limit: 2 }));
  assert.notEqual(first.nextCursor, null);
  const cursor = first.nextCursor ?? "";
  const second = selectDevices(devices, query({ limit: 2, cursor }));
  assert.equal(second.devices.length, 2);
  assert.equal(second.nextCursor, null);
  assert.equal(selectDevices([], query()).nextCursor, null);
});

Deno.test("Orders.page: the page behind a device that is gone goes on where it stood", () => {
  const devices = named("a", "b", "c", "d");
  const { nextCursor } = selectDevices(devices, query({ limit: 2 }));
  const cursor = nextCursor ?? "";
  const withoutB = devices.filter(({ device }) => device.deviceName !== "b");
  assert.deepEqual(select(withoutB, { cursor }), ["c", "d"]);
  assert.deepEqual(select(named("a", "b"), { cursor }), []);
});

const oneOf = <T>(...values: T[]) => fc.constantFrom(...values);
const anyDevice = fc.record({
  // Few values each, so that many are equal.
  deviceName: oneOf("meter-1", "meter-01", "meter-10", "m", "ä", "Ä", "計"),
  username: oneOf("alice", "bob", ""),
  status: oneOf(...DEVICE_STATUSES),
  lastSeenAt: oneOf(null, START, START + 1),
  connections: oneOf([], [tcp], [udp], [tcp, udp]),
}, { noNullPrototype: true });
const change = fc.record({
  index: fc.nat({ max: 29 }),
  renameTo: fc.option(oneOf("meter-5", "a", "zz")),
});

Deno.test("Orders.page: paging shows each device once, while others are renamed and removed", () => {
  fc.assert(fc.property(
    fc.array(anyDevice, { maxLength: 30 }),
    oneOf(...DEVICE_SORTS),
    oneOf(...SORT_ORDERS),
    fc.integer({ min: 1, max: 7 }),
    fc.array(fc.array(change, { maxLength: 2 }), { maxLength: 10 }),
    (fields, sort, order, limit, changes) => {
      const devices = new Map(fields.map((each, i) => {
        const id = `id-${i}`;
        return [id, fleetDevice({ id, ...each })] as const;
      }));
      const untouched = new Set(devices.keys());
      const shown: string[] = [];
      let cursor: string | null = "";
      for (let page = 0; cursor !== null; page++) {
        const { devices: found, nextCursor } = selectDevices(
          devices.values(),
          query({ sort, order, limit, cursor }),
        );
        assert.ok(found.length <= limit);
        shown.push(...found.map(({ device }) => device.id));
        for (const { index, renameTo } of changes[page] ?? []) {
          const id = `id-${index}`;
          untouched.delete(id);
          const found = devices.get(id);
          if (renameTo === null) devices.delete(id);
          else if (found) {
            found.device.deviceName = renameTo;
            found.sortName = sortText(renameTo);
          }
        }
        cursor = nextCursor;
      }
      const times = Map.groupBy(shown, (id) => id);
      for (const id of untouched) assert.equal(times.get(id)?.length, 1, id);
    },
  ));
});

Deno.test("Orders.page: the cursor of the longest names is one that the contract takes", () => {
  const longest = { deviceName: "計".repeat(128), username: "計".repeat(64) };
  const devices = ["1", "2"].map((n) =>
    fleetDevice({ id: crypto.randomUUID().slice(1) + n, ...longest })
  );
  for (const sort of DEVICE_SORTS) {
    const { nextCursor } = selectDevices(devices, query({ sort, limit: 1 }));
    const next = query({ sort, limit: 1, cursor: nextCursor ?? "" });
    assert.equal(selectDevices(devices, next).devices.length, 1);
  }
});

const json = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });

const BAD_CURSORS: Record<string, string> = {
  "no base64": "%%%",
  "no UTF-8": new Uint8Array([0xff, 0xfe]).toBase64(),
  "no JSON": new TextEncoder().encode("[1,").toBase64(),
  "null": json(null),
  "a number": json(7),
  "a text": json("abc"),
  "an object": json({ sort: "deviceName", value: "" }),
  "a list that is too short": json(["deviceName", "", "a"]),
  "a value that is neither text nor number": json([
    "deviceName",
    null,
    "a",
    "b",
  ]),
  "a number where the sort has texts": json(["deviceName", 7, "a", "b"]),
  "a name that is no text": json(["deviceName", "", 1, "b"]),
  "an id that is no text": json(["deviceName", "", "a", null]),
};

for (const [what, cursor] of Object.entries(BAD_CURSORS)) {
  Deno.test(`Orders.page: refuses a cursor that is ${what}`, () => {
    assert.throws(() => select(named("a"), { cursor }), {
      code: "fields_invalid",
      fields: [{
        path: "cursor",
        message: "must be the nextCursor of an earlier answer",
      }],
    });
  });
}

Deno.test("Orders.page: refuses the cursor of another sort", () => {
  const devices = named("a", "b");
  const { nextCursor } = selectDevices(
    devices,
    query({ sort: "lastSeen", limit: 1 }),
  );
  const cursor = nextCursor ?? "";
  assert.throws(() => select(devices, { sort: "username", cursor }), {
    code: "fields_invalid",
  });
});

Deno.test("Orders.page: refuses the cursor that has a text where the sort has numbers", () => {
  const cursor = json(["lastSeen", "7", "a", "b"]);
  assert.throws(() => select(named("a"), { sort: "lastSeen", cursor }), {
    code: "fields_invalid",
  });
});

Deno.test("Orders: keeps one order for all who ask for the same, and lets go of it in time", () => {
  const orders = new Orders(sourceOf(named("a", "b")));
  const ask = (choice: Partial<DeviceQuery>, nowMs: number, userId = "root") =>
    orders.page({ userId, seesAll: true }, query(choice), nowMs);
  ask({}, START);
  ask({ order: "desc", limit: 1 }, START, "another");
  assert.equal(orders.size, 1);
  ask({ sort: "lastSeen" }, START + 1);
  assert.equal(orders.size, 2);
  orders.dropUnused(START + ORDER_LIFE_MS - 1);
  assert.equal(orders.size, 2);
  orders.dropUnused(START + ORDER_LIFE_MS);
  assert.equal(orders.size, 1);
  ask({}, START + ORDER_LIFE_MS + 1);
  assert.equal(orders.size, 1);
});

Deno.test("Orders: those used longest ago make room for new ones", () => {
  const orders = new Orders(sourceOf(named("a", "b")));
  for (let i = 0; i < MAX_ORDERS + 10; i++) {
    orders.page(EVERYBODY, query({ q: `text-${i}` }), START);
    assert.ok(orders.size <= MAX_ORDERS);
  }
  assert.equal(orders.size, MAX_ORDERS);
});

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DEVICE_SORTS,
  type DeviceQuery,
  deviceQuery,
  SORT_ORDERS,
} from "@/lib/contract/dashboard.ts";
import {
  DEFAULT_QUERY,
  parseView,
  queryFields,
  sortedBy,
  type View,
  viewHref,
} from "@/islands/dashboard/url.ts";

const searchOf = (view: View) =>
  new URL(viewHref(view), "http://localhost").search;

const queries: fc.Arbitrary<DeviceQuery> = fc.record({
  q: fc.string({ unit: "grapheme", maxLength: 50 }),
  status: fc.constantFrom("" as const, "online" as const, "offline" as const),
  sort: fc.constantFrom(...DEVICE_SORTS),
  order: fc.constantFrom(...SORT_ORDERS),
  limit: fc.integer({ min: 1, max: 500 }),
  cursor: fc.string({ maxLength: 50 }),
}, { noNullPrototype: true });

Deno.test("DEFAULT_QUERY: is what the contract makes of no parameters", () => {
  assert.deepEqual(DEFAULT_QUERY, deviceQuery.parse({}));
});

Deno.test("viewHref, parseView: any view survives the address bar", () => {
  fc.assert(
    fc.property(
      queries,
      fc.option(fc.string({ minLength: 1 })),
      (query, deviceId) => {
        const view = { query, deviceId };
        assert.deepEqual(parseView(searchOf(view)), view);
      },
    ),
  );
});

Deno.test("queryFields: the API reads what the address bar says", () => {
  fc.assert(fc.property(queries, (query) => {
    const fields = Object.fromEntries(queryFields(query));
    assert.deepEqual(deviceQuery.parse(fields), query);
  }));
});

Deno.test("viewHref: leaves defaults out", () => {
  const view = { query: DEFAULT_QUERY, deviceId: null };
  assert.equal(viewHref(view), "/dashboard");
  assert.equal(viewHref({ ...view, deviceId: "a b" }), "/dashboard?device=a+b");
});

Deno.test("parseView: takes what is wrong for absent", () => {
  const view = parseView(
    "?status=asleep&sort=constructor&order=sideways&limit=x&device=",
  );
  assert.deepEqual(view, { query: DEFAULT_QUERY, deviceId: null });
});

Deno.test("sortedBy: begins at the first page", () => {
  const query = sortedBy({ ...DEFAULT_QUERY, cursor: "c" }, "status", "desc");
  assert.deepEqual(query, { ...DEFAULT_QUERY, sort: "status", order: "desc" });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import { freshRows, holdRows } from "@/islands/dashboard/row_order.ts";

interface Meter {
  id: string;
  count: number;
}
const idOf = (meter: Meter) => meter.id;
const meters = (ids: string, count = 0): Meter[] =>
  [...ids].map((id) => ({ id, count }));
const hold = (shown: string, fresh: string) =>
  holdRows(freshRows(meters(shown)), meters(fresh, 1), idOf);
const ids = (rows: { value: Meter }[]) =>
  rows.map((row) => row.value.id).join("");

Deno.test("holdRows: keeps the order and takes the fresh values", () => {
  const rows = hold("abc", "cba");
  assert.equal(ids(rows), "abc");
  assert.deepEqual(rows.map((row) => row.value.count), [1, 1, 1]);
});

Deno.test("holdRows: newcomers wait at the end, in their own order", () => {
  assert.equal(ids(hold("bd", "abcde")), "bdace");
});

Deno.test("holdRows: what the fresh list lacks stays in place, marked, with its last value", () => {
  const rows = hold("abc", "ac");
  assert.equal(ids(rows), "abc");
  assert.deepEqual(rows.map((row) => row.gone), [false, true, false]);
  assert.equal(rows[1]?.value.count, 0);
});

Deno.test("holdRows: what comes back is gone no more", () => {
  const rows = holdRows(hold("abc", "ac"), meters("abc", 2), idOf);
  assert.deepEqual(rows, freshRows(meters("abc", 2)));
});

Deno.test("holdRows: no row that is shown ever moves, and each fresh one is there once", () => {
  const someIds = fc.uniqueArray(fc.constantFrom(..."abcdefgh"))
    .map((letters) => letters.join(""));
  fc.assert(fc.property(someIds, someIds, (shown, fresh) => {
    const rows = hold(shown, fresh);
    assert.equal(ids(rows).slice(0, shown.length), shown);
    const present = ids(rows.filter((row) => !row.gone));
    assert.equal([...present].sort().join(""), [...fresh].sort().join(""));
  }));
});

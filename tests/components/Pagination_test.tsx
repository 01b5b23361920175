import assert from "node:assert/strict";
import {
  Pagination,
  type PaginationProps,
  rangeText,
} from "@/components/Pagination.tsx";
import { render, textOf } from "@/tests/components/rendering.tsx";

function pagination(props: Partial<PaginationProps>): string {
  return textOf(render(
    <Pagination
      before={0}
      shown={100}
      matched={2345}
      firstHref="/dashboard"
      nextHref="/dashboard?cursor=a"
      onFirst={() => {}}
      onPrevious={() => {}}
      onNext={() => {}}
      {...props}
    />,
  ));
}

Deno.test("rangeText: says which of how many are shown", () => {
  const text = (before: number | null, shown: number, matched: number) =>
    rangeText({ before, shown, matched });
  assert.equal(text(0, 100, 2345), "1–100 of 2,345");
  assert.equal(text(2300, 45, 2345), "2,301–2,345 of 2,345");
  assert.equal(text(null, 100, 2345), "100 of 2,345");
  assert.equal(text(0, 0, 0), "0 of 0");
});

Deno.test("Pagination: offers the ways that there are", () => {
  assert.equal(pagination({}), "1–100 of 2,345 Next");
  assert.equal(
    pagination({ before: 100 }),
    "101–200 of 2,345 First page Previous Next",
  );
  assert.equal(
    pagination({ before: 2300, shown: 45, nextHref: null }),
    "2,301–2,345 of 2,345 First page Previous",
  );
});

Deno.test("Pagination: from the middle, by a shared link, leads to the first page", () => {
  assert.equal(pagination({ before: null }), "100 of 2,345 First page Next");
});

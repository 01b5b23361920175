import assert from "node:assert/strict";
import { DeviceFilters } from "@/components/DeviceFilters.tsx";
import { render, tag } from "@/tests/components/rendering.tsx";
import { HOSTILE, QUERY } from "@/tests/components/views.ts";

const filters = (q: string) =>
  render(
    <DeviceFilters
      query={{ ...QUERY, q, status: "offline" }}
      kept={[["sort", "lastSeen"]]}
      onSearch={() => {}}
      onStatus={() => {}}
      onSubmit={() => {}}
    />,
  );

Deno.test("DeviceFilters: is a labelled GET form that keeps the rest of the query", () => {
  const html = filters("meter");
  assert.match(tag(html, "form", /method="get"/), /action="\/dashboard"/);
  assert.match(html, /<label for="q"[^>]*>Search by name or address<\/label>/);
  assert.match(tag(html, "input", /id="q"/), /name="q".*value="meter"/);
  assert.match(html, /<label for="status"[^>]*>Status<\/label>/);
  assert.match(tag(html, "input", /type="hidden"/), /name="sort".*"lastSeen"/);
});

Deno.test("DeviceFilters: shows the chosen status, and only that", () => {
  const selected = filters("").match(/<option[^>]*\bselected\b[^>]*>/g);
  assert.equal(selected?.length, 1);
  assert.match(selected?.[0] ?? "", /value="offline"/);
});

Deno.test("DeviceFilters: a hostile search stays text", () => {
  assert.doesNotMatch(filters(`">${HOSTILE}`), /<img|<\/script/);
});

import assert from "node:assert/strict";
import { Freshness } from "@/components/Freshness.tsx";
import { render, textOf } from "@/tests/components/rendering.tsx";
import { NOW_MS } from "@/tests/components/views.ts";

Deno.test("Freshness: shows the update's time without announcing it", () => {
  const html = render(<Freshness updatedAtMs={NOW_MS} failure={null} />);
  assert.equal(textOf(html), "Updated 12:00:00 UTC");
  assert.match(html, /<div role="status"><\/div>/);
});

Deno.test("Freshness: announces since when updates fail and how old the rest is", () => {
  const html = render(
    <Freshness
      updatedAtMs={NOW_MS}
      failure={{
        sinceMs: NOW_MS + 5000,
        reason: "The server can't be reached",
      }}
    />,
  );
  const announced = html.match(/<div role="status">.*<\/div>/)?.[0] ?? "";
  assert.equal(
    textOf(announced),
    "The server can't be reached since 12:00:05 UTC . " +
      "Last updated 12:00:00 UTC . Trying again.",
  );
});

Deno.test("Freshness: says in words what keeps the data fresh", () => {
  const text = (mode: "live" | "polling" | null) =>
    textOf(
      render(<Freshness updatedAtMs={NOW_MS} failure={null} mode={mode} />),
    );
  assert.equal(text("live"), "Updated 12:00:00 UTC Live");
  assert.equal(text("polling"), "Updated 12:00:00 UTC Every 5 s");
  assert.equal(text(null), "Updated 12:00:00 UTC");
});

Deno.test("Freshness: says nothing of live updates while all updates fail", () => {
  const html = render(
    <Freshness
      updatedAtMs={NOW_MS}
      failure={{ sinceMs: NOW_MS, reason: "The server can't be reached" }}
      mode="polling"
    />,
  );
  assert.doesNotMatch(textOf(html), /Live|Every/);
});

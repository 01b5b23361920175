import assert from "node:assert/strict";
import { ErrorPage } from "@/components/pages/ErrorPage.tsx";
import { render, textOf } from "@/tests/components/rendering.tsx";
import { HOSTILE } from "@/tests/components/views.ts";

Deno.test("ErrorPage: says what is wrong and leads back", () => {
  const html = render(
    <ErrorPage status={404} title="Not Found" detail={HOSTILE} />,
  );
  assert.match(textOf(html), /404 Not Found/);
  assert.match(html, /<a href="\/"/);
  assert.doesNotMatch(html, /<img|<\/script/);
});

import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import { island, IslandContext, scriptJson } from "@/lib/web/island.tsx";
import { HOSTILE } from "@/tests/components/views.ts";

const Name = ({ name }: { name: string }) => <b>{name}</b>;
const NameIsland = island("Name", Name);
const Outer = island("Outer", () => <NameIsland name="inner" />);

function onPage(children: preact.ComponentChildren) {
  const islands = new Set<string>();
  const html = renderToString(
    <IslandContext.Provider value={islands}>{children}</IslandContext.Provider>,
  );
  return { html, islands: [...islands] };
}

Deno.test("island: renders on a page with its props beside it", () => {
  const { html, islands } = onPage(<NameIsland name="meter-1" />);
  assert.equal(
    html,
    '<div data-island="Name"><b>meter-1</b></div>' +
      '<script type="application/json">{"name":"meter-1"}</script>',
  );
  assert.deepEqual(islands, ["Name"]);
});

Deno.test("island: props cannot end their script, and arrive as they were", () => {
  for (const name of [HOSTILE, "<!--", "<script>", "\u2028&lt;", '"\\']) {
    const { html } = onPage(<NameIsland name={name} />);
    const scripts = [...html.matchAll(/<script[^>]*>([^]*?)<\/script>/g)];
    assert.equal(scripts.length, 1, name);
    assert.doesNotMatch(scripts[0]?.[1] ?? "", /</);
    assert.deepEqual(JSON.parse(scripts[0]?.[1] ?? ""), { name });
  }
});

Deno.test("island: within another island it is the bare component", () => {
  const { html, islands } = onPage(<Outer />);
  assert.match(html, /<div data-island="Outer"><b>inner<\/b><\/div>/);
  assert.deepEqual(islands, ["Outer"]);
});

Deno.test("scriptJson: is the same JSON without a raw <", () => {
  const value = { a: ["<", { b: "</script>" }] };
  assert.doesNotMatch(scriptJson(value), /</);
  assert.deepEqual(JSON.parse(scriptJson(value)), value);
});

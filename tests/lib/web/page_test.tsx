import assert from "node:assert/strict";
import type { Assets } from "@/lib/web/assets.ts";
import { island } from "@/lib/web/island.tsx";
import { renderPage } from "@/lib/web/page.tsx";
import { HOSTILE } from "@/tests/components/views.ts";

const ASSETS: Assets = {
  head: (islands) => ({
    styles: ["/assets/a.css"],
    scripts: [...islands].map((name) => `/assets/${name}.js`),
    preloads: ["/assets/b.js"],
    icon: "/assets/favicon.svg",
  }),
  serve: () => null,
};

Deno.test("renderPage: is a whole document whose head has what its islands need", () => {
  const Clock = island("Clock", () => <time>12:00</time>);
  const html = renderPage(ASSETS, { title: "Devices", children: <Clock /> });
  assert.match(html, /^<!DOCTYPE html><html lang="en"><head>/);
  assert.match(html, /<title>Devices · Smart Meter Monitor<\/title>/);
  assert.match(html, /<link rel="stylesheet" href="\/assets\/a\.css"\/>/);
  assert.match(html, /<link rel="modulepreload" href="\/assets\/b\.js"\/>/);
  assert.match(html, /<script type="module" src="\/assets\/Clock\.js">/);
  assert.match(html, /<body><div data-island="Clock"><time>12:00<\/time>/);
});

Deno.test("renderPage: a hostile title or text stays text", () => {
  const html = renderPage(ASSETS, {
    title: `</title>${HOSTILE}`,
    children: <p>{HOSTILE}</p>,
  });
  assert.doesNotMatch(html, /<img|<\/script/);
  assert.equal(html.match(/<\/title>/g)?.length, 1);
});

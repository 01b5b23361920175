import assert from "node:assert/strict";
import { StatCards } from "@/components/StatCards.tsx";
import { render, textOf } from "@/tests/components/rendering.tsx";

Deno.test("StatCards: shows the four figures with what they mean", () => {
  const html = render(
    <StatCards
      stats={{ total: 2345, online: 2300, offline: 45, connections: 28_140 }}
    />,
  );
  assert.equal(
    textOf(html),
    "Devices 2,345 Online 2,300 98.1 % of all Offline 45 1.9 % of all " +
      "Active connections 28,140 12 per device",
  );
});

Deno.test("StatCards: does not round a few devices to none or all", () => {
  const text = textOf(render(
    <StatCards
      stats={{ total: 9999, online: 9998, offline: 1, connections: 0 }}
    />,
  ));
  assert.match(text, /Online 9,998 99\.9 % of all Offline 1 0\.1 % of all/);
});

Deno.test("StatCards: has no shares of nothing", () => {
  const text = textOf(render(
    <StatCards stats={{ total: 0, online: 0, offline: 0, connections: 0 }} />,
  ));
  assert.equal(text, "Devices 0 Online 0 Offline 0 Active connections 0");
});

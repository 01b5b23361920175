import assert from "node:assert/strict";
import { ConnectionTable } from "@/components/ConnectionTable.tsx";
import type { ConnectionView } from "@/lib/contract/dashboard.ts";
import { render, tag, textOf } from "@/tests/components/rendering.tsx";
import { connectionView, HOSTILE } from "@/tests/components/views.ts";

function table(connections: ConnectionView[]): string {
  return render(
    <ConnectionTable
      connections={connections}
      sort="bytesIn"
      order="asc"
      onSort={() => {}}
      bodyRef={null}
      onLeave={() => {}}
    />,
  );
}

const bodyText = (connections: ConnectionView[]) =>
  textOf(table(connections).match(/<tbody.*<\/tbody>/)?.[0] ?? "");

Deno.test("ConnectionTable: shows a connection with its service's name", () => {
  assert.equal(
    bodyText([connectionView()]),
    "TCP 10.20.0.7:40001 10.200.0.12:4059 DLMS/COSEM 1.23 MB 0 B " +
      "ESTABLISHED meterd 10 min ago",
  );
});

Deno.test("ConnectionTable: says unknown where the device does not tell", () => {
  const text = bodyText([connectionView({
    bytesIn: null,
    bytesOut: null,
    state: null,
    processName: null,
  })]);
  assert.equal(text.match(/unknown/g)?.length, 4);
  assert.doesNotMatch(text, /0 B|null/);
});

Deno.test("ConnectionTable: a listening socket has no peer", () => {
  const text = bodyText([connectionView({
    sourceIp: "::",
    sourcePort: 22,
    destIp: "::",
    destPort: 0,
    state: "LISTEN",
  })]);
  assert.match(text, /\[::\]:22 ssh no peer/);
});

Deno.test("ConnectionTable: every header sorts, and the sorted one says how", () => {
  const html = table([]);
  assert.equal(html.match(/<th /g)?.length, 8);
  assert.equal(html.match(/<button type="button"/g)?.length, 8);
  assert.match(tag(html, "th", /col-bytesIn/), /aria-sort="ascending"/);
  assert.equal(html.match(/aria-sort="none"/g)?.length, 7);
});

Deno.test("ConnectionTable: a hostile program or state stays text", () => {
  const html = table([connectionView({ processName: HOSTILE, state: "<b>" })]);
  assert.doesNotMatch(html, /<img|<\/script|<b>/);
});

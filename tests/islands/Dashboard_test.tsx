import assert from "node:assert/strict";
import { renderToString } from "preact-render-to-string";
import Dashboard from "@/islands/Dashboard.tsx";
import type { DashboardProps } from "@/islands/dashboard/state.ts";
import { tag, textOf } from "@/tests/components/rendering.tsx";
import {
  connectionView,
  deviceDetail,
  deviceList,
  deviceView,
  HOSTILE,
  NOW,
  QUERY,
} from "@/tests/components/views.ts";

/** The island as the server renders it, which is all there is without scripts. */
function dashboard(props: Partial<DashboardProps> = {}): string {
  return renderToString(
    <Dashboard
      list={deviceList([deviceView()])}
      query={QUERY}
      detail={null}
      deviceId={null}
      user={{ id: "u1", username: "alice", email: "a@b.org", role: "user" }}
      serverUrl="https://meters.example.org"
      now={NOW}
      {...props}
    />,
  );
}

Deno.test("Dashboard: renders figures, devices and the time of the update", () => {
  const text = textOf(dashboard());
  assert.match(text, /Updated 12:00:00 UTC/);
  assert.match(text, /Devices 1 .*Active connections 3/);
  assert.match(text, /1–1 of 1/);
  assert.match(text, /meter-0042 alice Online/);
});

Deno.test("Dashboard: without scripts each link and form keeps the choice", () => {
  const html = dashboard({
    query: { ...QUERY, q: "m", sort: "status", order: "desc", cursor: "c1" },
    list: deviceList([deviceView()], { matched: 250, nextCursor: "c2" }),
  });
  const choice = "/dashboard\\?q=m&amp;sort=status&amp;order=desc";
  assert.match(
    tag(html, "a", /data-device/),
    new RegExp(`href="${choice}&amp;cursor=c1&amp;device=d1"`),
  );
  const links = [...html.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g)]
    .map(([, href, text]) => [text, href]);
  assert.deepEqual(links.filter(([text]) => text !== "View Details"), [
    ["First page", "/dashboard?q=m&amp;sort=status&amp;order=desc"],
    ["Next", "/dashboard?q=m&amp;sort=status&amp;order=desc&amp;cursor=c2"],
  ]);
  const filters = html.match(/<form[^>]*role="search".*?<\/form>/)?.[0] ?? "";
  assert.match(filters, /name="sort" value="status"/);
  assert.doesNotMatch(filters, /name="cursor"/);
});

Deno.test("Dashboard: without scripts the details are an open dialog", () => {
  const html = dashboard({
    deviceId: "d1",
    detail: deviceDetail([connectionView()]),
  });
  const dialog = html.match(/<dialog.*<\/dialog>/)?.[0] ?? "";
  assert.match(tag(dialog, "dialog", /./), / open/);
  assert.match(tag(dialog, "dialog", /./), /aria-labelledby="device-title"/);
  assert.match(textOf(dialog), /meter-0042 Online/);
  assert.match(
    textOf(dialog),
    /Total connections 1 Bytes in 1\.23 MB Bytes out unknown Unique destination IPs 1/,
  );
  assert.match(textOf(dialog), /10\.200\.0\.12:4059 DLMS\/COSEM/);
});

Deno.test("Dashboard: says so where the linked device does not exist", () => {
  const html = dashboard({ deviceId: "gone" });
  assert.match(
    textOf(html.match(/<dialog.*<\/dialog>/)?.[0] ?? ""),
    /No such device This device was deleted, or it belongs to somebody else\./,
  );
});

Deno.test("Dashboard: shows at most 200 of a device's connections at first", () => {
  const connections = Array.from(
    { length: 1000 },
    (_, port) => connectionView({ sourcePort: 10_000 + port }),
  );
  const html = dashboard({ deviceId: "d1", detail: deviceDetail(connections) });
  const body = html.match(/<dialog.*<tbody.*?<\/tbody>/)?.[0] ?? "";
  assert.equal(body.match(/class="col-since"/g)?.length, 200);
  assert.match(textOf(html), /200 of 1,000 shown Show more/);
});

Deno.test("Dashboard: an account without devices sees how to connect one", () => {
  const text = textOf(dashboard({ list: deviceList([]) }));
  assert.match(text, /Connect your first device/);
  assert.doesNotMatch(text, /Detected IPs/);
});

Deno.test("Dashboard: a choice without matches is not an empty account", () => {
  const empty = deviceList([deviceView()], { devices: [], matched: 0 });
  const text = textOf(dashboard({ list: empty, query: { ...QUERY, q: "x" } }));
  assert.match(text, /No device matches this choice\. Clear search and filter/);
  assert.match(text, /0 of 0/);
});

Deno.test("Dashboard: hostile names stay text, and no style or script is inline", () => {
  const device = deviceView({ deviceName: HOSTILE, os: HOSTILE });
  const html = dashboard({
    list: deviceList([device]),
    deviceId: "d1",
    detail: deviceDetail([connectionView({ processName: HOSTILE })], device),
    query: { ...QUERY, q: HOSTILE },
    serverUrl: HOSTILE,
  });
  assert.doesNotMatch(html, /<img|<script|<\/script|<style/);
  assert.doesNotMatch(html, /<[^>]*\s(style|on\w+)=[^>]*>/);
});

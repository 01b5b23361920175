import assert from "node:assert/strict";
import {
  DEVICE_COLUMNS,
  type DeviceRow,
  DeviceTable,
} from "@/components/DeviceTable.tsx";
import { DEVICE_SORTS, type DeviceQuery } from "@/lib/contract/dashboard.ts";
import { render, tag, textOf } from "@/tests/components/rendering.tsx";
import { deviceView, HOSTILE, QUERY } from "@/tests/components/views.ts";

function table(rows: DeviceRow[], query: DeviceQuery = QUERY): string {
  return render(
    <DeviceTable
      rows={rows}
      query={query}
      busy={false}
      sortFields={(sort, order) => [["sort", sort], ["order", order]]}
      detailsHref={(id) => `/dashboard?device=${id}`}
      onSort={() => {}}
      onOpen={() => {}}
      bodyRef={null}
      onLeave={() => {}}
    />,
  );
}

const row = (...change: Parameters<typeof deviceView>): DeviceRow => ({
  device: deviceView(...change),
  gone: false,
});

Deno.test("DEVICE_COLUMNS: has a column for each of the API's sorts", () => {
  assert.deepEqual(Object.keys(DEVICE_COLUMNS), [...DEVICE_SORTS]);
});

Deno.test("DeviceTable: has the headers in their order", () => {
  const headers = [...table([]).matchAll(/<th scope="col".*?<\/th>/g)];
  assert.deepEqual(headers.map(([html]) => textOf(html)), [
    "Device Name",
    "Username",
    "Status",
    "Connections",
    "Protocols",
    "Detected IPs",
    "Last Seen",
    "Action",
  ]);
});

Deno.test("DeviceTable: marks the sorted column for the ear and offers the other way", () => {
  const html = table([], { ...QUERY, sort: "lastSeen", order: "desc" });
  assert.match(tag(html, "th", /col-lastSeen/), /aria-sort="descending"/);
  assert.match(tag(html, "th", /col-status/), /aria-sort="none"/);
  assert.doesNotMatch(tag(html, "th", /col-action/), /aria-sort/);
  const form = html.match(/col-lastSeen.*?<\/form>/)?.[0] ?? "";
  assert.match(tag(form, "input", /name="order"/), /value="asc"/);
  assert.match(tag(form, "form", /method="get"/), /action="\/dashboard"/);
  assert.match(form, /<button type="submit"/);
});

Deno.test("DeviceTable: shows what is known of a device", () => {
  const text = textOf(table([row({
    detectedIps: {
      source: ["10.20.0.7", "192.168.0.1", "fe80::1"],
      dest: ["10.200.0.12"],
    },
    detectedIpCounts: { source: 11, dest: 1 },
  })]));
  assert.match(text, /meter-0042 alice Online 3 TCP UDP/);
  assert.match(text, /own 10\.20\.0\.7, 192\.168\.0\.1 \+9/);
  assert.match(text, /peers 10\.200\.0\.12/);
  assert.match(text, /25 s ago/);
});

Deno.test("DeviceTable: tells a device that never reported from one that did", () => {
  const text = textOf(table([row({
    status: "offline",
    lastSeen: null,
    connectionCount: 0,
    protocols: [],
    detectedIps: { source: [], dest: [] },
    detectedIpCounts: { source: 0, dest: 0 },
  })]));
  assert.match(text, /Offline 0 – none – none never/);
});

Deno.test("DeviceTable: details are a link, which works without scripts", () => {
  const link = tag(table([row()]), "a", /data-device="d1"/);
  assert.match(link, /href="\/dashboard\?device=d1"/);
  assert.match(link, /aria-label="View Details of meter-0042"/);
});

Deno.test("DeviceTable: hostile names stay text", () => {
  const html = table([row({ deviceName: HOSTILE, username: HOSTILE })]);
  assert.doesNotMatch(html, /<img|<\/script/);
  assert.match(html, /&lt;img src=x onerror=/);
});

Deno.test("DeviceTable: marks a row that the fresh list lacks", () => {
  const html = table([{ device: deviceView(), gone: true }]);
  assert.match(tag(html, "tr", /row-gone/), /title="no longer in this list"/);
});

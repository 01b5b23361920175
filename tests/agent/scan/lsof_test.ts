import assert from "node:assert/strict";
import { parseLsof } from "@/agent/scan/lsof.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

Deno.test("parseLsof: reads the table with escaped names and BSD's zones", async () => {
  const { rows, warnings } = parseLsof(await listing("lsof_table.txt"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map((row) => `${row.ownerId} ${rowLine(row)}`), [
    '7671 TCP 127.0.0.1:43157 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    '7671 TCP :::7002 > :::0 LISTEN in ? out ? by we "ir',
    '7671 TCP 0.0.0.0:7004 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    '7671 TCP 127.0.0.1:60066 > 127.0.0.1:43157 ESTABLISHED in ? out ? by we "ir',
    '7671 TCP ::1:47560 > ::1:33609 ESTABLISHED in ? out ? by we "ir',
    '7671 UDP 0.0.0.0:44806 > 0.0.0.0:0 UNCONN in ? out ? by we "ir',
    '7671 UDP 127.0.0.1:55378 > 127.0.0.1:9 ESTABLISHED in ? out ? by we "ir',
    "70902 TCP :::8082 > :::0 LISTEN in ? out ? by com.docke",
    "611 TCP 192.0.2.44:49821 > 203.0.113.9:443 SYN_SENT in ? out ? by Café App",
    "412 UDP fe80::aede:48ff:fe00:1122%11:1025 > :::0 UNCONN in ? out ? by identitys",
  ]);
});

Deno.test("parseLsof: reads -F output with the process and file of each field", async () => {
  const { rows, warnings } = parseLsof(await listing("lsof_fields.txt"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map((row) => `${row.ownerId} ${rowLine(row)}`), [
    '7671 TCP 127.0.0.1:43157 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    '7671 TCP :::7002 > :::0 LISTEN in ? out ? by we "ir',
    '7671 TCP 127.0.0.1:60066 > 127.0.0.1:43157 ESTABLISHED in ? out ? by we "ir',
    '7671 UDP 0.0.0.0:44806 > 0.0.0.0:0 UNCONN in ? out ? by we "ir',
    "611 TCP 192.0.2.44:49821 > 203.0.113.9:443 SYN_SENT in ? out ? by Café App",
    "412 UDP fe80::aede:48ff:fe00:1122%11:1025 > :::0 UNCONN in ? out ? by identityservicesd",
  ]);
});

Deno.test("parseLsof: knows the names of Linux for states", () => {
  const { rows } = parseLsof(
    "p1\ncx\nf3\ntIPv4\nPTCP\nn192.0.2.1:1->192.0.2.2:2\nTST=FIN_WAIT2\n",
  );
  assert.equal(rows[0]?.state, "FIN_WAIT_2");
});

Deno.test("parseLsof: warns of an address that is none", () => {
  const { rows, warnings } = parseLsof(
    "p1\ncx\nf3\ntIPv4\nPTCP\nnmeter.example:1->192.0.2.2:2\n",
  );
  assert.deepEqual(rows, []);
  assert.match(warnings[0] ?? "", /^lsof: lines that could not be read: 1/);
});

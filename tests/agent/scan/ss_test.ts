import assert from "node:assert/strict";
import { parseSs } from "@/agent/scan/ss.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

Deno.test("parseSs: reads every socket of iproute2 6.1 with bytes and programs", async () => {
  const { rows, warnings } = parseSs(await listing("ss_6.1.txt"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map(rowLine), [
    "UDP 127.0.0.53:53 > 0.0.0.0:0 UNCONN in ? out ? by systemd-resolve",
    'UDP 0.0.0.0:44806 > 0.0.0.0:0 UNCONN in ? out ? by we "ir',
    'UDP 127.0.0.1:55378 > 127.0.0.1:9 ESTABLISHED in ? out ? by we "ir',
    'UDP :::42777 > :::0 UNCONN in ? out ? by we "ir',
    'UDP ::1:60267 > ::1:9 ESTABLISHED in ? out ? by we "ir',
    "UDP fe80::fc:ff:fe00:1%eth0:5999 > :::0 UNCONN in ? out ? by python3",
    'TCP 127.0.0.1:7001 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    'TCP 127.0.0.1:7001 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    "TCP 0.0.0.0:2024 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    'TCP 0.0.0.0:7004 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
    "TCP 127.0.0.1:43157 > 0.0.0.0:0 LISTEN in ? out ? by nginx: worker (1",
    'TCP 127.0.0.1:43157 > 127.0.0.1:60070 CLOSE_WAIT in 1 out 0 by we "ir',
    'TCP 192.0.2.2:34742 > 10.255.255.1:9 ESTABLISHED in 0 out 0 by we "ir',
    'TCP 127.0.0.1:60066 > 127.0.0.1:43157 ESTABLISHED in 50 out 1000 by we "ir',
    "TCP 127.0.0.1:60070 > 127.0.0.1:43157 FIN_WAIT_2 in ? out ? by ?",
    "TCP 127.0.0.1:60084 > 127.0.0.1:43157 TIME_WAIT in ? out ? by ?",
    'TCP 127.0.0.1:43157 > 127.0.0.1:60066 ESTABLISHED in 1000 out 50 by we "ir',
    'TCP ::1:33609 > :::0 LISTEN in ? out ? by we "ir',
    'TCP :::7005 > :::0 LISTEN in ? out ? by we "ir',
    'TCP :::7002 > :::0 LISTEN in ? out ? by we "ir',
    'TCP :::7003 > :::0 LISTEN in ? out ? by we "ir',
    'TCP 127.0.0.1:7002 > 127.0.0.1:41096 ESTABLISHED in 0 out 0 by we "ir',
  ]);
});

Deno.test("parseSs: reads iproute2 4.11, where addresses have no brackets and * is IPv4", async () => {
  const { rows, warnings } = parseSs(await listing("ss_4.11.txt"));
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map(rowLine), [
    "UDP 0.0.0.0:68 > 0.0.0.0:0 UNCONN in ? out ? by dhclient",
    "UDP ::1:323 > :::0 UNCONN in ? out ? by chronyd",
    "TCP 0.0.0.0:22 > 0.0.0.0:0 LISTEN in ? out ? by sshd",
    "TCP 192.0.2.10:22 > 192.0.2.77:51234 ESTABLISHED in 4567 out 12345 by sshd",
    "TCP :::22 > :::0 LISTEN in ? out ? by sshd",
    "TCP 2001:db8::10:443 > 2001:db8::77:51300 ESTABLISHED in ? out ? by ?",
    "TCP 192.0.2.10:80 > 192.0.2.78:1024 SYN_RECEIVED in ? out ? by ?",
  ]);
});

Deno.test("parseSs: a program's name cannot forge byte counts", () => {
  const { rows } = parseSs(
    'tcp ESTAB 0 0 192.0.2.1:80 192.0.2.2:99 users:(("x bytes_sent:9",pid=1,fd=2))\n' +
      "\t cubic bytes_received:7 segs_in:1 delivered:1\n",
  );
  assert.deepEqual(rows.map(rowLine), [
    "TCP 192.0.2.1:80 > 192.0.2.2:99 ESTABLISHED in 7 out 0 by x bytes_sent:9",
  ]);
});

Deno.test("parseSs: a count beyond exact numbers is unknown, not rounded", () => {
  const { rows } = parseSs(
    "tcp ESTAB 0 0 192.0.2.1:80 192.0.2.2:99\n\t bytes_sent:18446744073709551615 bytes_received:9007199254740991\n",
  );
  assert.equal(rows[0]?.bytesOut, null);
  assert.equal(rows[0]?.bytesIn, 9007199254740991);
});

Deno.test("parseSs: an unknown state is null, other protocols and broken lines are warned of", () => {
  const { rows, warnings } = parseSs(
    "tcp SOMETHING-NEW 0 0 192.0.2.1:80 192.0.2.2:99\n" +
      "sctp ESTAB 0 0 192.0.2.1:80 192.0.2.2:99\n" +
      "tcp ESTAB 0 0 192.0.2.1:80 192.0.2.300:99\n" +
      "tcp ESTAB 0 0 192.0.2.1:80 192.0.2.3:70000\n",
  );
  assert.deepEqual(rows.map((row) => row.state), [null]);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /^ss: lines that could not be read: 3, such as "sctp/,
  );
});

import assert from "node:assert/strict";
import { parseNetstatMacos } from "@/agent/scan/netstat_macos.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

async function parse(name: string) {
  const { rows, warnings } = parseNetstatMacos(await listing(name));
  const lines = rows.map((row) => `${row.ownerId} ${rowLine(row)}`);
  return { lines, warnings };
}

Deno.test("parseNetstatMacos: reads 10.15, without byte counts, and drops addresses cut short", async () => {
  const { lines, warnings } = await parse("netstat_macos_10.15.txt");
  assert.deepEqual(lines, [
    "9811 TCP 192.0.2.191:52044 > 203.0.113.35:443 ESTABLISHED in ? out ? by ?",
    "9811 TCP 192.0.2.191:52040 > 203.0.113.4:443 CLOSE_WAIT in ? out ? by ?",
    "412 TCP fe80::1%lo0:49152 > fe80::1%lo0:49153 ESTABLISHED in ? out ? by ?",
    "70902 TCP :::8082 > :::0 LISTEN in ? out ? by ?",
    "1 TCP 127.0.0.1:631 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "null TCP 192.0.2.191:52030 > 203.0.113.9:80 TIME_WAIT in ? out ? by ?",
    "311 UDP 0.0.0.0:5353 > 0.0.0.0:0 UNCONN in ? out ? by ?",
    "311 UDP :::5353 > :::0 UNCONN in ? out ? by ?",
    "188 UDP 192.0.2.191:123 > 198.51.100.7:123 ESTABLISHED in ? out ? by ?",
  ]);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /^netstat: lines with an address cut short: 1, such as "tcp6/,
  );
});

Deno.test("parseNetstatMacos: reads 12, with byte counts and process ids", async () => {
  const { lines, warnings } = await parse("netstat_macos_12.txt");
  assert.deepEqual(warnings, []);
  assert.deepEqual(lines, [
    "34323 TCP 127.0.0.1:8001 > 127.0.0.1:60348 ESTABLISHED in 585820 out 1454740 by ?",
    "24807 TCP 192.0.2.89:60347 > 203.0.113.5:443 ESTABLISHED in 19042 out 2908 by ?",
    "611 TCP 2001:db8:85a3:8d3:1319:8a2e:370:7348:50122 > 2001:db8:1::443:443 ESTABLISHED in 5548 out 4572 by ?",
    "1 TCP ::1:8021 > :::0 LISTEN in 0 out 0 by ?",
    "null TCP 192.0.2.89:60350 > 203.0.113.6:443 SYN_RECEIVED in 0 out 0 by ?",
    "94258 UDP 192.0.2.89:63657 > 203.0.113.10:443 ESTABLISHED in 2415188 out 588764 by ?",
  ]);
});

Deno.test("parseNetstatMacos: reads 15, with names that hold spaces, dots and brackets", async () => {
  const { lines, warnings } = await parse("netstat_macos_15.txt");
  assert.deepEqual(warnings, []);
  assert.deepEqual(lines, [
    "935 TCP 192.0.2.105:59739 > 203.0.113.109:993 ESTABLISHED in 19042 out 2908 by Mail",
    "56664 TCP 127.0.0.1:55910 > 127.0.0.1:4242 ESTABLISHED in 2960 out 528 by Codex (Service)",
    "60299 TCP 192.0.2.105:55531 > 203.0.113.46:443 ESTABLISHED in 3010 out 839 by 2.1.198",
    "602 TCP :::5948 > :::0 LISTEN in 0 out 0 by MSP Anywhere Dae",
    "629 TCP :::7000 > :::0 LISTEN in 0 out 0 by ControlCenter",
    "null TCP 192.0.2.105:61790 > 203.0.113.34:443 TIME_WAIT in 0 out 0 by ?",
    "94258 UDP 192.0.2.105:63657 > 203.0.113.10:443 ESTABLISHED in 2415188 out 588764 by Claude Helper",
    "311 UDP fe80::1c2d:3e4f:5a6b:7c8d%en0:5353 > :::0 UNCONN in 0 out 0 by mDNSResponder",
  ]);
});

Deno.test("parseNetstatMacos: reads plain `netstat -an`, whose rows end after the state", () => {
  const { rows, warnings } = parseNetstatMacos(
    "Proto Recv-Q Send-Q  Local Address          Foreign Address        (state)\n" +
      "tcp4       0      0  192.0.2.1.52044        203.0.113.35.443       SYN_SENT\n" +
      "udp4       0      0  192.0.2.1.123          *.*\n",
  );
  assert.deepEqual(warnings, []);
  assert.deepEqual(rows.map(rowLine), [
    "TCP 192.0.2.1:52044 > 203.0.113.35:443 SYN_SENT in ? out ? by ?",
    "UDP 192.0.2.1:123 > 0.0.0.0:0 UNCONN in ? out ? by ?",
  ]);
});

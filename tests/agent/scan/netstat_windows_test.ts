import assert from "node:assert/strict";
import { decodeText } from "@/agent/scan/command.ts";
import { parseNetstatWindows } from "@/agent/scan/netstat_windows.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

function parse(text: string): string[] {
  const { rows, warnings } = parseNetstatWindows(text);
  assert.deepEqual(warnings, []);
  return rows.map((row) => `${row.ownerId} ${rowLine(row)}`);
}

Deno.test("parseNetstatWindows: reads English with every kind of address", async () => {
  assert.deepEqual(parse(await listing("netstat_windows_en.txt")), [
    "1060 TCP 0.0.0.0:135 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "4321 TCP 127.0.0.1:9222 > 127.0.0.1:50123 ESTABLISHED in ? out ? by ?",
    "1234 TCP 192.0.2.10:52341 > 203.0.113.46:443 SYN_SENT in ? out ? by ?",
    "null TCP 192.0.2.10:52342 > 203.0.113.46:443 TIME_WAIT in ? out ? by ?",
    "1234 TCP 192.0.2.10:52343 > 203.0.113.46:443 FIN_WAIT_2 in ? out ? by ?",
    "4 TCP :::445 > :::0 LISTEN in ? out ? by ?",
    "1234 TCP 2001:db8::10:52344 > 2001:db8::46:443 CLOSE_WAIT in ? out ? by ?",
    "1234 TCP fe80::9787:5bf7:10b3:bec8%11:52345 > fe80::1%11:53 LAST_ACK in ? out ? by ?",
    "3320 UDP 0.0.0.0:500 > 0.0.0.0:0 UNCONN in ? out ? by ?",
    "2208 UDP :::5353 > :::0 UNCONN in ? out ? by ?",
    "8464 UDP fe80::9787:5bf7:10b3:bec8%11:1900 > :::0 UNCONN in ? out ? by ?",
  ]);
});

const GERMAN = [
  "1060 TCP 0.0.0.0:135 > 0.0.0.0:0 LISTEN in ? out ? by ?",
  "4321 TCP 127.0.0.1:9222 > 127.0.0.1:50123 ESTABLISHED in ? out ? by ?",
  "null TCP 127.0.0.1:9222 > 127.0.0.1:50124 TIME_WAIT in ? out ? by ?",
  "2468 TCP 127.0.0.1:50125 > 127.0.0.1:9222 CLOSE_WAIT in ? out ? by ?",
  "2588 TCP 127.0.0.1:44080 > 127.0.0.1:51244 FIN_WAIT_2 in ? out ? by ?",
  "1234 TCP 192.0.2.10:52341 > 203.0.113.46:443 SYN_SENT in ? out ? by ?",
  "1060 TCP :::135 > :::0 LISTEN in ? out ? by ?",
  "8888 UDP 0.0.0.0:5353 > 0.0.0.0:0 UNCONN in ? out ? by ?",
];

Deno.test("parseNetstatWindows: reads German", async () => {
  assert.deepEqual(parse(await listing("netstat_windows_de.txt")), GERMAN);
});

Deno.test("parseNetstatWindows: survives carriage returns, code page 850 and a byte order mark", async () => {
  const text = (await listing("netstat_windows_de.txt"))
    .replaceAll("\n", "\r\n");
  // In code page 850, Ö is the byte 99, which is no UTF-8.
  const codePage = Uint8Array.from(
    text.replaceAll("Ö", "\x99"),
    (c) => c.charCodeAt(0),
  );
  assert.ok(decodeText(codePage).includes("ABH\ufffdREN"));
  assert.deepEqual(parse(decodeText(codePage)), GERMAN);
  assert.deepEqual(parse(`\ufeff${text}`), GERMAN);
  const utf16 = Uint8Array.from(`\ufeff${text}`, (c) => c.charCodeAt(0));
  const wide = new Uint8Array(Uint16Array.from(utf16).buffer);
  wide.set([0xff, 0xfe]);
  assert.deepEqual(parse(decodeText(wide)), GERMAN);
});

Deno.test("parseNetstatWindows: reads French, Spanish, Japanese and Russian by columns", async () => {
  assert.deepEqual(parse(await listing("netstat_windows_fr.txt")), [
    "1234 TCP 0.0.0.0:80 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "2345 TCP 10.33.70.187:50735 > 203.0.113.234:443 ESTABLISHED in ? out ? by ?",
    "8888 UDP 0.0.0.0:5353 > 0.0.0.0:0 UNCONN in ? out ? by ?",
  ]);
  assert.deepEqual(parse(await listing("netstat_windows_es.txt")), [
    "1044 TCP 0.0.0.0:135 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "9090 TCP 127.0.0.1:52001 > 127.0.0.1:4321 ESTABLISHED in ? out ? by ?",
    "8888 UDP ::1:1900 > :::0 UNCONN in ? out ? by ?",
  ]);
  assert.deepEqual(parse(await listing("netstat_windows_ja.txt")), [
    "1880 TCP 0.0.0.0:135 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "23160 TCP 192.0.2.25:59714 > 198.51.100.7:80 ESTABLISHED in ? out ? by ?",
    "4242 UDP 0.0.0.0:5353 > 0.0.0.0:0 UNCONN in ? out ? by ?",
  ]);
  assert.deepEqual(parse(await listing("netstat_windows_ru.txt")), [
    "4242 TCP 0.0.0.0:5173 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "9999 TCP 127.0.0.1:5173 > 127.0.0.1:53344 ? in ? out ? by ?",
  ]);
});

Deno.test("parseNetstatWindows: warns of rows with an address that is none", () => {
  const { rows, warnings } = parseNetstatWindows(
    "  TCP    laptop:445    0.0.0.0:0    LISTENING    4\r\n",
  );
  assert.deepEqual(rows, []);
  assert.deepEqual(warnings, [
    'netstat: lines that could not be read: 1, such as "TCP    laptop:445    0.0.0.0:0    LISTENING    4"',
  ]);
});

import assert from "node:assert/strict";
import {
  connectionOf,
  linesOf,
  mergeTwins,
  nameOwners,
  parseEndpoint,
  parseProcessName,
  unreadWarnings,
} from "@/agent/scan/rows.ts";

const colon = (text: string, anyIp = "::") => {
  const end = parseEndpoint(text, ":", anyIp);
  return end && `${end.ip} ${end.port}`;
};

Deno.test("parseEndpoint: reads IPv4, bracketed and bare IPv6, and mapped addresses", () => {
  assert.equal(colon("192.0.2.1:443"), "192.0.2.1 443");
  assert.equal(colon("[2001:DB8::1]:443"), "2001:db8::1 443");
  assert.equal(colon("2001:db8::1:443"), "2001:db8::1 443");
  assert.equal(colon("[::ffff:192.0.2.1]:80"), "192.0.2.1 80");
  assert.equal(colon(":::22"), ":: 22");
});

Deno.test("parseEndpoint: * is the family's wildcard, and port 0 where it is the port", () => {
  assert.equal(colon("*:*", "0.0.0.0"), "0.0.0.0 0");
  assert.equal(colon("*:53"), ":: 53");
  assert.equal(colon("[::]:*"), ":: 0");
});

Deno.test("parseEndpoint: keeps zones of IPv6 addresses, wherever they stand, and no others", () => {
  assert.equal(colon("[fe80::1%11]:1900"), "fe80::1%11 1900");
  assert.equal(colon("[fe80::1]%eth0:546"), "fe80::1%eth0 546");
  assert.equal(colon("fe80::1%br-lan:546"), "fe80::1%br-lan 546");
  assert.equal(colon("127.0.0.53%lo:53"), "127.0.0.53 53");
  assert.equal(colon("*%lo:7005"), ":: 7005");
  assert.equal(colon("[::ffff:192.0.2.1]%eth0:80"), "192.0.2.1 80");
  assert.deepEqual(parseEndpoint("fe80::1%en0.100.443", ".", "::"), {
    ip: "fe80::1%en0.100",
    port: 443,
  });
});

Deno.test("parseEndpoint: a zone that no address may have is left out", () => {
  assert.equal(colon("[fe80::1]%if(3):546"), "fe80::1 546");
});

Deno.test("parseEndpoint: refuses what is no address or no port", () => {
  for (
    const text of [
      "",
      ":",
      ":80",
      "192.0.2.1",
      "192.0.2.1:",
      "192.0.2.1:65536",
      "192.0.2.1:-1",
      "192.0.2.1:http",
      "192.0.2.256:80",
      "meter:80",
      "2001:db8:1:2:3:443",
    ]
  ) assert.equal(colon(text), null, text);
});

Deno.test("parseProcessName: bounds names, and shows control characters as such", () => {
  assert.equal(parseProcessName("meterd\n"), "meterd");
  assert.equal(parseProcessName("a\u001b[31mb"), "a\ufffd[31mb");
  assert.equal(parseProcessName("x".repeat(300))?.length, 256);
  assert.equal(parseProcessName(" \n"), null);
  assert.equal(parseProcessName(undefined), null);
});

const END = { ip: "192.0.2.1", port: 80 };
const ANY = { ip: "0.0.0.0", port: 0 };

Deno.test("mergeTwins: gives one row an identity, which takes what only a twin knows", () => {
  const twin = connectionOf("TCP", END, ANY, { state: "LISTEN" });
  const other = connectionOf("UDP", END, ANY, { state: "UNCONN" });
  const rows = [
    twin,
    other,
    { ...twin, processName: "meterd", bytesIn: 5 },
    { ...twin, processName: "late", bytesIn: 6, bytesOut: 7 },
  ];
  assert.deepEqual(mergeTwins(rows), [
    { ...twin, processName: "meterd", bytesIn: 5, bytesOut: 7 },
    other,
  ]);
  assert.equal(twin.processName, null, "the rows given stay as they are");
});

Deno.test("nameOwners: names owners, keeps names already known, and drops the numbers", () => {
  const row = connectionOf("TCP", END, ANY, { state: "LISTEN" });
  const names = new Map([[7, "meterd"]]);
  assert.deepEqual(
    nameOwners([
      { ...row, ownerId: 7 },
      { ...row, ownerId: 8 },
      { ...row, ownerId: null },
      { ...row, ownerId: 7, processName: "Mail" },
    ], names),
    [
      { ...row, processName: "meterd" },
      row,
      row,
      { ...row, processName: "Mail" },
    ],
  );
});

Deno.test("linesOf: splits at any line end and drops a byte order mark", () => {
  assert.deepEqual(linesOf("\ufeffa\r\nb\nc\rd"), ["a", "b", "c", "d"]);
});

Deno.test("unreadWarnings: counts the lines and quotes one, short and on one line", () => {
  assert.deepEqual(unreadWarnings("ss", []), []);
  const [warning = ""] = unreadWarnings("ss", [
    `\u001b${"x".repeat(500)}`,
    "y",
  ]);
  assert.match(
    warning,
    /^ss: lines that could not be read: 2, such as "\\u001bx+"$/,
  );
  assert.ok(warning.length < 140);
});

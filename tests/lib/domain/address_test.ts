import assert from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import {
  canonicalIp,
  isIpv4,
  isLinkLocal,
  isLoopback,
  isUnspecified,
} from "@/lib/domain/address.ts";

const IPV4_GOOD = [
  "0.0.0.0",
  "1.2.3.4",
  "10.20.0.7",
  "192.0.2.1",
  "255.255.255.255",
];

const IPV4_BAD = [
  "",
  "1",
  "1.2.3",
  "1.2.3.",
  ".1.2.3",
  "1..2.3",
  "1.2.3.4.",
  "1.2.3.4.5",
  "256.1.1.1",
  "1.1.1.256",
  "1.1.1.1000",
  "01.2.3.4",
  "1.2.3.04",
  "1.2.3.00",
  "0x7f.0.0.1",
  "1.2.3.4 ",
  " 1.2.3.4",
  "1.2.3.-4",
  "+1.2.3.4",
  "1.2.3.4/8",
  "1.2.3.4:80",
  "1.2.3.4%eth0",
  "1.2.3.a",
  "１.2.3.4",
  "2130706433",
];

/** Text and its canonical form; the sections are RFC 5952's unless another is named. */
const IPV6_GOOD: [text: string, canonical: string][] = [
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  // RFC 4291 section 2.2
  [
    "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
    "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
  ],
  ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
  ["FF01:0:0:0:0:0:0:101", "ff01::101"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["0:0:0:0:0:0:13.1.68.3", "::d01:4403"],
  ["::13.1.68.3", "::d01:4403"],
  // Section 4.1: leading zeros
  ["2001:0db8::0001", "2001:db8::1"],
  // Section 4.2.1: shorten as much as possible
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  ["2001:db8::0:1", "2001:db8::1"],
  // Section 4.2.2: one group of zeros is not shortened
  ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  // Section 4.2.3: the longest run, and of equals the first
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  // Section 4.3: lower case
  ["2001:DB8::ABCD", "2001:db8::abcd"],
  // The well-known prefix of RFC 6052 is no mapped address
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
];

const IPV4_MAPPED: [text: string, canonical: string][] = [
  ["::ffff:192.0.2.128", "192.0.2.128"],
  ["::FFFF:129.144.52.38", "129.144.52.38"],
  ["0:0:0:0:0:ffff:c000:280", "192.0.2.128"],
  ["::ffff:0:0", "0.0.0.0"],
  ["::ffff:ffff:ffff", "255.255.255.255"],
];

const ZONED: [text: string, canonical: string][] = [
  ["fe80::1%eth0", "fe80::1%eth0"],
  ["FE80:0::1%Ethernet_2", "fe80::1%Ethernet_2"],
  ["fe80::1%12", "fe80::1%12"],
  ["ff02::fb%br-lan.10", "ff02::fb%br-lan.10"],
];

const IPV6_BAD = [
  ":",
  ":::",
  "::::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "1:2:3:4::5:6:7:8",
  "1::2::3",
  ":1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:",
  "12345::",
  "g::1",
  "::-1",
  "::+1",
  ":: 1",
  " ::1",
  "::1 ",
  "[::1]",
  "::1/128",
  "::256.1.1.1",
  "::1.2.3",
  "::1.2.3.04",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  "fe80::1%",
  "fe80::1%eth0%eth1",
  "fe80::1%eth 0",
  "fe80::1%eth0/64",
  "%eth0",
  `fe80::1%${"z".repeat(33)}`,
  // A zone belongs to an IPv6 scope; an IPv4 address has none.
  "::ffff:192.0.2.1%eth0",
  `${"0".repeat(100)}::`,
];

Deno.test("isIpv4: takes dotted decimal and nothing else", () => {
  for (const text of IPV4_GOOD) assert.equal(isIpv4(text), true, text);
  for (const text of IPV4_BAD) assert.equal(isIpv4(text), false, text);
});

Deno.test("canonicalIp: leaves IPv4 as it is", () => {
  for (const text of IPV4_GOOD) assert.equal(canonicalIp(text), text);
});

Deno.test("canonicalIp: writes IPv6 as RFC 5952 says", () => {
  for (const [text, canonical] of IPV6_GOOD) {
    assert.equal(canonicalIp(text), canonical, text);
  }
});

Deno.test("canonicalIp: turns an IPv4-mapped address into its IPv4 address", () => {
  for (const [text, canonical] of IPV4_MAPPED) {
    assert.equal(canonicalIp(text), canonical, text);
  }
});

Deno.test("canonicalIp: keeps a zone id, letter case and all", () => {
  for (const [text, canonical] of ZONED) {
    assert.equal(canonicalIp(text), canonical, text);
  }
});

Deno.test("canonicalIp: refuses what is no address", () => {
  for (const text of [...IPV4_BAD, ...IPV6_BAD]) {
    assert.equal(canonicalIp(text), null, JSON.stringify(text));
  }
});

const zone = fc.string({
  unit: fc.constantFrom(..."abcXYZ019._~-"),
  minLength: 1,
  maxLength: 32,
});

/** Text that nearly is an address: address characters at random, and real addresses with a flaw. */
const nearAddress = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0123456789abcF:."), maxLength: 24 }),
  fc.array(fc.constantFrom("0", "1", "ffff", "00ff", "", "1.2.3.4", "256"), {
    minLength: 2,
    maxLength: 9,
  }).map((parts) => parts.join(":")),
  fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(), fc.nat(2)).map(
    ([ip, at, cut]) => {
      const i = at % (ip.length + 1);
      return ip.slice(0, i) + ip.slice(i + cut);
    },
  ),
);

Deno.test("canonicalIp: accepts exactly what node:net does, zones aside", () => {
  fc.assert(
    fc.property(fc.oneof(nearAddress, fc.ipV4(), fc.ipV6()), (text) => {
      assert.equal(canonicalIp(text) !== null, isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("canonicalIp: is idempotent, and its text is an address again", () => {
  fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
    const canonical = canonicalIp(text) ?? "";
    assert.notEqual(isIP(canonical), 0, canonical);
    assert.equal(canonicalIp(canonical), canonical);
  }));
});

Deno.test("canonicalIp: carries any zone that RFC 6874 can write, unless mapped", () => {
  fc.assert(fc.property(fc.ipV6(), zone, (text, name) => {
    const ip = canonicalIp(text) ?? "";
    const expected = ip.includes(":") ? `${ip}%${name}` : null;
    assert.equal(canonicalIp(`${text}%${name}`), expected);
  }));
});

const groups = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })),
  { minLength: 8, maxLength: 8 },
);

function isMapped(value: number[]): boolean {
  return value[5] === 0xffff && value.slice(0, 5).every((g) => g === 0);
}

/** The way back, by hand: the eight groups of an IPv6 text without a dotted part. */
function expand(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const numbers = (part: string) =>
    part === "" ? [] : part.split(":").map((g) => parseInt(g, 16));
  if (tail === undefined) return numbers(head);
  const zeros = 8 - numbers(head).length - numbers(tail).length;
  return [...numbers(head), ...Array(zeros).fill(0), ...numbers(tail)];
}

Deno.test("canonicalIp: keeps all eight groups, however they are written", () => {
  fc.assert(fc.property(groups, (value) => {
    fc.pre(!isMapped(value));
    const plain = value.map((g) => g.toString(16)).join(":");
    const padded = value.map((g) => g.toString(16).padStart(4, "0")).join(":");
    const canonical = canonicalIp(plain);
    assert.deepEqual(expand(canonical ?? ""), value);
    assert.equal(canonicalIp(padded.toUpperCase()), canonical);
  }));
});

Deno.test("canonicalIp: compresses as the URL standard does", () => {
  fc.assert(fc.property(groups, (value) => {
    fc.pre(!isMapped(value));
    const text = value.map((g) => g.toString(16)).join(":");
    assert.equal(
      `[${canonicalIp(text)}]`,
      new URL(`http://[${text}]`).hostname,
    );
  }));
});

Deno.test("canonicalIp: a mapped address and its IPv4 address are one", () => {
  fc.assert(fc.property(fc.ipV4(), (ip) => {
    assert.equal(canonicalIp(`::ffff:${ip}`), ip);
  }));
});

Deno.test("isUnspecified: knows the two addresses that mean any", () => {
  assert.deepEqual(["0.0.0.0", "::"].map(isUnspecified), [true, true]);
  assert.deepEqual(["0.0.0.1", "::1", ""].map(isUnspecified), [
    false,
    false,
    false,
  ]);
});

Deno.test("isLoopback: knows 127.0.0.0/8 and ::1", () => {
  for (const ip of ["127.0.0.1", "127.0.0.53", "127.255.255.254", "::1"]) {
    assert.equal(isLoopback(ip), true, ip);
  }
  for (const ip of ["128.0.0.1", "12.7.0.1", "::", "::2", "127.example.org"]) {
    assert.equal(isLoopback(ip), false, ip);
  }
});

Deno.test("isLinkLocal: knows 169.254.0.0/16 and fe80::/10", () => {
  for (const ip of ["169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1"]) {
    assert.equal(isLinkLocal(ip), true, ip);
  }
  for (
    const ip of ["169.25.4.1", "fec0::1", "fe7f::1", "fe8::1", "2001:db8::1"]
  ) {
    assert.equal(isLinkLocal(ip), false, ip);
  }
});

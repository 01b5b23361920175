import assert from "node:assert/strict";
import fc from "fast-check";
import type { z } from "zod";
import {
  byteCount,
  deviceName,
  id,
  intervalSeconds,
  ipAddress,
  port,
  protocol,
  systemWord,
  text,
  timestamp,
} from "@/lib/contract/fields.ts";
import { refusals } from "./refusals.ts";

/** The messages that a field on its own gives. */
function messages(schema: z.ZodType, value: unknown): string[] {
  return refusals(schema, value).map((line) => line.slice(": ".length));
}

const BIDI_CONTROLS = [..."\u061c\u200e\u200f\u202a\u202e\u2066\u2069"];
const LONE_SURROGATES = ["\ud800", "\udfff", "\udc00\ud800"];

Deno.test("text: trims and composes", () => {
  const name = text("name", 10);
  assert.equal(name.parse("  meter 1\t"), "meter 1");
  assert.equal(name.parse("Zähler".normalize("NFD")), "Zähler");
});

Deno.test("text: refuses what is empty, too long or no string", () => {
  const name = text("name", 5);
  assert.deepEqual(messages(name, " \n "), ["name must not be empty"]);
  assert.equal(name.parse(" 12345 "), "12345");
  assert.deepEqual(messages(name, "123456"), [
    "name must have at most 5 characters",
  ]);
  for (const value of [null, undefined, 5, {}, []]) {
    assert.deepEqual(messages(name, value), ["name must be a string"]);
  }
});

Deno.test("text: refuses characters that control or reorder, and halves of characters", () => {
  const inside = [
    "\0",
    "\n",
    "\x1b",
    "\x7f",
    "\x85",
    ...BIDI_CONTROLS,
    ...LONE_SURROGATES,
  ];
  for (const character of inside) {
    assert.deepEqual(
      messages(text("name", 10), `a${character}b`),
      ["name must not contain control characters"],
      JSON.stringify(character),
    );
  }
});

Deno.test("text: takes every script and emoji", () => {
  for (const value of ["счётчик-7", "電力量計", "عداد", "🔌 Ⅳ", "e-mètre"]) {
    assert.equal(text("name", 64).parse(value), value);
  }
});

Deno.test("ipAddress: brings an address to its canonical form", () => {
  assert.equal(ipAddress.parse("10.20.0.7"), "10.20.0.7");
  assert.equal(ipAddress.parse("2001:DB8:0:0::1"), "2001:db8::1");
  assert.equal(ipAddress.parse("::ffff:192.0.2.1"), "192.0.2.1");
  assert.equal(ipAddress.parse("fe80::1%eth0"), "fe80::1%eth0");
});

Deno.test("ipAddress: quotes what it refuses, escaped and cut short", () => {
  assert.deepEqual(messages(ipAddress, "010.0.0.1"), [
    'must be an IPv4 or IPv6 address, not "010.0.0.1"',
  ]);
  assert.deepEqual(messages(ipAddress, 'a"\n<b>'), [
    'must be an IPv4 or IPv6 address, not "a\\"\\n<b>"',
  ]);
  const [message = ""] = messages(ipAddress, "x".repeat(100_000));
  assert.ok(message.length < 120, message);
  assert.deepEqual(messages(ipAddress, 1), ["must be a string"]);
});

Deno.test("port: takes 0 to 65535, whole numbers alone", () => {
  for (const value of [0, 1, 4059, 65_535]) {
    assert.equal(port.parse(value), value);
  }
  for (const value of [-1, 65_536, 1e9]) {
    assert.deepEqual(messages(port, value), ["must be from 0 to 65535"]);
  }
  for (const value of [1.5, "80", null, undefined, NaN, true]) {
    assert.deepEqual(messages(port, value), ["must be a whole number"]);
  }
});

Deno.test("byteCount: takes safe integers from 0, and null or nothing for unknown", () => {
  assert.equal(byteCount.parse(0), 0);
  assert.equal(byteCount.parse(2 ** 53 - 1), 2 ** 53 - 1);
  assert.equal(byteCount.parse(null), null);
  assert.equal(byteCount.parse(undefined), null);
});

Deno.test("byteCount: refuses negative, broken, unsafe and worded counts", () => {
  assert.deepEqual(messages(byteCount, -1), ["must not be negative"]);
  for (const value of [1.5, 2 ** 53, 1e300, Infinity, NaN, "12", true, {}]) {
    assert.deepEqual(
      messages(byteCount, value),
      ["must be a whole number of bytes, or null where unknown"],
      String(value),
    );
  }
});

Deno.test("protocol: takes TCP and UDP in either case and gives upper case", () => {
  assert.deepEqual(["TCP", "tcp", "UDP", "udp"].map((p) => protocol.parse(p)), [
    "TCP",
    "TCP",
    "UDP",
    "UDP",
  ]);
});

Deno.test("protocol: refuses every other one, by name", () => {
  for (const value of ["ICMP", "SCTP", "tcp6", "", " TCP", "Tcp"]) {
    assert.deepEqual(messages(protocol, value), [
      `must be TCP or UDP, not ${JSON.stringify(value)}`,
    ]);
  }
  assert.deepEqual(messages(protocol, 6), ["must be TCP or UDP"]);
});

Deno.test("systemWord: gives null for nothing, and trims", () => {
  const word = systemWord(8);
  for (const value of [null, undefined, "", "  "]) {
    assert.equal(word.parse(value), null);
  }
  assert.equal(word.parse(" sshd "), "sshd");
});

Deno.test("systemWord: marks odd characters instead of refusing the report", () => {
  const word = systemWord(8);
  for (
    const odd of [
      "\0",
      "\x1b",
      ...BIDI_CONTROLS,
      ...LONE_SURROGATES.slice(0, 2),
    ]
  ) {
    assert.equal(
      word.parse(`a${odd}b${odd}`),
      "a\ufffdb\ufffd",
      JSON.stringify(odd),
    );
  }
});

Deno.test("systemWord: refuses what is too long or no string", () => {
  assert.equal(systemWord(8).parse("12345678"), "12345678");
  assert.deepEqual(messages(systemWord(8), "123456789"), [
    "must have at most 8 characters",
  ]);
  assert.deepEqual(messages(systemWord(8), 1), [
    "must be a string, or null where unknown",
  ]);
});

Deno.test("deviceName: takes 1 to 128 characters", () => {
  assert.equal(deviceName.parse("x".repeat(128)).length, 128);
  assert.deepEqual(messages(deviceName, "x".repeat(129)), [
    "deviceName must have at most 128 characters",
  ]);
  assert.deepEqual(messages(deviceName, ""), ["deviceName must not be empty"]);
});

Deno.test("id: takes 1 to 64 characters", () => {
  assert.equal(id.parse("a"), "a");
  assert.deepEqual(messages(id, ""), ["must not be empty"]);
  assert.deepEqual(messages(id, "x".repeat(65)), [
    "must have at most 64 characters",
  ]);
});

Deno.test("intervalSeconds: takes 1 second to a day", () => {
  for (const value of [1, 2.5, 10, 86_400]) {
    assert.equal(intervalSeconds.parse(value), value);
  }
  assert.deepEqual(messages(intervalSeconds, 0.5), [
    "must be at least 1 second",
  ]);
  assert.deepEqual(messages(intervalSeconds, 86_401), [
    "must be at most 86400 seconds",
  ]);
  assert.deepEqual(messages(intervalSeconds, "10"), ["must be a number"]);
});

const NOT_A_TIME = "must be an ISO 8601 time or milliseconds since 1970";

Deno.test("timestamp: takes ISO 8601 with an offset, or milliseconds, and gives milliseconds", () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  assert.equal(timestamp.parse("2026-01-31T12:00:00Z"), noon);
  assert.equal(timestamp.parse("2026-01-31T12:00:00.250Z"), noon + 250);
  assert.equal(timestamp.parse("2026-01-31T13:30:00+01:30"), noon);
  assert.equal(timestamp.parse(noon), noon);
  assert.equal(timestamp.parse(0), 0);
});

Deno.test("timestamp: refuses other notations and impossible dates", () => {
  for (
    const value of [
      "",
      "yesterday",
      "2026-01-31",
      "2026-01-31T12:00:00",
      "2026-01-31 12:00:00Z",
      "2026-02-30T12:00:00Z",
      "2026-13-01T12:00:00Z",
      "2026-01-31T25:00:00Z",
      1.5,
      NaN,
      null,
      undefined,
    ]
  ) assert.deepEqual(messages(timestamp, value), [NOT_A_TIME], String(value));
});

Deno.test("timestamp: refuses times before 1970 and past what a date can hold", () => {
  const early = [-1, "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"];
  for (const value of [...early, 8.64e15 + 1, 2 ** 53]) {
    const said = new Set(messages(timestamp, value));
    assert.deepEqual(said, new Set([NOT_A_TIME]), String(value));
  }
  assert.equal(timestamp.parse(8.64e15), 8.64e15);
});

Deno.test("timestamp: whatever it takes can be written as a date again", () => {
  const time = fc.oneof(
    fc.maxSafeInteger(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  fc.assert(fc.property(time, (value) => {
    const result = timestamp.safeParse(value);
    if (!result.success) return;
    const written = new Date(result.data).toISOString();
    assert.equal(Date.parse(written), result.data);
  }));
});

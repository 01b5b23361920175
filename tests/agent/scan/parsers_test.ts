import assert from "node:assert/strict";
import fc from "fast-check";
import { parseLsof } from "@/agent/scan/lsof.ts";
import { parseNetstatMacos } from "@/agent/scan/netstat_macos.ts";
import { parseNetstatWindows } from "@/agent/scan/netstat_windows.ts";
import { parsePowershell } from "@/agent/scan/powershell.ts";
import { parseProcNet } from "@/agent/scan/proc_net.ts";
import type { Parsed } from "@/agent/scan/rows.ts";
import { parseSs } from "@/agent/scan/ss.ts";
import { parseTasklist } from "@/agent/scan/tasklist.ts";
import { connectionInput } from "@/lib/contract/monitor.ts";
import { listing } from "@/tests/agent/scan/listing.ts";

const PARSERS: [(text: string) => Parsed, string[]][] = [
  [parseSs, ["ss_6.1.txt", "ss_4.11.txt"]],
  [parseProcNet, ["proc_net.txt"]],
  [parseLsof, ["lsof_table.txt", "lsof_fields.txt"]],
  [parseNetstatMacos, [
    "netstat_macos_10.15.txt",
    "netstat_macos_12.txt",
    "netstat_macos_15.txt",
  ]],
  [parseNetstatWindows, [
    "netstat_windows_en.txt",
    "netstat_windows_de.txt",
    "netstat_windows_ja.txt",
  ]],
  [parsePowershell, []],
];

/** Fails unless the contract takes every row as it stands. */
function checkRows({ rows, warnings }: Parsed) {
  for (const row of rows) {
    const taken = connectionInput.parse(row);
    for (const [name, value] of Object.entries(taken)) {
      assert.equal(value, row[name as keyof typeof row], `${name} changed`);
    }
  }
  for (const warning of warnings) assert.doesNotMatch(warning, /[\r\n]/);
}

/** A listing after an accident: cut off, with a part missing, doubled, or overwritten. */
function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length);
  const noise = fc.string({ unit: "binary", maxLength: 20 });
  return fc.oneof(
    place.map((end) => text.slice(0, end)),
    place.map((start) => text.slice(start)),
    fc.tuple(place, place).map(([a, b]) => text.slice(0, a) + text.slice(b)),
    fc.tuple(place, noise).map(([at, put]) =>
      text.slice(0, at) + put + text.slice(at)
    ),
    fc.tuple(place, noise).map(([at, put]) =>
      text.slice(0, at) + put + text.slice(at + put.length)
    ),
    fc.tuple(noise, noise).map(([from, to]) =>
      from === "" ? text : text.replaceAll(from.charAt(0), to)
    ),
    fc.constant(text.replaceAll("\n", "\r\n")),
    fc.constant(text.replace(/\s+/g, " ")),
  );
}

for (const [parse, listings] of PARSERS) {
  for (const name of listings) {
    Deno.test(`${parse.name}: takes ${name} cut and garbled, and every row keeps the contract`, async () => {
      const text = await listing(name);
      fc.assert(
        fc.property(damaged(text), (broken) => checkRows(parse(broken))),
        { numRuns: 500 },
      );
    });
  }
  Deno.test(`${parse.name}: takes any text`, () => {
    const line = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(...'tcpudTCPUD4601:.*[]%> \t()"-') }),
    );
    const text = fc.array(line).map((lines) => lines.join("\n"));
    fc.assert(fc.property(text, (any) => checkRows(parse(any))));
  });
}

Deno.test("parsePowershell: takes any JSON, and every row keeps the contract", () => {
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom("::", "fe80::1%3"),
    fc.anything(),
  );
  const port = fc.oneof(fc.integer({ min: -1, max: 70_000 }), fc.anything());
  const socket = fc.record({
    LocalAddress: address,
    LocalPort: port,
    RemoteAddress: address,
    RemotePort: port,
    State: fc.oneof(fc.nat(120), fc.string(), fc.anything()),
    OwningProcess: fc.oneof(fc.nat(), fc.anything()),
  }, { requiredKeys: [] });
  const process = fc.record({ Id: fc.anything(), ProcessName: fc.anything() });
  const ours = fc.record({
    tcp: fc.oneof(fc.array(socket), socket, fc.anything()),
    udp: fc.oneof(fc.array(socket), socket, fc.anything()),
    processes: fc.oneof(fc.array(process), fc.anything()),
  });
  const json = fc.oneof(ours, fc.array(socket), fc.jsonValue());
  fc.assert(
    fc.property(json, (value) => {
      let text: string | undefined;
      try {
        text = JSON.stringify(value);
      } catch {
        fc.pre(false);
      }
      checkRows(parsePowershell(text ?? "null"));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parseTasklist: takes any text", () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(...'"",1a ') }),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      for (const [pid, name] of parseTasklist(lines.join("\r\n"))) {
        assert.ok(Number.isSafeInteger(pid));
        assert.notEqual(name, "");
      }
    }),
  );
});

import assert from "node:assert/strict";
import { parsePowershell } from "@/agent/scan/powershell.ts";
import { rowLine } from "@/tests/agent/scan/listing.ts";

function parse(value: unknown): string[] {
  const { rows, warnings } = parsePowershell(JSON.stringify(value));
  assert.deepEqual(warnings, []);
  return rows.map(rowLine);
}

const TCP = {
  LocalAddress: "192.0.2.10",
  LocalPort: 52341,
  RemoteAddress: "203.0.113.46",
  RemotePort: 443,
  State: 5,
  OwningProcess: 1234,
};

Deno.test("parsePowershell: reads sockets and names of one object", () => {
  assert.deepEqual(
    parse({
      tcp: [
        TCP,
        {
          ...TCP,
          LocalAddress: "::",
          LocalPort: 445,
          RemoteAddress: "::",
          RemotePort: 0,
          State: 2,
          OwningProcess: 4,
        },
        { ...TCP, LocalPort: 52342, State: 11, OwningProcess: 0 },
      ],
      udp: [
        {
          LocalAddress: "fe80::9787:5bf7:10b3:bec8%11",
          LocalPort: 1900,
          OwningProcess: 1234,
        },
      ],
      processes: [{ Id: 1234, ProcessName: "chrome" }, {
        Id: 4,
        ProcessName: "System",
      }, { Id: 0, ProcessName: "Idle" }],
    }),
    [
      "TCP 192.0.2.10:52341 > 203.0.113.46:443 ESTABLISHED in ? out ? by chrome",
      "TCP :::445 > :::0 LISTEN in ? out ? by System",
      "TCP 192.0.2.10:52342 > 203.0.113.46:443 TIME_WAIT in ? out ? by ?",
      "UDP fe80::9787:5bf7:10b3:bec8%11:1900 > :::0 UNCONN in ? out ? by chrome",
    ],
  );
});

Deno.test("parsePowershell: a list of one may be the object alone, states may be words", () => {
  assert.deepEqual(
    parse({ tcp: { ...TCP, State: "Established" }, udp: [], processes: null }),
    ["TCP 192.0.2.10:52341 > 203.0.113.46:443 ESTABLISHED in ? out ? by ?"],
  );
  const extra = { CreationTime: "/Date(1700000000000)/", AppliedSetting: 0 };
  assert.deepEqual(parse({ ...TCP, ...extra, State: "FinWait1" }), [
    "TCP 192.0.2.10:52341 > 203.0.113.46:443 FIN_WAIT_1 in ? out ? by ?",
  ]);
  assert.deepEqual(parse([{ LocalAddress: "0.0.0.0", LocalPort: 500 }]), [
    "UDP 0.0.0.0:500 > 0.0.0.0:0 UNCONN in ? out ? by ?",
  ]);
});

Deno.test("parsePowershell: leaves out ports that are only bound, which Windows lists beside the connection", () => {
  assert.deepEqual(
    parse([{ ...TCP, State: 100 }, { ...TCP, State: "Bound" }]),
    [],
  );
});

Deno.test("parsePowershell: reads past a byte order mark", () => {
  const { rows } = parsePowershell(`\ufeff${JSON.stringify([TCP])}\r\n`);
  assert.equal(rows.length, 1);
});

Deno.test("parsePowershell: warns of text that is no JSON, and of sockets without an address", () => {
  assert.deepEqual(parsePowershell("Get-NetTCPConnection : Access denied"), {
    rows: [],
    warnings: [
      'PowerShell: lines that could not be read: 1, such as "Get-NetTCPConnection : Access denied"',
    ],
  });
  const { warnings } = parsePowershell('[{"LocalPort":1}]');
  assert.match(
    warnings[0] ?? "",
    /^PowerShell: lines that could not be read: 1/,
  );
});

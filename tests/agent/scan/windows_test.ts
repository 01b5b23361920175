import assert from "node:assert/strict";
import { createWindowsScanner } from "@/agent/scan/windows.ts";
import { failure, stubCommands } from "@/tests/agent/scan/command_stub.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

const { signal } = new AbortController();

Deno.test("createWindowsScanner: joins netstat's sockets with tasklist's names", async () => {
  const { run, calls } = stubCommands({
    netstat: await listing("netstat_windows_fr.txt"),
    tasklist: '"httpd.exe","1234","Services","0","12 345 Ko"\r\n',
  });
  const scanner = createWindowsScanner(run);
  const { connections, warnings } = await scanner.scan(signal);
  assert.deepEqual(warnings, []);
  assert.deepEqual(connections.map(rowLine), [
    "TCP 0.0.0.0:80 > 0.0.0.0:0 LISTEN in ? out ? by httpd.exe",
    "TCP 10.33.70.187:50735 > 203.0.113.234:443 ESTABLISHED in ? out ? by ?",
    "UDP 0.0.0.0:5353 > 0.0.0.0:0 UNCONN in ? out ? by ?",
  ]);
  assert.deepEqual(calls.toSorted(), [
    "netstat -ano",
    "tasklist /fo csv /nh",
  ]);
  assert.equal(scanner.describe(), "netstat and tasklist");
});

Deno.test("createWindowsScanner: does without tasklist", async () => {
  const { run } = stubCommands({
    netstat: await listing("netstat_windows_fr.txt"),
  });
  const { connections } = await createWindowsScanner(run).scan(signal);
  assert.deepEqual(connections.map((row) => row.processName), [
    null,
    null,
    null,
  ]);
});

Deno.test("createWindowsScanner: asks PowerShell where netstat is missing or fails", async () => {
  const powershell = JSON.stringify({
    tcp: [],
    udp: { LocalAddress: "0.0.0.0", LocalPort: 500, OwningProcess: 7 },
    processes: [{ Id: 7, ProcessName: "ikeext" }],
  });
  for (const netstat of [undefined, failure("Zugriff verweigert")]) {
    const { run } = stubCommands(
      netstat ? { netstat, powershell } : { powershell },
    );
    const scanner = createWindowsScanner(run);
    const { connections } = await scanner.scan(signal);
    assert.deepEqual(connections.map(rowLine), [
      "UDP 0.0.0.0:500 > 0.0.0.0:0 UNCONN in ? out ? by ikeext",
    ]);
    assert.equal(scanner.describe(), "PowerShell");
  }
});

Deno.test("createWindowsScanner: fails where nothing works", async () => {
  const scanner = createWindowsScanner(stubCommands({}).run);
  await assert.rejects(scanner.scan(signal), { code: "scan_failed" });
});

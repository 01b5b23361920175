import assert from "node:assert/strict";
import { createMacosScanner } from "@/agent/scan/macos.ts";
import { failure, stubCommands } from "@/tests/agent/scan/command_stub.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

const { signal } = new AbortController();
const TCP = "netstat -anvbl -p tcp";
const UDP = "netstat -anvbl -p udp";

Deno.test("createMacosScanner: takes names from netstat where it has them, without lsof", async () => {
  const { run, calls } = stubCommands({
    [TCP]: await listing("netstat_macos_15.txt"),
    [UDP]: "",
  });
  const scanner = createMacosScanner(run);
  const { connections, warnings } = await scanner.scan(signal);
  assert.deepEqual(warnings, []);
  assert.equal(connections.length, 8);
  assert.equal(connections[3]?.processName, "MSP Anywhere Dae");
  assert.deepEqual(calls, [TCP, UDP]);
  assert.equal(scanner.describe(), "netstat");
});

Deno.test("createMacosScanner: names process ids with lsof, and keeps what it cannot name", async () => {
  const { run } = stubCommands({
    [TCP]: await listing("netstat_macos_12.txt"),
    [UDP]: "",
    lsof: "p611\ncCafé App\nf21\ntIPv4\nPTCP\nn192.0.2.44:1->192.0.2.9:2\n",
  });
  const scanner = createMacosScanner(run);
  const { connections } = await scanner.scan(signal);
  const names = connections.map((row) => row.processName);
  assert.deepEqual(names, [null, null, "Café App", null, null, null]);
  assert.equal(connections[2]?.bytesIn, 5548);
  assert.equal("ownerId" in (connections[2] ?? {}), false);
  assert.equal(scanner.describe(), "netstat and lsof");
});

Deno.test("createMacosScanner: scans with lsof alone where netstat does not work", async () => {
  const { run } = stubCommands({
    netstat: failure("sysctl: net.inet.tcp.pcblist_n: Operation not permitted"),
    lsof: await listing("lsof_fields.txt"),
  });
  const scanner = createMacosScanner(run);
  const { connections } = await scanner.scan(signal);
  assert.equal(connections.length, 6);
  assert.equal(
    rowLine(connections[0] ?? assert.fail()),
    'TCP 127.0.0.1:43157 > 0.0.0.0:0 LISTEN in ? out ? by we "ir',
  );
  assert.equal(scanner.describe(), "lsof");
});

Deno.test("createMacosScanner: fails where neither works", async () => {
  const scanner = createMacosScanner(stubCommands({}).run);
  await assert.rejects(scanner.scan(signal), {
    name: "AgentError",
    code: "scan_failed",
  });
});

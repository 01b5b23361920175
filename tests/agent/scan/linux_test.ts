import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { runCommand } from "@/agent/scan/command.ts";
import { createLinuxScanner, readProcNet } from "@/agent/scan/linux.ts";
import type { Scan } from "@/agent/scan/mod.ts";
import { readSocketOwners } from "@/agent/scan/proc_owners.ts";
import { type Connection, connectionKey } from "@/lib/domain/connection.ts";
import { failure, stubCommands } from "@/tests/agent/scan/command_stub.ts";
import { listing, rowLine } from "@/tests/agent/scan/listing.ts";

const { signal } = new AbortController();
const noTables = () => Promise.resolve(null);
const noOwners = () => Promise.resolve(new Map<number, string>());

Deno.test("createLinuxScanner: scans with one run of ss, one row an identity", async () => {
  const { run, calls } = stubCommands({ ss: await listing("ss_6.1.txt") });
  const scanner = createLinuxScanner(run, noTables, noOwners);
  const { connections, warnings } = await scanner.scan(signal);
  assert.deepEqual(warnings, []);
  assert.deepEqual(calls, ["ss -tunaip"]);
  // Two listeners share 127.0.0.1:7001.
  assert.equal(connections.length, 21);
  assert.equal(new Set(connections.map(connectionKey)).size, 21);
  assert.equal(scanner.describe(), "ss");
});

Deno.test("createLinuxScanner: finds ss outside a plain user's search path", async () => {
  const { run } = stubCommands({
    "/usr/sbin/ss": await listing("ss_4.11.txt"),
  });
  const scanner = createLinuxScanner(run, noTables, noOwners);
  assert.equal((await scanner.scan(signal)).connections.length, 7);
});

Deno.test("createLinuxScanner: reads /proc/net where ss is missing, names programs, and says what is unknown", async () => {
  const tables = await listing("proc_net.txt");
  const scanner = createLinuxScanner(
    stubCommands({}).run,
    () => Promise.resolve(tables),
    () => Promise.resolve(new Map([[1516, "sshd"]])),
  );
  const { connections, warnings } = await scanner.scan(signal);
  assert.deepEqual(warnings, [
    "ss is missing, so byte counts are unknown; install iproute2 for them",
  ]);
  assert.equal(connections.length, 16);
  assert.deepEqual(connections.slice(0, 2).map(rowLine), [
    "TCP 127.0.0.1:7001 > 0.0.0.0:0 LISTEN in ? out ? by ?",
    "TCP 0.0.0.0:2024 > 0.0.0.0:0 LISTEN in ? out ? by sshd",
  ]);
  assert.equal(scanner.describe(), "/proc/net");
});

Deno.test("createLinuxScanner: reads the tables with cat where Deno may not, also where one is missing", async () => {
  const { run, calls } = stubCommands({
    ss: failure("Cannot open netlink socket: Protocol not supported\n"),
    cat: {
      success: false,
      stdout: await listing("proc_net.txt"),
      stderr: "cat: /proc/net/tcp6: No such file or directory",
    },
  });
  const scanner = createLinuxScanner(run, noTables, noOwners);
  const { connections, warnings } = await scanner.scan(signal);
  assert.equal(connections.length, 16);
  assert.match(warnings[0] ?? "", /^ss failed \(Cannot open netlink socket/);
  assert.equal(
    calls[1],
    "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6",
  );
});

Deno.test("createLinuxScanner: fails where neither ss nor /proc/net can be read", async () => {
  const scanner = createLinuxScanner(stubCommands({}).run, noTables, noOwners);
  await assert.rejects(scanner.scan(signal), {
    code: "scan_failed",
    message: /ss is missing, and \/proc\/net may not be read/,
  });
});

Deno.test("readProcNet: joins the tables that there are, and gives null for none", async () => {
  const read = (path: string) =>
    path.endsWith("6")
      ? Promise.reject(new Deno.errors.NotFound(path))
      : Promise.resolve(`${path}\n`);
  assert.equal(await readProcNet(read), "/proc/net/tcp\n\n/proc/net/udp\n");
  const denied = () => Promise.reject(new Deno.errors.NotCapable("no"));
  assert.equal(await readProcNet(denied), null);
  const broken = () => Promise.reject(new Error("I/O error"));
  await assert.rejects(readProcNet(broken), /I\/O error/);
});

/** Real sockets of this process: TCP and UDP, with and without a peer, in both families. */
class OpenSockets implements AsyncDisposable {
  readonly #closers: (() => unknown)[] = [];
  readonly hasIpv6 = canListen("::1");

  /** A connection in which the client has sent 1,000 bytes and the server 50, all received. */
  async connectTcp(hostname: string): Promise<Connection> {
    const listener = Deno.listen({ hostname, port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const [client, server] = await Promise.all([
      Deno.connect({ hostname, port }),
      listener.accept(),
    ]);
    this.#closers.push(
      () => client.close(),
      () => server.close(),
      () => listener.close(),
    );
    await send(client, server, 1000);
    await send(server, client, 50);
    const local = client.localAddr as Deno.NetAddr;
    return {
      protocol: "TCP",
      sourceIp: hostname,
      sourcePort: local.port,
      destIp: hostname,
      destPort: port,
      bytesIn: 50,
      bytesOut: 1000,
      state: "ESTABLISHED",
      processName: "deno",
    };
  }

  /** An unconnected UDP socket; gives its port. */
  async openUdp(type: "udp4" | "udp6"): Promise<number> {
    const socket = createSocket(type);
    this.#closers.push(() => new Promise<void>((done) => socket.close(done)));
    socket.bind(0, type === "udp4" ? "127.0.0.1" : "::1");
    await once(socket, "listening");
    return socket.address().port;
  }

  /** A UDP socket connected to a port of ours, by bash: Deno's own keep the peer to themselves. */
  async connectUdp(hostname: string, port: number) {
    const bash = new Deno.Command("bash", {
      args: ["-c", `exec 3<>/dev/udp/${hostname}/${port}; echo open; read -r`],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#closers.push(async () => {
      await bash.stdin.close();
      await bash.status;
    });
    const reader = bash.stdout.getReader();
    this.#closers.push(() => reader.cancel());
    const said = new TextDecoder().decode((await reader.read()).value);
    assert.equal(said, "open\n");
  }

  async [Symbol.asyncDispose]() {
    for (const close of this.#closers) await close();
  }
}

async function send(from: Deno.Conn, to: Deno.Conn, byteCount: number) {
  const writer = from.writable.getWriter();
  await writer.write(new Uint8Array(byteCount));
  writer.releaseLock();
  const buffer = new Uint8Array(byteCount);
  for (let got = 0; got < byteCount;) got += await to.read(buffer) ?? 0;
}

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** The clients' ends of the TCP connections, and the ports of the UDP sockets by address. */
interface Opened {
  clients: Connection[];
  udpPorts: Map<string, number>;
}

async function openAll(sockets: OpenSockets): Promise<Opened> {
  const opened: Opened = { clients: [], udpPorts: new Map() };
  const hosts = sockets.hasIpv6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
  for (const host of hosts) {
    opened.clients.push(await sockets.connectTcp(host));
    const port = await sockets.openUdp(host === "::1" ? "udp6" : "udp4");
    opened.udpPorts.set(host, port);
    await sockets.connectUdp(host, port);
  }
  return opened;
}

/** What ss says of this process's own sockets: protocol and both ends, as it prints them. */
async function ownSocketsBySs(): Promise<string[]> {
  const output = await runCommand("ss", ["-H", "-tunap"], signal);
  return (output?.stdout ?? "").split("\n")
    .filter((line) => line.includes(`pid=${Deno.pid},`))
    .map((line) => {
      const [netid, , , , local, peer] = line.split(/\s+/);
      return `${netid} ${local} ${peer}`;
    }).toSorted();
}

/** A row in the form of ownSocketsBySs. */
function asSsPrints(row: Connection): string {
  const end = (ip: string, port: number) =>
    `${ip.includes(":") ? `[${ip}]` : ip}:${port || "*"}`;
  return `${row.protocol.toLowerCase()} ${end(row.sourceIp, row.sourcePort)} ${
    end(row.destIp, row.destPort)
  }`;
}

function anyOf(ip: string): string {
  return ip.includes(":") ? "::" : "0.0.0.0";
}

/** The row of an unconnected UDP socket of this process. */
function udpSocket(sourceIp: string, sourcePort: number): Connection {
  return {
    protocol: "UDP",
    sourceIp,
    sourcePort,
    destIp: anyOf(sourceIp),
    destPort: 0,
    bytesIn: null,
    bytesOut: null,
    state: "UNCONN",
    processName: "deno",
  };
}

function find(scan: Scan, wanted: Connection): Connection | undefined {
  const key = connectionKey(wanted);
  return scan.connections.find((row) => connectionKey(row) === key);
}

const isLinux = Deno.build.os === "linux";
const hasSs = isLinux && await runCommand("ss", ["-V"], signal) !== null;
// Deno opens /proc to none but those with all permissions.
const hasProc = isLinux && await readProcNet(Deno.readTextFile) !== null;

Deno.test({
  name:
    "createLinuxScanner: shows this process's real sockets as ss does, with bytes and program",
  ignore: !hasSs,
  async fn() {
    await using sockets = new OpenSockets();
    const { clients, udpPorts } = await openAll(sockets);
    const scanner = createLinuxScanner(runCommand, noTables, noOwners);
    const scan = await scanner.scan(signal);
    assert.equal(scanner.describe(), "ss");
    assert.deepEqual(scan.warnings, []);
    const bySs = await ownSocketsBySs();
    assert.ok(bySs.length >= clients.length * 4, "ss lists what we opened");
    const mine = scan.connections.filter((row) =>
      bySs.includes(asSsPrints(row))
    );
    assert.deepEqual(mine.map(asSsPrints).toSorted(), bySs);
    for (const client of clients) {
      const server = {
        ...client,
        sourcePort: client.destPort,
        destPort: client.sourcePort,
        bytesIn: 1000,
        bytesOut: 50,
      };
      const listener = {
        ...server,
        destIp: anyOf(client.sourceIp),
        destPort: 0,
        bytesIn: null,
        bytesOut: null,
        state: "LISTEN",
      };
      for (const row of [client, server, listener]) {
        assert.deepEqual(find(scan, row), row);
      }
    }
    for (const [ip, port] of udpPorts) {
      const unconnected = udpSocket(ip, port);
      assert.deepEqual(find(scan, unconnected), unconnected);
      const connected = scan.connections.filter((row) =>
        row.protocol === "UDP" && row.destIp === ip && row.destPort === port
      );
      assert.deepEqual(connected.map((row) => [row.state, row.processName]), [
        ["ESTABLISHED", "bash"],
      ]);
    }
  },
});

Deno.test({
  name:
    "createLinuxScanner: shows the same sockets from /proc/net, without bytes",
  ignore: !hasProc || !hasSs,
  async fn() {
    await using sockets = new OpenSockets();
    const { clients } = await openAll(sockets);
    const scanner = createLinuxScanner(
      stubCommands({}).run,
      () => readProcNet(Deno.readTextFile),
      readSocketOwners,
    );
    const scan = await scanner.scan(signal);
    const bySs = await ownSocketsBySs();
    const mine = scan.connections.filter((row) =>
      bySs.includes(asSsPrints(row))
    );
    assert.deepEqual(mine.map(asSsPrints).toSorted(), bySs);
    for (const client of clients) {
      assert.deepEqual(find(scan, client), {
        ...client,
        bytesIn: null,
        bytesOut: null,
      });
    }
  },
});

Deno.test({
  name:
    "createLinuxScanner: reads the real tables through cat where Deno may not",
  ignore: !isLinux,
  async fn() {
    await using sockets = new OpenSockets();
    const { clients } = await openAll(sockets);
    const run: typeof runCommand = (name, args, stop) =>
      name === "cat" ? runCommand(name, args, stop) : Promise.resolve(null);
    const scan = await createLinuxScanner(run, noTables, noOwners).scan(signal);
    for (const client of clients) {
      assert.equal(find(scan, client)?.state, "ESTABLISHED");
    }
  },
});

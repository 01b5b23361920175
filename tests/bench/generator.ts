/**
 * The load where there is no wrk: the same reports as reports.lua, over kept connections, with as little
 * work as possible between two of them. Usage: generator.ts URL. Environment: DEVICES (file of device
 * ids), TOKEN, FIRST_SEQUENCE, CONNECTIONS (a report), REPORTS_PER_SECOND (0: as fast as they are
 * answered), SECONDS, CONCURRENT.
 */
import { percentile } from "@/tests/bench/figures.ts";
import type { PrintedResult } from "@/tests/bench/load.ts";

const STATUS_AT = "HTTP/1.1 ".length;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function setting(name: string): number {
  const value = Number(Deno.env.get(name));
  if (Number.isNaN(value)) throw new Error(`${name} must be a number`);
  return value;
}

async function generate(
  target: URL,
  seconds: number,
): Promise<PrintedResult> {
  const latenciesMs: number[] = [];
  let refused = 0;
  let failed = 0;
  let failure: unknown = null;
  const nextReport = reports(target);
  const untilNext = schedule(setting("REPORTS_PER_SECOND"));
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;

  async function client(): Promise<void> {
    const connection = await Connection.open(target);
    while (performance.now() < endMs) {
      await untilNext();
      const sentMs = performance.now();
      const status = await connection.exchange(nextReport());
      if (performance.now() > endMs) return;
      latenciesMs.push(performance.now() - sentMs);
      if (status !== 200) refused++;
    }
  }

  async function keepAtIt(): Promise<void> {
    while (performance.now() < endMs) {
      try {
        await client();
      } catch (error) {
        failure = error;
        failed++;
      }
    }
  }
  await Promise.race([
    Promise.all(Array.from({ length: setting("CONCURRENT") }, keepAtIt)),
    new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  ]);
  if (latenciesMs.length === 0) {
    throw new Error("no report was answered", { cause: failure });
  }
  return {
    requests: latenciesMs.length,
    durationUs: Math.round((performance.now() - startMs) * 1000),
    p50Us: Math.round(percentile(latenciesMs, 0.5) * 1000),
    p99Us: Math.round(percentile(latenciesMs, 0.99) * 1000),
    refused,
    failed,
  };
}

/** One schedule for all connections: what is late is sent at once, so the pace holds on the whole. */
function schedule(perSecond: number): () => Promise<void> {
  if (perSecond === 0) return () => Promise.resolve();
  let dueMs = performance.now();
  return async () => {
    dueMs += 1000 / perSecond;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  };
}

/** Whole requests, the devices taking turns. */
function reports(target: URL): () => Uint8Array {
  const path = Deno.env.get("DEVICES") ?? "";
  const devices = Deno.readTextFileSync(path).split("\n").filter(Boolean);
  const head = [
    "POST /api/monitor/reports HTTP/1.1",
    `host: ${target.host}`,
    "content-type: application/json",
    `authorization: Bearer ${Deno.env.get("TOKEN")}`,
    "content-length: ",
  ].join("\r\n");
  const picture = standingConnections(setting("CONNECTIONS") - 1);
  let sequence = setting("FIRST_SEQUENCE");
  let position = 0;
  return () => {
    if (position === devices.length) {
      position = 0;
      sequence++;
    }
    const body = `{"deviceId":"${devices[position++]}","session":"bench",` +
      `"sequence":${sequence},${picture}${movingConnection(sequence)}]}`;
    return encoder.encode(`${head}${body.length}\r\n\r\n${body}`);
  };
}

function standingConnections(count: number): string {
  const connections = Array.from({ length: count }, (_, index) => {
    const i = index + 1;
    return JSON.stringify({
      protocol: "TCP",
      sourceIp: "192.168.1.20",
      sourcePort: 40_000 + i,
      destIp: `10.20.${i % 4}.${i % 250}`,
      destPort: 4059,
      bytesIn: i * 1_234_567,
      bytesOut: i * 7_654,
      state: "ESTABLISHED",
      processName: "meterd",
    }) + ",";
  });
  return '"scannedAt":"2026-01-31T12:00:00.000Z","intervalSeconds":60,' +
    `"connections":[${connections.join("")}`;
}

/** The last connection's counters move with every report, as counters do. */
function movingConnection(sequence: number): string {
  return '{"protocol":"TCP","sourceIp":"192.168.1.20","sourcePort":52000,' +
    '"destIp":"10.20.9.9","destPort":8883,' +
    `"bytesIn":${sequence * 900},"bytesOut":${sequence * 300},` +
    '"state":"ESTABLISHED","processName":"mqtt"}';
}

/** A kept HTTP/1.1 connection; an answer has a content-length, as all of the API's have. */
class Connection {
  readonly #socket: Deno.TcpConn;
  readonly #buffer = new Uint8Array(65_536);

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  static async open({ hostname, port }: URL): Promise<Connection> {
    const socket = await Deno.connect({ hostname, port: Number(port) });
    socket.setNoDelay();
    return new Connection(socket);
  }

  /** Sends a request, reads the answer, and tells its status. */
  async exchange(request: Uint8Array): Promise<number> {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#socket.write(request.subarray(sent));
    }
    let text = "";
    for (;;) {
      const count = await this.#socket.read(this.#buffer);
      if (count === null) throw new Error("the server closed the connection");
      // Headers and the API's short answers are ASCII.
      text += decoder.decode(this.#buffer.subarray(0, count));
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd < 0) continue;
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      if (length === undefined) throw new Error("an answer without a length");
      if (text.length < headEnd + 4 + Number(length)) continue;
      return Number(text.slice(STATUS_AT, STATUS_AT + 3));
    }
  }
}

if (import.meta.main) {
  const target = new URL(Deno.args[0] ?? "");
  const result = await generate(target, setting("SECONDS"));
  console.log(`RESULT ${JSON.stringify(result)}`);
  // Requests that are still under way count nowhere.
  Deno.exit(0);
}

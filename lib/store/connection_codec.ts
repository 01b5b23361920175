/**
 * Connections packed into bytes: about 30 bytes each where JSON takes 150. A fleet's connections fit
 * into memory that way, and a commit writes a fifth as much.
 *
 * Layout (numbers as in bytes.ts unless a width is given):
 *   version (1 byte)
 *   the sockets' length in bytes, and the sockets: their number, and for each of them
 *     flags (1 byte), source and dest address (4 bytes of IPv4, or a string's index),
 *     source and dest port (2 bytes each, big-endian), state and process (string's index + 1, or 0)
 *     and behind them the number of strings, each as length and UTF-8
 *   base time in ms, base - the earliest lastSeenAt
 *   the counters, for each socket: flags (1 byte), bytes in and out where known,
 *     base - firstSeenAt, base - lastSeenAt where not 0
 *
 * What a device's sockets are changes seldom, what they carried with every report. Being apart, the
 * sockets of two reports can be compared as bytes, and most reports are packed without unpacking.
 */
import type { Connection, TrackedConnection } from "@/lib/domain/connection.ts";
import { damaged, Reader, Writer } from "@/lib/store/bytes.ts";

export const VERSION = 2;

export const UDP = 1;
export const SOURCE_IS_STRING = 2;
export const DEST_IS_STRING = 4;
const ALL_SOCKET_FLAGS = 7;

const HAS_BYTES_IN = 1;
const HAS_BYTES_OUT = 2;
const SEEN_BEFORE_BASE = 4;
const ALL_COUNTER_FLAGS = 7;

const INITIAL_BYTES = 65_536;
// Packing never waits for anything, so one set of them serves all.
const sockets = new Writer(INITIAL_BYTES);
const output = new Writer(INITIAL_BYTES);
const strings = new Map<string, number>();

/** What packed connections tell without being unpacked. */
export interface PackedFacts {
  count: number;
  /** The latest time of a sighting, and the time of the connection that was seen longest ago; 0 for none. */
  newestSeenAt: number;
  oldestSeenAt: number;
}

/** Packs connections. Addresses must be canonical, ports and byte counts in range. */
export function packConnections(
  connections: readonly TrackedConnection[],
): Uint8Array<ArrayBuffer> {
  writeSockets(connections);
  let base = 0;
  let oldest = Infinity;
  for (const { firstSeenAt, lastSeenAt } of connections) {
    base = Math.max(base, firstSeenAt, lastSeenAt);
    oldest = Math.min(oldest, lastSeenAt);
  }
  startOutput(base, connections.length === 0 ? base : oldest);
  for (const c of connections) {
    writeCounters(c, base, c.firstSeenAt, c.lastSeenAt);
  }
  return output.view().slice();
}

/**
 * Packs a scan that found the very sockets that `previous` has, in the same order: each keeps its
 * first sighting and was seen last at `nowMs`. Null where anything but the counters differs.
 */
export function repackConnections(
  previous: Uint8Array,
  scan: readonly Connection[],
  nowMs: number,
): Uint8Array<ArrayBuffer> | null {
  const input = open(previous);
  const before = input.take(input.number());
  writeSockets(scan);
  if (!areEqual(before, sockets.view())) return null;
  const baseBefore = input.number();
  input.number();
  // A clock that was set back must not make a first sighting later than the base.
  const base = Math.max(baseBefore, nowMs);
  startOutput(base, nowMs);
  for (const c of scan) {
    const { firstSeenAt } = readCounters(input, baseBefore);
    writeCounters(c, base, firstSeenAt, nowMs);
  }
  return output.view().slice();
}

/** Tells of packed connections what needs no unpacking. Throws where the bytes are not of our making. */
export function packedFacts(packed: Uint8Array): PackedFacts {
  const input = open(packed);
  const count = new Reader(input.take(input.number())).number();
  const newestSeenAt = input.number();
  return { count, newestSeenAt, oldestSeenAt: newestSeenAt - input.number() };
}

/** The connections that were packed. Throws where the bytes are not of our making. */
export function unpackConnections(packed: Uint8Array): TrackedConnection[] {
  const input = open(packed);
  const found = readSockets(input.take(input.number()));
  const base = input.number();
  input.number();
  const connections = found.map((socket) => {
    const counters = readCounters(input, base);
    // In the contract's order of fields, which is also that of the JSON made of them.
    return {
      protocol: socket.protocol,
      sourceIp: socket.sourceIp,
      sourcePort: socket.sourcePort,
      destIp: socket.destIp,
      destPort: socket.destPort,
      bytesIn: counters.bytesIn,
      bytesOut: counters.bytesOut,
      state: socket.state,
      processName: socket.processName,
      firstSeenAt: counters.firstSeenAt,
      lastSeenAt: counters.lastSeenAt,
    };
  });
  if (!input.atEnd()) throw damaged();
  return connections;
}

function open(packed: Uint8Array): Reader {
  const input = new Reader(packed);
  const version = input.byte();
  if (version === VERSION) return input;
  throw new Error(`packed connections have unknown version ${version}`);
}

type Socket = Omit<Connection, "bytesIn" | "bytesOut">;

/** Writes the sockets' part into `sockets`. */
function writeSockets(connections: readonly Socket[]): void {
  sockets.clear();
  strings.clear();
  sockets.number(connections.length);
  for (const c of connections) {
    const sourceIsString = c.sourceIp.includes(":");
    const destIsString = c.destIp.includes(":");
    sockets.byte(
      (c.protocol === "UDP" ? UDP : 0) |
        (sourceIsString ? SOURCE_IS_STRING : 0) |
        (destIsString ? DEST_IS_STRING : 0),
    );
    if (sourceIsString) sockets.number(indexOf(c.sourceIp));
    else sockets.ipv4(c.sourceIp);
    if (destIsString) sockets.number(indexOf(c.destIp));
    else sockets.ipv4(c.destIp);
    sockets.port(c.sourcePort);
    sockets.port(c.destPort);
    sockets.number(c.state === null ? 0 : indexOf(c.state) + 1);
    sockets.number(c.processName === null ? 0 : indexOf(c.processName) + 1);
  }
  sockets.number(strings.size);
  for (const text of strings.keys()) sockets.text(text);
}

function indexOf(text: string): number {
  let index = strings.get(text);
  if (index === undefined) strings.set(text, index = strings.size);
  return index;
}

function readSockets(bytes: Uint8Array): Socket[] {
  const input = new Reader(bytes);
  const count = input.number();
  const read: ((texts: readonly string[]) => Socket)[] = [];
  for (let i = 0; i < count; i++) read.push(readSocket(input));
  const texts: string[] = [];
  for (let n = input.number(); n > 0; n--) texts.push(input.text());
  if (!input.atEnd()) throw damaged();
  return read.map((complete) => complete(texts));
}

/** Reads a socket; its strings stand behind all sockets and are put in by the function it answers. */
function readSocket(input: Reader): (texts: readonly string[]) => Socket {
  const flags = input.byte();
  if (flags > ALL_SOCKET_FLAGS) throw damaged();
  const source = flags & SOURCE_IS_STRING ? input.number() : input.ipv4();
  const dest = flags & DEST_IS_STRING ? input.number() : input.ipv4();
  const sourcePort = input.port();
  const destPort = input.port();
  const state = input.number();
  const processName = input.number();
  return (texts) => ({
    protocol: flags & UDP ? "UDP" : "TCP",
    sourceIp: typeof source === "string" ? source : at(texts, source),
    sourcePort,
    destIp: typeof dest === "string" ? dest : at(texts, dest),
    destPort,
    state: state === 0 ? null : at(texts, state - 1),
    processName: processName === 0 ? null : at(texts, processName - 1),
  });
}

function at(texts: readonly string[], index: number): string {
  const text = texts[index];
  if (text === undefined) throw damaged();
  return text;
}

/** Begins `output` with all that stands before the counters. */
function startOutput(base: number, oldestSeenAt: number): void {
  output.clear();
  output.byte(VERSION);
  output.number(sockets.length);
  output.append(sockets.view());
  output.number(base);
  output.number(base - oldestSeenAt);
}

function writeCounters(
  { bytesIn, bytesOut }: Pick<Connection, "bytesIn" | "bytesOut">,
  base: number,
  firstSeenAt: number,
  lastSeenAt: number,
): void {
  output.byte(
    (bytesIn === null ? 0 : HAS_BYTES_IN) |
      (bytesOut === null ? 0 : HAS_BYTES_OUT) |
      (lastSeenAt === base ? 0 : SEEN_BEFORE_BASE),
  );
  if (bytesIn !== null) output.number(bytesIn);
  if (bytesOut !== null) output.number(bytesOut);
  output.number(base - firstSeenAt);
  if (lastSeenAt !== base) output.number(base - lastSeenAt);
}

function readCounters(input: Reader, base: number) {
  const flags = input.byte();
  if (flags > ALL_COUNTER_FLAGS) throw damaged();
  const bytesIn = flags & HAS_BYTES_IN ? input.number() : null;
  const bytesOut = flags & HAS_BYTES_OUT ? input.number() : null;
  const firstSeenAt = base - input.number();
  const lastSeenAt = flags & SEEN_BEFORE_BASE ? base - input.number() : base;
  return { bytesIn, bytesOut, firstSeenAt, lastSeenAt };
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

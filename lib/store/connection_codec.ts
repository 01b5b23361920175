/**
 * Connections packed into bytes: about 30 bytes each where JSON takes 150. A fleet's connections fit
 * into memory that way, and a commit writes a fifth as much.
 *
 * Layout (all numbers LEB128 unless a width is given):
 *   version (1 byte), base time in ms, number of strings, each as length and UTF-8,
 *   number of connections, and for each of them:
 *     flags (1 byte), source and dest address (4 bytes of IPv4, or a string's index),
 *     source and dest port (2 bytes each, big-endian), state and process (string's index + 1, or 0),
 *     bytes in and out where known, base - firstSeenAt, base - lastSeenAt where not 0
 */
import type { TrackedConnection } from "@/lib/domain/connection.ts";
import { isIpv4 } from "@/lib/domain/address.ts";

const VERSION = 1;

const UDP = 1;
const SOURCE_IS_STRING = 2;
const DEST_IS_STRING = 4;
const HAS_BYTES_IN = 8;
const HAS_BYTES_OUT = 16;
const SEEN_BEFORE_BASE = 32;
const ALL_FLAGS = 63;

const encoder = new TextEncoder();
// A byte order mark is part of a text like any other character.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Packs connections. Addresses must be canonical, ports and byte counts in range. */
export function packConnections(
  connections: readonly TrackedConnection[],
): Uint8Array<ArrayBuffer> {
  const strings = new Map<string, number>();
  let base = 0;
  for (const c of connections) {
    base = Math.max(base, c.lastSeenAt, c.firstSeenAt);
    if (!isIpv4(c.sourceIp)) intern(strings, c.sourceIp);
    if (!isIpv4(c.destIp)) intern(strings, c.destIp);
    if (c.state !== null) intern(strings, c.state);
    if (c.processName !== null) intern(strings, c.processName);
  }
  const out = new Writer(64 + connections.length * 40);
  out.byte(VERSION);
  out.number(base);
  out.number(strings.size);
  for (const text of strings.keys()) out.text(text);
  out.number(connections.length);
  for (const c of connections) writeConnection(out, c, strings, base);
  return out.finish();
}

/** The connections that `packConnections` packed. Throws where the bytes are not of its making. */
export function unpackConnections(packed: Uint8Array): TrackedConnection[] {
  const input = new Reader(packed);
  const version = input.byte();
  if (version !== VERSION) {
    throw new Error(`packed connections have unknown version ${version}`);
  }
  const base = input.number();
  const strings: string[] = [];
  for (let n = input.number(); n > 0; n--) strings.push(input.text());
  const connections: TrackedConnection[] = [];
  for (let n = input.number(); n > 0; n--) {
    connections.push(readConnection(input, strings, base));
  }
  if (!input.atEnd()) throw damaged();
  return connections;
}

function intern(strings: Map<string, number>, text: string): void {
  if (!strings.has(text)) strings.set(text, strings.size);
}

function writeConnection(
  out: Writer,
  c: TrackedConnection,
  strings: Map<string, number>,
  base: number,
): void {
  const source = strings.get(c.sourceIp);
  const dest = strings.get(c.destIp);
  out.byte(
    (c.protocol === "UDP" ? UDP : 0) |
      (source === undefined ? 0 : SOURCE_IS_STRING) |
      (dest === undefined ? 0 : DEST_IS_STRING) |
      (c.bytesIn === null ? 0 : HAS_BYTES_IN) |
      (c.bytesOut === null ? 0 : HAS_BYTES_OUT) |
      (c.lastSeenAt === base ? 0 : SEEN_BEFORE_BASE),
  );
  if (source === undefined) out.ipv4(c.sourceIp);
  else out.number(source);
  if (dest === undefined) out.ipv4(c.destIp);
  else out.number(dest);
  out.port(c.sourcePort);
  out.port(c.destPort);
  out.number(c.state === null ? 0 : (strings.get(c.state) ?? -1) + 1);
  out.number(
    c.processName === null ? 0 : (strings.get(c.processName) ?? -1) + 1,
  );
  if (c.bytesIn !== null) out.number(c.bytesIn);
  if (c.bytesOut !== null) out.number(c.bytesOut);
  out.number(base - c.firstSeenAt);
  if (c.lastSeenAt !== base) out.number(base - c.lastSeenAt);
}

function readConnection(
  input: Reader,
  strings: readonly string[],
  base: number,
): TrackedConnection {
  const flags = input.byte();
  if (flags > ALL_FLAGS) throw damaged();
  const address = (flag: number) =>
    flags & flag ? at(strings, input.number()) : input.ipv4();
  const optionalText = () => {
    const index = input.number();
    return index === 0 ? null : at(strings, index - 1);
  };
  // Fields are read in the order in which they were written.
  const sourceIp = address(SOURCE_IS_STRING);
  const destIp = address(DEST_IS_STRING);
  const sourcePort = input.port();
  const destPort = input.port();
  const state = optionalText();
  const processName = optionalText();
  const bytesIn = flags & HAS_BYTES_IN ? input.number() : null;
  const bytesOut = flags & HAS_BYTES_OUT ? input.number() : null;
  const firstSeenAt = base - input.number();
  const lastSeenAt = flags & SEEN_BEFORE_BASE ? base - input.number() : base;
  return {
    protocol: flags & UDP ? "UDP" : "TCP",
    sourceIp,
    sourcePort,
    destIp,
    destPort,
    bytesIn,
    bytesOut,
    state,
    processName,
    firstSeenAt,
    lastSeenAt,
  };
}

function at(strings: readonly string[], index: number): string {
  const text = strings[index];
  if (text === undefined) throw damaged();
  return text;
}

function damaged(cause?: unknown): Error {
  return new Error("packed connections are damaged", { cause });
}

class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. Shifts hold 32 bits only, hence the division. */
  number(value: number): void {
    this.#reserve(8);
    while (value >= 0x80) {
      this.#bytes[this.#length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.#length++] = value;
  }

  port(value: number): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = value >> 8;
    this.#bytes[this.#length++] = value & 0xff;
  }

  ipv4(text: string): void {
    this.#reserve(4);
    let octet = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === 46) {
        this.#bytes[this.#length++] = octet;
        octet = 0;
      } else octet = octet * 10 + code - 48;
    }
    this.#bytes[this.#length++] = octet;
  }

  text(value: string): void {
    const utf8 = encoder.encode(value);
    this.number(utf8.length);
    this.#reserve(utf8.length);
    this.#bytes.set(utf8, this.#length);
    this.#length += utf8.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2 + count);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#position++];
    if (value === undefined) throw damaged();
    return value;
  }

  atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  number(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (!Number.isSafeInteger(value)) throw damaged();
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  port(): number {
    return this.byte() * 256 + this.byte();
  }

  ipv4(): string {
    return `${this.byte()}.${this.byte()}.${this.byte()}.${this.byte()}`;
  }

  text(): string {
    const length = this.number();
    const end = this.#position + length;
    if (end > this.#bytes.length) throw damaged();
    const utf8 = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    try {
      return decoder.decode(utf8);
    } catch (error) {
      throw damaged(error);
    }
  }
}

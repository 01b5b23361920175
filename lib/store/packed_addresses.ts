/**
 * Reads the addresses of packed connections without unpacking them. A search over a fleet passes
 * millions of addresses, so this walks the bytes by hand; connection_codec.ts tells their layout.
 */
import { isUnspecified } from "@/lib/domain/address.ts";
import {
  DEST_IS_STRING,
  SOURCE_IS_STRING,
  UDP,
  VERSION,
} from "@/lib/store/connection_codec.ts";
import { damaged, Reader } from "@/lib/store/bytes.ts";

const EITHER_IS_STRING = SOURCE_IS_STRING | DEST_IS_STRING;
const ADDRESS_CHARACTERS = /^[0-9a-z._~%:-]+$/;
const IPV4_CHARACTERS = /^[0-9.]+$/;
const OCTETS = 4;
const PORTS = 4;
/** Allows no address. */
const NO_OCTETS = new Uint8Array(OCTETS * 256);

/** What packed connections use, each protocol and source address once. */
export interface PackedSources {
  hasTcp: boolean;
  hasUdp: boolean;
  /** Without those that stand for "any address". */
  sourceIps: string[];
}

/** Where the reading of packed sockets stands; every function takes and leaves it between two fields. */
interface Walk {
  bytes: Uint8Array;
  position: number;
}

// Reading never waits for anything, so one of each serves all.
const walk: Walk = { bytes: new Uint8Array(), position: 0 };
const stringIndexes = new Set<number>();
const ipv4s = new Set<number>();

/** What `packed` uses. Throws where the bytes are not of the codec's making. */
export function packedSources(packed: Uint8Array): PackedSources {
  const count = enter(packed);
  let hasTcp = false;
  let hasUdp = false;
  let previous = 0;
  stringIndexes.clear();
  ipv4s.clear();
  for (let i = 0; i < count; i++) {
    const flags = byte();
    if (flags & UDP) hasUdp = true;
    else hasTcp = true;
    if (flags & SOURCE_IS_STRING) stringIndexes.add(number());
    else {
      const ip = ipv4();
      if (ip !== previous) ipv4s.add(previous = ip);
    }
    if (flags & DEST_IS_STRING) number();
    else walk.position += OCTETS;
    skipBehindAddresses();
  }
  const sourceIps = [...ipv4s].filter((ip) => ip !== 0).map(ipv4Text);
  if (stringIndexes.size > 0) {
    for (const text of namedStrings()) {
      if (!isUnspecified(text)) sourceIps.push(text);
    }
  }
  return { hasTcp, hasUdp, sourceIps };
}

/** A search for addresses that a text, in lower case, is part of. */
export class AddressSearch {
  readonly #wanted: string;
  readonly #octets: Uint8Array | null;
  readonly #canBeString: boolean;

  constructor(wanted: string) {
    this.#wanted = wanted;
    this.#octets = octetTable(wanted);
    this.#canBeString = ADDRESS_CHARACTERS.test(wanted);
  }

  /** False where no address at all has the text. */
  get isPossible(): boolean {
    return this.#octets !== null || this.#canBeString;
  }

  /** True where an address of `packed` has the text. Throws where the bytes are not of the codec's making. */
  isIn(packed: Uint8Array): boolean {
    if (packed.length === 0 || !this.isPossible) return false;
    const count = enter(packed);
    const octets = this.#octets ?? NO_OCTETS;
    stringIndexes.clear();
    // In a variable of its own, which the loop holds in a register.
    let at = walk.position;
    for (let i = 0; i < count && at < packed.length; i++) {
      const flags = packed[at++] ?? 0;
      if ((flags & EITHER_IS_STRING) === 0) {
        if (fits(octets, packed, at) || fits(octets, packed, at + OCTETS)) {
          return true;
        }
        at += 2 * OCTETS;
      } else {
        walk.position = at;
        if (this.#isAtNext(flags)) return true;
        at = walk.position;
      }
      at += PORTS;
      while ((packed[at++] ?? 0) >= 0x80);
      while ((packed[at++] ?? 0) >= 0x80);
    }
    if (at >= packed.length) throw damaged();
    walk.position = at;
    return stringIndexes.size > 0 && this.#isInStrings();
  }

  /** The same for a socket of which an address is a string: notes the string for later. */
  #isAtNext(flags: number): boolean {
    for (const isString of [SOURCE_IS_STRING, DEST_IS_STRING]) {
      if (flags & isString) stringIndexes.add(number());
      else {
        if (fits(this.#octets ?? NO_OCTETS, walk.bytes, walk.position)) {
          return true;
        }
        walk.position += OCTETS;
      }
    }
    return false;
  }

  #isInStrings(): boolean {
    if (!this.#canBeString) return false;
    for (const text of namedStrings()) {
      if (!isUnspecified(text) && text.toLowerCase().includes(this.#wanted)) {
        return true;
      }
    }
    return false;
  }
}

/**
 * For each place and value of an octet, which alignments of the wanted text with an IPv4 address it
 * allows, a bit each: `0.5` may lie at the first two octets, the middle two or the last two. Null
 * where no IPv4 address has the text.
 */
function octetTable(wanted: string): Uint8Array | null {
  const parts = wanted.split(".");
  const last = parts.length - 1;
  const isOfOctets = parts.every((part) => part === "" || Number(part) <= 255);
  if (!IPV4_CHARACTERS.test(wanted) || last >= OCTETS || !isOfOctets) {
    return null;
  }
  const table = new Uint8Array(OCTETS * 256);
  for (let start = 0; start + last < OCTETS; start++) {
    for (let place = 0; place < OCTETS; place++) {
      const part = parts[place - start];
      for (let octet = 0; octet < 256; octet++) {
        const text = String(octet);
        if (
          part === undefined ||
          (last === 0
            ? text.includes(part)
            : place === start
            ? text.endsWith(part)
            : place === start + last
            ? text.startsWith(part)
            : text === part)
        ) {
          const at = place * 256 + octet;
          table[at] = (table[at] ?? 0) | (1 << start);
        }
      }
    }
  }
  return table;
}

/** True where the table allows the IPv4 address at `at`, which is not that of "any address". */
function fits(table: Uint8Array, bytes: Uint8Array, at: number): boolean {
  // The middle octets first: a part that must be one of them rules most addresses out. The table is
  // whole, so the zeros stand for nothing: they are for the compiler.
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const middle = (table[256 + b] ?? 0) & (table[512 + c] ?? 0);
  if (middle === 0) return false;
  const a = bytes[at] ?? 0;
  const d = bytes[at + 3] ?? 0;
  return (middle & (table[a] ?? 0) & (table[768 + d] ?? 0)) !== 0 &&
    (a | b | c | d) !== 0;
}

/** Goes to the first socket and answers how many there are. */
function enter(packed: Uint8Array): number {
  walk.bytes = packed;
  walk.position = 0;
  const version = byte();
  if (version !== VERSION) {
    throw new Error(`packed connections have unknown version ${version}`);
  }
  number();
  return number();
}

function byte(): number {
  const value = walk.bytes[walk.position++];
  if (value === undefined) throw damaged();
  return value;
}

/** Lengths, counts and indexes only: they are under 2^28. */
function number(): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const part = byte();
    value |= (part & 0x7f) << shift;
    if (part < 0x80) return value;
  }
  throw damaged();
}

function ipv4(): number {
  return byte() * 0x1000000 + (byte() << 16 | byte() << 8 | byte());
}

function ipv4Text(ip: number): string {
  return `${ip >>> 24}.${ip >>> 16 & 255}.${ip >>> 8 & 255}.${ip & 255}`;
}

/** Ports, state and process. */
function skipBehindAddresses(): void {
  walk.position += PORTS;
  while (byte() >= 0x80);
  while (byte() >= 0x80);
}

/** Behind the last socket: the strings that `stringIndexes` names. */
function* namedStrings(): Iterable<string> {
  const input = new Reader(walk.bytes, walk.position);
  const count = input.number();
  for (let i = 0; i < count; i++) {
    if (stringIndexes.has(i)) yield input.text();
    else input.take(input.number());
  }
}

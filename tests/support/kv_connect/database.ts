/** The entries of a KV Connect server, in memory and sorted by the bytes of their keys. */
import type {
  AtomicWrite,
  Check,
  Entry,
  Mutation,
  ReadRange,
} from "./messages.ts";

interface Kept extends Entry {
  expiresAt: number | null;
}

export class Database {
  readonly #now: () => number;
  /** Keys as text of one character a byte, so that text and bytes have one order. */
  readonly #entries = new Map<string, Kept>();
  #sorted: string[] = [];
  #version = 0n;

  /** `now` tells when entries expire, in ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The number of entries that have not expired. */
  get size(): number {
    this.#expire();
    return this.#entries.size;
  }

  /** The number of commits that held. */
  get commits(): number {
    return Number(this.#version);
  }

  /** The entries of each range, as of one moment. */
  read(ranges: readonly ReadRange[]): Entry[][] {
    this.#expire();
    return ranges.map((range) => this.#range(range));
  }

  /** Makes all the mutations and answers their versionstamp, or null where a check fails: then none. */
  write({ checks, mutations }: AtomicWrite): Uint8Array | null {
    this.#expire();
    if (!checks.every((check) => this.#holds(check))) return null;
    const versionstamp = new Uint8Array(10);
    new DataView(versionstamp.buffer).setBigUint64(0, ++this.#version);
    for (const mutation of mutations) this.#apply(mutation, versionstamp);
    return versionstamp;
  }

  #range({ start, end, limit, reverse }: ReadRange): Entry[] {
    const within = this.#sorted.slice(
      this.#position(textOf(start)),
      this.#position(textOf(end)),
    );
    if (reverse) within.reverse();
    return within.slice(0, limit).map((key) => {
      const entry = this.#entries.get(key);
      if (!entry) throw new Error("a sorted key has no entry");
      return entry;
    });
  }

  #holds({ key, versionstamp }: Check): boolean {
    const entry = this.#entries.get(textOf(key));
    return textOf(entry?.versionstamp ?? new Uint8Array(0)) ===
      textOf(versionstamp);
  }

  #apply(
    { key, value, expiresAt }: Mutation,
    versionstamp: Uint8Array,
  ): void {
    const text = textOf(key);
    const known = this.#entries.has(text);
    if (value) {
      if (!known) this.#sorted.splice(this.#position(text), 0, text);
      // Copies: what came is part of the whole request's bytes.
      const kept = { key: key.slice(), bytes: value.bytes.slice() };
      const { encoding } = value;
      this.#entries.set(text, { ...kept, encoding, versionstamp, expiresAt });
    } else if (known) {
      this.#sorted.splice(this.#position(text), 1);
      this.#entries.delete(text);
    }
  }

  #expire(): void {
    const nowMs = this.#now();
    for (const [text, { expiresAt }] of this.#entries) {
      if (expiresAt === null || expiresAt > nowMs) continue;
      this.#sorted.splice(this.#position(text), 1);
      this.#entries.delete(text);
    }
  }

  /** Where a key is among the sorted ones, or would be. */
  #position(text: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] ?? "") < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

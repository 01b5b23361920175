/** Writing and reading packed bytes. Numbers are LEB128: seven bits a byte, the lowest first. */

const encoder = new TextEncoder();
// A byte order mark is part of a text like any other character.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const DOT = 46;
const ZERO = 48;
/** Up to here, a number can be taken apart by shifts, which hold 32 bits. */
const MAX_SHIFTABLE = 0x7fffffff;

/** Bytes that grow at the end. Clear it to use it again. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    while (value > MAX_SHIFTABLE) {
      bytes[this.#length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    while (value >= 0x80) {
      bytes[this.#length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[this.#length++] = value;
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
      if (code === DOT) {
        this.#bytes[this.#length++] = octet;
        octet = 0;
      } else octet = octet * 10 + code - ZERO;
    }
    this.#bytes[this.#length++] = octet;
  }

  text(value: string): void {
    const utf8 = encoder.encode(value);
    this.number(utf8.length);
    this.append(utf8);
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written so far, valid until the next call. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#bytes.length * 2 + count);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what a Writer wrote; throws where the bytes cannot be of its making. */
export class Reader {
  readonly #bytes: Uint8Array;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  get position(): number {
    return this.#position;
  }

  atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#position++];
    if (value === undefined) throw damaged();
    return value;
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
    const utf8 = this.take(this.number());
    try {
      return decoder.decode(utf8);
    } catch (error) {
      throw damaged(error);
    }
  }

  /** The next `length` bytes, not copied. */
  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw damaged();
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }
}

export function damaged(cause?: unknown): Error {
  return new Error("packed connections are damaged", { cause });
}

/** As much of protobuf's wire format as KV Connect's messages need: varints and length-delimited fields. */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const MAX_VARINT_BYTES = 10;

/** A message that does not follow the wire format or its schema. */
export class ProtobufError extends Error {}

/** One field of a message: a varint, or the bytes of a string, of bytes or of a message within. */
export interface Field {
  number: number;
  value: bigint | Uint8Array;
}

/** The fields of a message in their order on the wire. Throws ProtobufError. */
export function* readFields(message: Uint8Array): Generator<Field> {
  let position = 0;

  const varint = (): bigint => {
    let value = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = message[position++];
      if (byte === undefined) throw new ProtobufError("a varint is cut off");
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ProtobufError("a varint is longer than ten bytes");
  };

  const delimited = (): Uint8Array => {
    const length = Number(varint());
    const start = position;
    const end = start + length;
    if (end > message.length) throw new ProtobufError("a field is cut off");
    position = end;
    return message.subarray(start, end);
  };

  while (position < message.length) {
    const tag = Number(varint());
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) throw new ProtobufError("a field has the number 0");
    if (wireType === VARINT) yield { number, value: varint() };
    else if (wireType === LENGTH_DELIMITED) {
      yield { number, value: delimited() };
    } else throw new ProtobufError(`wire type ${wireType} is not expected`);
  }
}

/** The bytes of a field; throws where it is a varint. */
export function bytesOf({ number, value }: Field): Uint8Array {
  if (typeof value !== "bigint") return value;
  throw new ProtobufError(`field ${number} is a varint, not bytes`);
}

/** The number in a varint, as int64; throws where the field has bytes or is beyond exact numbers. */
export function integerOf({ number, value }: Field): number {
  if (typeof value !== "bigint") {
    throw new ProtobufError(`field ${number} has bytes, not a varint`);
  }
  const integer = Number(BigInt.asIntN(64, value));
  if (Number.isSafeInteger(integer)) return integer;
  throw new ProtobufError(`field ${number} is beyond exact numbers`);
}

/** Puts a message together. Fields that have their default may be left out, as proto3 does. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A varint of a number from 0 on; booleans are 0 and 1. */
  integer(field: number, value: number): this {
    return this.#add(varint(field * 8 + VARINT), varint(value));
  }

  bytes(field: number, value: Uint8Array): this {
    const tag = varint(field * 8 + LENGTH_DELIMITED);
    return this.#add(tag, varint(value.length), value);
  }

  message(field: number, message: MessageWriter): this {
    return this.bytes(field, message.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#length);
    let position = 0;
    for (const part of this.#parts) {
      whole.set(part, position);
      position += part.length;
    }
    return whole;
  }

  #add(...parts: Uint8Array[]): this {
    for (const part of parts) {
      this.#parts.push(part);
      this.#length += part.length;
    }
    return this;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push(rest % 0x80 + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

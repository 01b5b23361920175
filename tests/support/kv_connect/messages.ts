/** KV Connect's messages (denoland/denokv, proto/schema/datapath.proto), as far as this server answers them. */
import {
  bytesOf,
  type Field,
  integerOf,
  MessageWriter,
  ProtobufError,
  readFields,
} from "./protobuf.ts";

export interface ReadRange {
  /** The first key. */
  start: Uint8Array;
  /** The key after the last one. */
  end: Uint8Array;
  limit: number;
  reverse: boolean;
}

export interface Check {
  key: Uint8Array;
  /** Ten bytes; none where the key must not be there. */
  versionstamp: Uint8Array;
}

export interface Mutation {
  key: Uint8Array;
  /** The value and its encoding as they came; null deletes. */
  value: StoredValue | null;
  /** In ms since the epoch; null: never. */
  expiresAt: number | null;
}

export interface StoredValue {
  bytes: Uint8Array;
  /** `ValueEncoding`: V8, LE64 or bytes. The server gives it back and does not look inside. */
  encoding: number;
}

export interface Entry extends StoredValue {
  key: Uint8Array;
  versionstamp: Uint8Array;
}

export interface AtomicWrite {
  checks: Check[];
  mutations: Mutation[];
}

const M_SET = 1;
const M_DELETE = 2;
const SR_SUCCESS = 1;
const AW_SUCCESS = 1;
const AW_CHECK_FAILURE = 2;
const NONE = new Uint8Array(0);

/** Reads a `SnapshotRead`. Throws ProtobufError, as all readers here. */
export function readSnapshotRead(message: Uint8Array): ReadRange[] {
  const ranges: ReadRange[] = [];
  for (const field of readFields(message)) {
    if (field.number === 1) ranges.push(readRange(bytesOf(field)));
  }
  return ranges;
}

function readRange(message: Uint8Array): ReadRange {
  const fields = fieldsOf(message);
  return {
    start: bytesIn(fields, 1),
    end: bytesIn(fields, 2),
    limit: integerIn(fields, 3),
    reverse: integerIn(fields, 4) !== 0,
  };
}

/** Reads an `AtomicWrite`; sums, minima, maxima and queues are refused, since nothing here writes them. */
export function readAtomicWrite(message: Uint8Array): AtomicWrite {
  const write: AtomicWrite = { checks: [], mutations: [] };
  for (const field of readFields(message)) {
    if (field.number === 1) write.checks.push(readCheck(bytesOf(field)));
    if (field.number === 2) write.mutations.push(readMutation(bytesOf(field)));
    if (field.number === 3) throw new ProtobufError("no queues here");
  }
  return write;
}

function readCheck(message: Uint8Array): Check {
  const fields = fieldsOf(message);
  return { key: bytesIn(fields, 1), versionstamp: bytesIn(fields, 2) };
}

function readMutation(message: Uint8Array): Mutation {
  const fields = fieldsOf(message);
  const type = integerIn(fields, 3);
  if (type !== M_SET && type !== M_DELETE) {
    throw new ProtobufError(`no mutations of type ${type} here`);
  }
  const value = fieldsOf(bytesIn(fields, 2));
  const expiresAt = integerIn(fields, 4);
  return {
    key: bytesIn(fields, 1),
    value: type === M_DELETE
      ? null
      : { bytes: bytesIn(value, 1), encoding: integerIn(value, 2) },
    expiresAt: expiresAt > 0 ? expiresAt : null,
  };
}

/** Writes a `SnapshotReadOutput` of one list of entries a range. */
export function writeSnapshotReadOutput(
  ranges: readonly Entry[][],
): Uint8Array<ArrayBuffer> {
  const output = new MessageWriter();
  for (const entries of ranges) {
    const range = new MessageWriter();
    for (const { key, bytes, encoding, versionstamp } of entries) {
      range.message(
        1,
        new MessageWriter().bytes(1, key).bytes(2, bytes)
          .integer(3, encoding).bytes(4, versionstamp),
      );
    }
    output.message(1, range);
  }
  const stronglyConsistent = 1;
  return output.integer(4, stronglyConsistent).integer(8, SR_SUCCESS).finish();
}

/** Writes an `AtomicWriteOutput`; null for a versionstamp: a check failed. */
export function writeAtomicWriteOutput(
  versionstamp: Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  const output = new MessageWriter();
  if (!versionstamp) return output.integer(1, AW_CHECK_FAILURE).finish();
  return output.integer(1, AW_SUCCESS).bytes(2, versionstamp).finish();
}

/** The fields by their numbers; the last one of a number counts. */
function fieldsOf(message: Uint8Array): Map<number, Field> {
  return new Map(readFields(message).map((field) => [field.number, field]));
}

function bytesIn(fields: Map<number, Field>, number: number): Uint8Array {
  const field = fields.get(number);
  return field ? bytesOf(field) : NONE;
}

function integerIn(fields: Map<number, Field>, number: number): number {
  const field = fields.get(number);
  return field ? integerOf(field) : 0;
}

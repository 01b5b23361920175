/**
 * What one request to a KV Connect server may hold: the numbers of the self-hosted denokv
 * (denoland/denokv, proto/limits.rs). Keys and values have the limits of its first releases, which
 * are also those of Deno's client; later ones take more. Ten checks a commit is a tenth of what
 * Deno's client and its local files take.
 */
import type { AtomicWrite, ReadRange } from "./messages.ts";

export const MAX_WRITE_KEY_BYTES = 2_048;
// The end of a range may have one byte more than the last key in it.
const MAX_READ_KEY_BYTES = MAX_WRITE_KEY_BYTES + 1;
const MAX_VALUE_BYTES = 65_536;
const MAX_READ_RANGES = 10;
const MAX_READ_ENTRIES = 1_000;
export const MAX_CHECKS = 10;
const MAX_MUTATIONS = 1_000;
const MAX_WRITE_BYTES = 819_200;
const VERSIONSTAMP_BYTES = 10;

/** A request that asks for more than a limit allows. */
export class LimitError extends Error {}

/** Throws LimitError where a read is larger than denokv answers. */
export function limitRead(ranges: readonly ReadRange[]): void {
  if (ranges.length > MAX_READ_RANGES) {
    throw new LimitError("Too many read ranges requested in one read request.");
  }
  let entries = 0;
  for (const { start, end, limit } of ranges) {
    if (limit <= 0) {
      throw new LimitError("The read range limit of the request is invalid.");
    }
    limitKey(start, MAX_READ_KEY_BYTES);
    limitKey(end, MAX_READ_KEY_BYTES);
    entries += limit;
  }
  if (entries > MAX_READ_ENTRIES) {
    throw new LimitError("The read request asks for too many entries.");
  }
}

/** Throws LimitError where a write is larger than denokv takes. */
export function limitWrite({ checks, mutations }: AtomicWrite): void {
  if (checks.length > MAX_CHECKS) {
    throw new LimitError("Too many checks included in atomic write.");
  }
  if (mutations.length > MAX_MUTATIONS) {
    throw new LimitError("Too many mutations included in atomic write.");
  }
  let total = 0;
  for (const { key, versionstamp } of checks) {
    limitKey(key, MAX_READ_KEY_BYTES);
    if (![0, VERSIONSTAMP_BYTES].includes(versionstamp.length)) {
      throw new LimitError("Invalid versionstamp.");
    }
    total += key.length;
  }
  for (const { key, value } of mutations) {
    limitKey(key, MAX_WRITE_KEY_BYTES);
    const size = value?.bytes.length ?? 0;
    if (size > MAX_VALUE_BYTES) {
      throw new LimitError("A value exceeds the value size limit.");
    }
    total += key.length + size;
  }
  if (total > MAX_WRITE_BYTES) {
    throw new LimitError("The total size of the atomic write is too large.");
  }
}

function limitKey(key: Uint8Array, maxBytes: number): void {
  if (key.length > maxBytes) {
    throw new LimitError("A key exceeds the key size limit.");
  }
}

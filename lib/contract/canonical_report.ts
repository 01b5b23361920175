/**
 * The short way through validation. Our agents send reports in the very form that `reportRequest`
 * would bring them to, so for these it is enough to see that they are in that form: no copies, a tenth
 * of the schema's time. Whatever is not takes the schema's way, which alone normalises and refuses.
 */
import type { Report } from "@/lib/contract/monitor.ts";
import { canonicalIp, isIpv4 } from "@/lib/domain/address.ts";
import type { Connection } from "@/lib/domain/connection.ts";
import {
  MAX_INTERVAL_SECONDS,
  MIN_INTERVAL_SECONDS,
} from "@/lib/domain/device_status.ts";
import {
  MAX_CONNECTIONS_PER_REPORT,
  MAX_PORT,
  MAX_PROCESS_NAME_LENGTH,
  MAX_STATE_LENGTH,
} from "@/lib/domain/limits.ts";

const MAX_ID_LENGTH = 64;
const SPACE = 0x20;
const TILDE = 0x7e;

type Unchecked<T> = { [K in keyof T]?: unknown };

/** The report, where `value` is one in canonical form; else null, and the schema must look at it. */
export function readCanonicalReport(value: unknown): Report | null {
  if (!isObject<Report>(value)) return null;
  const { deviceId, session, sequence, intervalSeconds, connections } = value;
  const scannedAt = canonicalTime(value.scannedAt);
  if (
    scannedAt === null || !isId(deviceId) ||
    !(value.token === undefined || typeof value.token === "string") ||
    !(session === undefined || isId(session)) || !isCount(sequence) ||
    !isInterval(intervalSeconds) || !isConnectionList(connections)
  ) return null;
  return {
    deviceId,
    session,
    sequence,
    scannedAt,
    intervalSeconds,
    connections,
  };
}

function isObject<T>(value: unknown): value is Unchecked<T> {
  return typeof value === "object" && value !== null;
}

/** The time of an ISO 8601 text as JavaScript writes it. */
function canonicalTime(value: unknown): number | null {
  if (typeof value !== "string" || value.length !== 24) return null;
  const ms = Date.parse(value);
  return ms >= 0 && new Date(ms).toISOString() === value ? ms : null;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 &&
    value.length <= MAX_ID_LENGTH;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isInterval(value: unknown): value is number {
  return typeof value === "number" && value >= MIN_INTERVAL_SECONDS &&
    value <= MAX_INTERVAL_SECONDS;
}

function isConnectionList(value: unknown): value is Connection[] {
  if (!Array.isArray(value) || value.length > MAX_CONNECTIONS_PER_REPORT) {
    return false;
  }
  for (let i = 0; i < value.length; i++) {
    if (!isCanonicalConnection(value[i])) return false;
  }
  return true;
}

function isCanonicalConnection(value: unknown): value is Connection {
  return isObject<Connection>(value) &&
    (value.protocol === "TCP" || value.protocol === "UDP") &&
    isCanonicalIp(value.sourceIp) && isPort(value.sourcePort) &&
    isCanonicalIp(value.destIp) && isPort(value.destPort) &&
    (value.bytesIn === null || isCount(value.bytesIn)) &&
    (value.bytesOut === null || isCount(value.bytesOut)) &&
    isPlainWord(value.state, MAX_STATE_LENGTH) &&
    isPlainWord(value.processName, MAX_PROCESS_NAME_LENGTH);
}

function isCanonicalIp(value: unknown): value is string {
  return typeof value === "string" &&
    (isIpv4(value) || canonicalIp(value) === value);
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 &&
    Number(value) <= MAX_PORT;
}

/** Printable ASCII without a space at either end, or null: a word that needs no cleaning. */
function isPlainWord(value: unknown, maxLength: number): boolean {
  if (value === null) return true;
  if (typeof value !== "string") return false;
  const last = value.length - 1;
  if (last < 0 || last >= maxLength) return false;
  for (let i = 0; i <= last; i++) {
    const code = value.charCodeAt(i);
    if (code < SPACE || code > TILDE) return false;
  }
  return value.charCodeAt(0) !== SPACE && value.charCodeAt(last) !== SPACE;
}

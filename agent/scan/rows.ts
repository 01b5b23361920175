import { MAX_PROCESS_NAME_LENGTH } from "@/lib/domain/limits.ts";
import { canonicalIp, isIpv4, isUnspecified } from "@/lib/domain/address.ts";
import {
  type Connection,
  connectionKey,
  type SocketState,
} from "@/lib/domain/connection.ts";

/** A parsed listing: its rows, and what could not be read. */
export interface Parsed<Row = Connection> {
  rows: Row[];
  warnings: string[];
}

/** A row whose listing gives its program as a number: a process id, or a socket's inode. */
export interface OwnedConnection extends Connection {
  ownerId: number | null;
}

/** One end of a socket. */
export interface Endpoint {
  ip: string;
  port: number;
}

const MAX_SAMPLE_LENGTH = 80;

/**
 * An address with its port, as the systems print them: `10.0.0.5:443`, `[::1]:443`, `::1:443`,
 * `fe80::1%lo0.443`, `[fe80::1]%eth0:443`, `*:*`. Null where it is none.
 *
 * A socket bound to an interface has a zone too (`0.0.0.0%eth0:68`); it is kept only where the
 * address is IPv6 and specified, since elsewhere it is no part of the address (RFC 4007 section 6).
 *
 * @param separator what stands between address and port
 * @param anyIp what `*` means: `0.0.0.0` or `::`
 */
export function parseEndpoint(
  text: string,
  separator: ":" | ".",
  anyIp: string,
): Endpoint | null {
  const end = text.lastIndexOf(separator);
  const port = parsePort(text.slice(end + 1));
  if (end < 1 || port === null) return null;
  const ip = parseHost(text.slice(0, end), anyIp);
  return ip === null ? null : { ip, port };
}

function parsePort(text: string): number | null {
  if (text === "*") return 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return port <= 65_535 ? port : null;
}

function parseHost(text: string, anyIp: string): string | null {
  const [address = "", zone] = text.replace(/[[\]]/g, "").split("%", 2);
  const ip = address === "*" ? anyIp : canonicalIp(address);
  if (ip === null || !zone || isIpv4(ip) || isUnspecified(ip)) return ip;
  return canonicalIp(`${ip}%${zone}`) ?? ip;
}

/** A count of bytes; null where the text is none, or larger than a number holds exactly. */
export function parseCount(text: string | undefined): number | null {
  const count = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : null;
}

/** A program's name as the contract takes it; null where there is none. */
export function parseProcessName(text: string | undefined): string | null {
  const name = (text ?? "").trim().slice(0, MAX_PROCESS_NAME_LENGTH);
  return name.toWellFormed().replace(/\p{Cc}/gu, "\ufffd").trim() || null;
}

/** A row; what is not given is unknown. */
export function connectionOf(
  protocol: "TCP" | "UDP",
  source: Endpoint,
  dest: Endpoint,
  known: {
    state: SocketState | null;
    bytesIn?: number | null;
    bytesOut?: number | null;
    processName?: string | null;
  },
): Connection {
  return {
    protocol,
    sourceIp: source.ip,
    sourcePort: source.port,
    destIp: dest.ip,
    destPort: dest.port,
    bytesIn: known.bytesIn ?? null,
    bytesOut: known.bytesOut ?? null,
    state: known.state,
    processName: known.processName ?? null,
  };
}

/** The state of a UDP socket: systems that name none still show whether it has a peer. */
export function udpState(dest: Endpoint): SocketState {
  return dest.port === 0 && isUnspecified(dest.ip) ? "UNCONN" : "ESTABLISHED";
}

/** The rows with the names of their programs in place of the owners' numbers. */
export function nameOwners(
  rows: readonly OwnedConnection[],
  names: ReadonlyMap<number, string>,
): Connection[] {
  return rows.map(({ ownerId, ...row }) => ({
    ...row,
    processName: row.processName ??
      (ownerId === null ? null : names.get(ownerId) ?? null),
  }));
}

/**
 * One row an identity. Systems list several sockets of one identity, such as listeners that share
 * a port by SO_REUSEPORT; the first counts, and takes what only a later one knows.
 */
export function mergeTwins(rows: readonly Connection[]): Connection[] {
  const merged = new Map<string, Connection>();
  for (const row of rows) {
    const key = connectionKey(row);
    const twin = merged.get(key);
    if (twin === undefined) merged.set(key, { ...row });
    else {
      twin.bytesIn ??= row.bytesIn;
      twin.bytesOut ??= row.bytesOut;
      twin.state ??= row.state;
      twin.processName ??= row.processName;
    }
  }
  return [...merged.values()];
}

/** Lines of text, whatever ends them, without a byte order mark. */
export function linesOf(text: string): string[] {
  return text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
}

/**
 * The warning for lines that should have been rows; none for no line. It reads the same for any
 * number of lines, so that a log can drop it when it repeats.
 */
export function unreadWarnings(
  source: string,
  unread: readonly string[],
  what = "that could not be read",
): string[] {
  const [first] = unread;
  if (first === undefined) return [];
  const sample = first.trim().slice(0, MAX_SAMPLE_LENGTH).toWellFormed();
  return [
    `${source}: lines ${what}: ${unread.length}, such as ${
      JSON.stringify(sample)
    }`,
  ];
}

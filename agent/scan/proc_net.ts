import {
  connectionOf,
  type Endpoint,
  linesOf,
  type OwnedConnection,
  type Parsed,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import { canonicalIp } from "@/lib/domain/address.ts";
import type { SocketState } from "@/lib/domain/connection.ts";

/** The kernel's tables of TCP and UDP sockets, in the order in which they are read. */
export const PROC_NET_PATHS = [
  "/proc/net/tcp",
  "/proc/net/tcp6",
  "/proc/net/udp",
  "/proc/net/udp6",
];

/** By number, as include/net/tcp_states.h has them; 12 is a request not yet accepted. */
const STATES: readonly (SocketState | null)[] = [
  null,
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECEIVED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "TIME_WAIT",
  "CLOSED",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "SYN_RECEIVED",
];
const ESTABLISHED = 1;

const END = /([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})/.source;
// sl, local and remote end, state, queues, timer, retransmits, uid, timeout, inode.
const ROW = new RegExp(
  `^\\s*\\d+: ${END} ${END} ([0-9A-F]{2}) \\S+ \\S+ \\S+\\s+\\d+\\s+\\d+ (\\d+)`,
  "i",
);

/**
 * Parses the text of /proc/net/{tcp,tcp6,udp,udp6} (Documentation/networking/proc_net_tcp.rst), one
 * table or several in a row; the header line of each tells TCP from UDP. The owner's number is the
 * socket's inode. These tables hold no byte counts.
 */
export function parseProcNet(text: string): Parsed<OwnedConnection> {
  const rows: OwnedConnection[] = [];
  const unread: string[] = [];
  let protocol: "TCP" | "UDP" | null = null;
  for (const line of linesOf(text)) {
    if (line.trim() === "") continue;
    if (/^\s*sl\b/.test(line)) {
      protocol = /\bdrops\b/.test(line) ? "UDP" : "TCP";
      continue;
    }
    const row = protocol === null ? null : parseRow(line, protocol);
    if (row !== null) rows.push(row);
    else unread.push(line);
  }
  return { rows, warnings: unreadWarnings("/proc/net", unread) };
}

function parseRow(
  line: string,
  protocol: "TCP" | "UDP",
): OwnedConnection | null {
  const fields = line.match(ROW)?.slice(1);
  if (!fields) return null;
  const [ip = "", port = "", peerIp = "", peerPort = "", st = "", inode = ""] =
    fields;
  const source = parseEnd(ip, port);
  const dest = parseEnd(peerIp, peerPort);
  if (source === null || dest === null) return null;
  const number = parseInt(st, 16);
  const state = protocol === "TCP"
    ? STATES[number] ?? null
    : number === ESTABLISHED
    ? "ESTABLISHED"
    : "UNCONN";
  return {
    ...connectionOf(protocol, source, dest, { state }),
    // Sockets that have lost their program, as in TIME_WAIT, have inode 0.
    ownerId: Number(inode) || null,
  };
}

function parseEnd(hexIp: string, hexPort: string): Endpoint | null {
  const ip = canonicalIp(addressText(hexIp));
  return ip === null ? null : { ip, port: parseInt(hexPort, 16) };
}

/**
 * An address from its 32-bit words, each of which the kernel prints in the host's byte order; the
 * machines that Deno runs on are all little-endian.
 */
function addressText(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
  const inOrder = bytes.map((_, i) => bytes[(i & ~3) + 3 - (i & 3)] ?? 0);
  if (inOrder.length === 4) return inOrder.join(".");
  const groups: string[] = [];
  for (let i = 0; i < inOrder.length; i += 2) {
    groups.push(((inOrder[i] ?? 0) * 256 + (inOrder[i + 1] ?? 0)).toString(16));
  }
  return groups.join(":");
}

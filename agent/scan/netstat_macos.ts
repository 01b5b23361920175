import {
  connectionOf,
  linesOf,
  type OwnedConnection,
  parseCount,
  type Parsed,
  parseEndpoint,
  parseProcessName,
  udpState,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import { isIpv4 } from "@/lib/domain/address.ts";
import { SOCKET_STATES, type SocketState } from "@/lib/domain/connection.ts";

/**
 * All sockets, numeric, with owner (`-v`), bytes (`-b`, which older versions want for them) and
 * addresses in full (`-l`); `-p` takes one protocol.
 */
export const NETSTAT_MACOS_ARGS = [["-anvbl", "-p", "tcp"], [
  "-anvbl",
  "-p",
  "udp",
]];

/** Without `-l`, netstat cuts an IPv6 address after this many characters. */
const CUT_ADDRESS_LENGTH = 16;
/** With `-l`, the local address takes this many columns. */
const FULL_ADDRESS_WIDTH = 45;

// Proto, Recv-Q, Send-Q, local and foreign address, and the rest.
const ROW =
  /^\s*(tcp|udp)(4|6|46)?\s+\d+\s+\d+\s+((\S+)\s+)(\S+)(?:\s+(.*))?$/i;

/**
 * Parses `netstat -anvb` of macOS (Apple's network_cmds, netstat.tproj/inet.c).
 *
 * Its columns changed: byte counts stand there where the header has `rxbytes`; the owner is `pid`
 * and `epid` up to macOS 14, and `process:pid` since, with the name cut at 16 characters. An IPv6
 * address that may have been cut is dropped with a warning: it would be somebody else's.
 */
export function parseNetstatMacos(text: string): Parsed<OwnedConnection> {
  const rows: OwnedConnection[] = [];
  const unread: string[] = [];
  const cut: string[] = [];
  let hasBytes = false;
  for (const line of linesOf(text)) {
    if (/^\s*Proto\b/.test(line)) hasBytes = /\brxbytes\b/.test(line);
    if (!/^\s*(tcp|udp)/i.test(line)) continue;
    const row = parseRow(line, hasBytes);
    if (row === "unbound") continue;
    if (row === "cut") cut.push(line);
    else if (row === null) unread.push(line);
    else rows.push(row);
  }
  return {
    rows,
    warnings: [
      ...unreadWarnings("netstat", unread),
      ...unreadWarnings("netstat", cut, "with an address cut short"),
    ],
  };
}

function parseRow(
  line: string,
  hasBytes: boolean,
): OwnedConnection | "cut" | "unbound" | null {
  const fields = line.match(ROW)?.slice(1);
  if (!fields) return null;
  const [proto, family, localColumn = "", local = "", foreign = "", rest = ""] =
    fields;
  if (local === "*.*" && foreign === "*.*") return "unbound";
  const isFull = localColumn.length > FULL_ADDRESS_WIDTH;
  if (!isFull && [local, foreign].some(mayBeCut)) return "cut";
  const anyIp = family === "4" ? "0.0.0.0" : "::";
  const source = parseEndpoint(local, ".", anyIp);
  const dest = parseEndpoint(foreign, ".", anyIp);
  if (source === null || dest === null) return null;
  const protocol = proto?.toLowerCase() === "udp" ? "UDP" : "TCP";
  const [stateWord, numbers] = protocol === "UDP"
    ? ["", rest]
    : splitFirstWord(rest);
  const { ownerId, ...known } = parseNumbers(numbers, hasBytes);
  const state = protocol === "UDP" ? udpState(dest) : parseState(stateWord);
  return {
    ...connectionOf(protocol, source, dest, { ...known, state }),
    ownerId,
  };
}

function mayBeCut(end: string): boolean {
  const address = end.slice(0, end.lastIndexOf("."));
  return address.length === CUT_ADDRESS_LENGTH && !isIpv4(address);
}

function splitFirstWord(text: string): [string, string] {
  const [, word = "", rest = ""] = text.match(/^(\S*)\s*(.*)$/) ?? [];
  return [word, rest];
}

function parseState(word: string): SocketState | null {
  if (word === "SYN_RCVD") return "SYN_RECEIVED";
  return SOCKET_STATES.find((state) => state === word) ?? null;
}

// rhiwat, shiwat, then the owner in either of its forms, then the socket's state in hex.
const OWNER =
  /^\d+\s+\d+\s+(?:(\d+)\s+\d+|(\S.*?)?:(\d+))(?:\s+(?:0x)?[0-9a-f]+\b|\s*$)/i;

function parseNumbers(text: string, hasBytes: boolean) {
  const [, rx, tx] = hasBytes ? text.match(/^(\d+)\s+(\d+)/) ?? [] : [];
  const afterBytes = hasBytes ? text.replace(/^\d+\s+\d+\s+/, "") : text;
  const [, pid, name, namedPid] = afterBytes.match(OWNER) ?? [];
  return {
    bytesIn: parseCount(rx),
    bytesOut: parseCount(tx),
    // Process 0 is the kernel: nobody owns the socket any more.
    ownerId: parseCount(pid ?? namedPid) || null,
    processName: parseProcessName(name),
  };
}

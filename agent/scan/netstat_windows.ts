import {
  connectionOf,
  linesOf,
  type OwnedConnection,
  type Parsed,
  parseEndpoint,
  udpState,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import { isUnspecified } from "@/lib/domain/address.ts";
import { SOCKET_STATES, type SocketState } from "@/lib/domain/connection.ts";

/** All sockets, numeric, with the owner's process id. */
export const NETSTAT_WINDOWS_ARGS = ["-ano"];

/**
 * Windows' words for TCP's states. Most languages keep the English ones; German has its own. Words
 * of other languages give an unknown state, unless the row's shape tells that it listens.
 */
const WORDS: Readonly<Record<string, SocketState>> = {
  LISTENING: "LISTEN",
  SYN_RECV: "SYN_RECEIVED",
  HERGESTELLT: "ESTABLISHED",
  WARTEND: "TIME_WAIT",
  SCHLIESSEN_WARTEN: "CLOSE_WAIT",
  SCHLIESSEND: "CLOSING",
  FIN_WARTEN_1: "FIN_WAIT_1",
  FIN_WARTEN_2: "FIN_WAIT_2",
  SYN_GESENDET: "SYN_SENT",
};

// Protocol, both ends, the state (which an unknown language may write in several words), the owner.
const ROW = /^\s*(TCP|UDP)(?:v[46])?\s+(\S+)\s+(\S+)(.*?)(?:\s+(\d+))?\s*$/i;

/**
 * Parses `netstat -ano` of Windows in any language: rows are known by their columns, never by
 * words, and a listening socket by its peer, `0.0.0.0:0` or `[::]:0`. There are no byte counts.
 */
export function parseNetstatWindows(text: string): Parsed<OwnedConnection> {
  const rows: OwnedConnection[] = [];
  const unread: string[] = [];
  for (const line of linesOf(text)) {
    const fields = line.match(ROW);
    if (!fields) continue;
    const row = parseRow(fields.slice(1));
    if (row !== null) rows.push(row);
    else unread.push(line);
  }
  return { rows, warnings: unreadWarnings("netstat", unread) };
}

function parseRow(fields: (string | undefined)[]): OwnedConnection | null {
  const [proto = "", local = "", foreign = "", stateWord = "", pid] = fields;
  const source = parseEndpoint(local, ":", "0.0.0.0");
  if (source === null) return null;
  const anyIp = source.ip.includes(":") ? "::" : "0.0.0.0";
  const dest = parseEndpoint(foreign, ":", anyIp);
  if (dest === null) return null;
  const protocol = proto.toUpperCase() === "UDP" ? "UDP" : "TCP";
  const isListener = dest.port === 0 && isUnspecified(dest.ip);
  const state = protocol === "UDP"
    ? udpState(dest)
    : isListener
    ? "LISTEN"
    : parseState(stateWord);
  return {
    ...connectionOf(protocol, source, dest, { state }),
    // Process 0 is nobody: it stands beside sockets in TIME_WAIT.
    ownerId: Number(pid) || null,
  };
}

function parseState(text: string): SocketState | null {
  const word = text.trim().toUpperCase().replace(/\s+/g, "_");
  return WORDS[word] ?? SOCKET_STATES.find((state) => state === word) ?? null;
}

import {
  connectionOf,
  linesOf,
  type OwnedConnection,
  type Parsed,
  parseEndpoint,
  parseProcessName,
  udpState,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import { SOCKET_STATES, type SocketState } from "@/lib/domain/connection.ts";

/**
 * Internet sockets, numeric, with the command's name in full (`+c0`), one field a line: process id,
 * command, file, family, protocol, name, and TCP's state.
 */
export const LSOF_ARGS = ["-nP", "-i", "+c0", "-F", "pcftPnT"];

/** Where lsof and others say the same in other words than ours. */
const OTHER_STATES: Readonly<Record<string, SocketState>> = {
  SYN_RCVD: "SYN_RECEIVED",
  SYN_RECV: "SYN_RECEIVED",
  FIN_WAIT1: "FIN_WAIT_1",
  FIN_WAIT2: "FIN_WAIT_2",
  CLOSE: "CLOSED",
};

/** What lsof tells of one open socket. */
interface Entry {
  pid: number;
  command: string;
  family: string;
  protocol: string;
  name: string;
  state: string;
}

/**
 * Parses `lsof -nP -i`, its table or its `-F` output (man 8 lsof, "OUTPUT FOR OTHER PROGRAMS"),
 * which the first process line tells apart. lsof knows no byte counts, and without root it sees the
 * user's own processes only.
 */
export function parseLsof(text: string): Parsed<OwnedConnection> {
  const lines = linesOf(text);
  const isFields = lines.some((line) => /^p\d+$/.test(line));
  const entries = isFields ? readFields(lines) : readTable(lines);
  const rows: OwnedConnection[] = [];
  const unread: string[] = [];
  for (const entry of entries) {
    // An unbound socket, or one of another protocol such as ICMP.
    if (entry.name.startsWith("*:*") || !/^(TCP|UDP)$/.test(entry.protocol)) {
      continue;
    }
    const row = toRow(entry);
    if (row !== null) rows.push(row);
    else unread.push(entry.name);
  }
  return { rows, warnings: unreadWarnings("lsof", unread) };
}

/** Each line is a field: its letter, then its value. `p` begins a process, `f` a file of it. */
function readFields(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  let owner = { pid: 0, command: "" };
  let file = new Map<string, string>();
  const finishFile = () => {
    const name = file.get("n");
    if (name !== undefined) {
      entries.push({
        ...owner,
        name,
        family: file.get("t") ?? "",
        protocol: file.get("P") ?? "",
        state: file.get("T") ?? "",
      });
    }
    file = new Map();
  };
  for (const line of lines) {
    const field = line.charAt(0);
    const value = line.slice(1);
    if (field === "p") {
      finishFile();
      owner = { pid: Number(value) || 0, command: "" };
    } else if (field === "c") owner = { ...owner, command: value };
    else if (field === "T") {
      // TCP's state is one of several such fields; others hold the queues.
      if (value.startsWith("ST=")) file.set("T", value.slice(3));
    } else {
      if (field === "f") finishFile();
      file.set(field, value);
    }
  }
  finishFile();
  return entries;
}

// COMMAND PID [TID TASKCMD] USER FD TYPE DEVICE SIZE/OFF NODE NAME [(STATE)]
const TABLE_ROW =
  /^(\S+)\s+(\d+)\s+.*?\s(IPv[46])\s+\S+\s+\S+\s+([A-Z0-9]+)\s+(\S+)(?:\s+\((\w+)\))?\s*$/;

function readTable(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  for (const line of lines) {
    const fields = line.match(TABLE_ROW);
    if (!fields) continue;
    const [, command = "", pid, family = "", protocol = "", name = "", state] =
      fields;
    entries.push({
      pid: Number(pid),
      command,
      family,
      protocol,
      name,
      state: state ?? "",
    });
  }
  return entries;
}

function toRow(entry: Entry): OwnedConnection | null {
  const anyIp = entry.family === "IPv4" ? "0.0.0.0" : "::";
  const [local = "", foreign = "*:*"] = entry.name.split("->");
  const source = parseEndpoint(withZone(local), ":", anyIp);
  const dest = parseEndpoint(withZone(foreign), ":", anyIp);
  if (source === null || dest === null) return null;
  const protocol = entry.protocol === "UDP" ? "UDP" : "TCP";
  const state = protocol === "UDP" ? udpState(dest) : parseState(entry.state);
  const processName = parseProcessName(unescape(entry.command));
  return {
    ...connectionOf(protocol, source, dest, { state, processName }),
    ownerId: entry.pid || null,
  };
}

function parseState(word: string): SocketState | null {
  return OTHER_STATES[word] ?? SOCKET_STATES.find((state) => state === word) ??
    null;
}

/**
 * BSD kernels keep the zone of a link-local address in its second group, and lsof shows it there:
 * `fe80:4::1` is `fe80::1%4`.
 */
function withZone(end: string): string {
  return end.replace(
    /^\[fe80:([0-9a-f]{1,4})::([0-9a-f:]*)\]/i,
    (_, zone: string, rest: string) => `[fe80::${rest}%${parseInt(zone, 16)}]`,
  );
}

/** lsof writes what is no printable ASCII, and blanks in a table, as `\xHH` bytes of UTF-8. */
function unescape(command: string): string {
  if (!command.includes("\\x")) return command;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of command.split(/(\\x[0-9a-fA-F]{2})/)) {
    const hex = part.match(/^\\x([0-9a-fA-F]{2})$/)?.[1];
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else bytes.push(...encoder.encode(part));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

import {
  connectionOf,
  linesOf,
  parseCount,
  type Parsed,
  parseEndpoint,
  parseProcessName,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import type { Connection, SocketState } from "@/lib/domain/connection.ts";

/**
 * TCP and UDP, numeric, all states, tcp_info, programs. Without `-H` and `-O`, which older
 * versions refuse: the parser knows the header, and joins the lines that `-i` breaks.
 */
export const SS_ARGS = ["-tunaip"];

const STATES: Readonly<Record<string, SocketState>> = {
  "LISTEN": "LISTEN",
  "SYN-SENT": "SYN_SENT",
  "SYN-RECV": "SYN_RECEIVED",
  "ESTAB": "ESTABLISHED",
  "FIN-WAIT-1": "FIN_WAIT_1",
  "FIN-WAIT-2": "FIN_WAIT_2",
  "CLOSE-WAIT": "CLOSE_WAIT",
  "CLOSING": "CLOSING",
  "LAST-ACK": "LAST_ACK",
  "TIME-WAIT": "TIME_WAIT",
  "UNCONN": "CLOSED",
};

/**
 * Parses `ss -tunaip` of iproute2 (man 8 ss).
 *
 * Bytes come from the kernel's tcp_info (include/uapi/linux/tcp.h). In: bytes_received. Out:
 * bytes_sent, which counts what went onto the link, sent again or not; bytes_acked where the
 * system is too old for it (Linux before 4.19). ss leaves out counts that are zero, so a missing
 * count is zero where tcp_info is new enough to have it, and unknown elsewhere. UDP has none.
 */
export function parseSs(text: string): Parsed {
  const anyIp = meaningOfStar(text);
  const rows: Connection[] = [];
  const unread: string[] = [];
  for (const { line, tcpInfo } of records(text)) {
    const row = parseRecord(line, tcpInfo, anyIp);
    if (row !== null) rows.push(row);
    else unread.push(line);
  }
  return { rows, warnings: unreadWarnings("ss", unread) };
}

/**
 * What `*` stands for. Since iproute2 4.14 it is a socket of both families, IPv4's wildcard is
 * written out and IPv6 stands in brackets; before, it was IPv4's wildcard.
 */
function meaningOfStar(text: string): string {
  return text.includes("[") || text.includes("0.0.0.0") ? "::" : "0.0.0.0";
}

/** The listing's records: a line, and what the lines below it tell that begin with a tab. */
function records(text: string): { line: string; tcpInfo: string }[] {
  const found: { line: string; tcpInfo: string }[] = [];
  for (const line of linesOf(text)) {
    const latest = found.at(-1);
    if (line.trim() === "" || line.startsWith("Netid")) continue;
    if (!/^\s/.test(line)) found.push({ line, tcpInfo: "" });
    else if (latest !== undefined) latest.tcpInfo += line;
  }
  return found;
}

function parseRecord(
  line: string,
  tcpInfo: string,
  anyIp: string,
): Connection | null {
  const [netid, stateWord = "", , , local = "", peer = ""] = line.split(/\s+/);
  const source = parseEndpoint(local, ":", anyIp);
  const dest = parseEndpoint(peer, ":", anyIp);
  if (source === null || dest === null) return null;
  const processName = parseUsers(line);
  if (netid === "udp") {
    const state = stateWord === "ESTAB" ? "ESTABLISHED" : "UNCONN";
    return connectionOf("UDP", source, dest, { state, processName });
  }
  if (netid !== "tcp") return null;
  const state = STATES[stateWord] ?? null;
  return connectionOf("TCP", source, dest, {
    state,
    processName,
    ...parseBytes(tcpInfo),
  });
}

function parseBytes(tcpInfo: string) {
  const count = (name: string) =>
    parseCount(tcpInfo.match(new RegExp(`\\s${name}:(\\d+)`))?.[1]);
  // segs_in and segs_out are in tcp_info since Linux 4.2, just after the byte counts (4.1), and
  // delivered since 4.18, just before bytes_sent (4.19). None of them stays zero for long.
  const hasCounts = /\ssegs_(in|out):/.test(tcpInfo);
  const hasBytesSent = /\sdelivered:/.test(tcpInfo);
  return {
    bytesIn: count("bytes_received") ?? (hasCounts ? 0 : null),
    bytesOut: count("bytes_sent") ?? (hasBytesSent ? 0 : null) ??
      count("bytes_acked") ?? (hasCounts ? 0 : null),
  };
}

/**
 * The first program of `users:(("name",pid=1,fd=3),("other",pid=2,fd=4))`. Names hold whatever a
 * program calls itself, quotes, brackets and spaces included.
 */
function parseUsers(line: string): string | null {
  return parseProcessName(
    line.match(/users:\(\("(.*?)",(?:pid=)?\d+,(?:fd=)?\d+\)/)?.[1],
  );
}

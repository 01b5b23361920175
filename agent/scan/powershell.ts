import {
  connectionOf,
  nameOwners,
  type OwnedConnection,
  type Parsed,
  parseEndpoint,
  parseProcessName,
  unreadWarnings,
} from "@/agent/scan/rows.ts";
import { SOCKET_STATES, type SocketState } from "@/lib/domain/connection.ts";

/** Prints the sockets and programs as one JSON object, in UTF-8. */
export const POWERSHELL_ARGS = [
  "-NoProfile",
  "-NonInteractive",
  "-Command",
  [
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
    "@{ tcp = @(Get-NetTCPConnection | Select-Object LocalAddress, LocalPort, RemoteAddress, RemotePort, State, OwningProcess)",
    "udp = @(Get-NetUDPEndpoint | Select-Object LocalAddress, LocalPort, OwningProcess)",
    "processes = @(Get-Process | Select-Object Id, ProcessName) } | ConvertTo-Json -Compress -Depth 3",
  ].join("; "),
];

/** MSFT_NetTCPConnection's State by number; 12 (DeleteTCB) is a connection about to vanish. */
const STATES: readonly (SocketState | null)[] = [
  null,
  "CLOSED",
  "LISTEN",
  "SYN_SENT",
  "SYN_RECEIVED",
  "ESTABLISHED",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "CLOSE_WAIT",
  "CLOSING",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSED",
];
/** A port that is taken for an outgoing connection, which has its own row. */
const BOUND = ["100", "BOUND"];

type Json = Record<string, unknown>;

/**
 * Parses JSON of `Get-NetTCPConnection` and `Get-NetUDPEndpoint`: one object or an array of them,
 * or our own command's `{tcp, udp, processes}`. `ConvertTo-Json` writes a list of one as the object
 * alone, and `State` as a number or a word. There are no byte counts.
 */
export function parsePowershell(text: string): Parsed {
  const json = parseJson(text);
  if (json === undefined) {
    const sample = text.trim() || "nothing";
    return { rows: [], warnings: unreadWarnings("PowerShell", [sample]) };
  }
  const isOurs = isObject(json) && ("tcp" in json || "udp" in json);
  const sockets = isOurs
    ? [...objects(json.tcp), ...objects(json.udp)]
    : objects(json);
  const rows: OwnedConnection[] = [];
  const unread: string[] = [];
  for (const socket of sockets) {
    if (BOUND.includes(word(socket.State).toUpperCase())) continue;
    const row = toRow(socket);
    if (row !== null) rows.push(row);
    else unread.push(JSON.stringify(socket));
  }
  const names = namesOf(isOurs ? objects(json.processes) : []);
  return {
    rows: nameOwners(rows, names),
    warnings: unreadWarnings("PowerShell", unread),
  };
}

function toRow(socket: Json): OwnedConnection | null {
  const source = endpoint(socket.LocalAddress, socket.LocalPort);
  if (source === null) return null;
  const ownerId = Number(word(socket.OwningProcess)) || null;
  if (socket.RemoteAddress === undefined) {
    const anyIp = source.ip.includes(":") ? "::" : "0.0.0.0";
    const dest = { ip: anyIp, port: 0 };
    const row = connectionOf("UDP", source, dest, { state: "UNCONN" });
    return { ...row, ownerId };
  }
  const dest = endpoint(socket.RemoteAddress, socket.RemotePort);
  if (dest === null) return null;
  const state = parseState(socket.State);
  return { ...connectionOf("TCP", source, dest, { state }), ownerId };
}

function endpoint(address: unknown, port: unknown) {
  if (typeof address !== "string") return null;
  return parseEndpoint(`${address}:${word(port)}`, ":", "0.0.0.0");
}

function parseState(state: unknown): SocketState | null {
  const text = word(state);
  if (/^\d+$/.test(text)) return STATES[Number(text)] ?? null;
  // "FinWait1" and "FIN_WAIT_1" are the same word.
  const bare = (state: string) => state.toUpperCase().replaceAll("_", "");
  return SOCKET_STATES.find((known) => bare(known) === bare(text)) ?? null;
}

function namesOf(processes: readonly Json[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const { Id, ProcessName } of processes) {
    const name = parseProcessName(word(ProcessName));
    if (typeof Id === "number" && name !== null) names.set(Id, name);
  }
  return names;
}

/** A number or a word as text; "" for anything else. */
function word(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : "";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

function objects(value: unknown): Json[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

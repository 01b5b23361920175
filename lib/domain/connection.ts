/** What a connection is, and when two sightings are of the same one. */

export const PROTOCOLS = ["TCP", "UDP"] as const;
export type Protocol = typeof PROTOCOLS[number];

/** TCP's states by the names of RFC 9293 section 3.3.2, and `UNCONN` for an unconnected UDP socket. */
export const SOCKET_STATES = [
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
  "UNCONN",
] as const;
export type SocketState = typeof SOCKET_STATES[number];

/**
 * One socket as a device sees it: `source` is the device's own end, `dest` the other one
 * (`0.0.0.0` or `::` and port 0 where there is none). Addresses are canonical text.
 */
export interface Connection {
  protocol: Protocol;
  sourceIp: string;
  sourcePort: number;
  destIp: string;
  destPort: number;
  /** Bytes received over the connection's life; null where the system does not tell. */
  bytesIn: number | null;
  /** Bytes sent over the connection's life; null where the system does not tell. */
  bytesOut: number | null;
  /** One of SOCKET_STATES from our agents; any short word from others; null where unknown. */
  state: string | null;
  /** The program's name; null where the system does not tell. */
  processName: string | null;
}

/** A connection with the time of its first and latest sighting, in ms since the epoch. */
export interface TrackedConnection extends Connection {
  firstSeenAt: number;
  lastSeenAt: number;
}

/** The identity of a connection: protocol and both ends. */
export function connectionKey(
  c: Pick<
    Connection,
    "protocol" | "sourceIp" | "sourcePort" | "destIp" | "destPort"
  >,
): string {
  return `${c.protocol} ${c.sourceIp} ${c.sourcePort} ${c.destIp} ${c.destPort}`;
}

/** True for a socket that waits for peers and has none: listening TCP, unconnected UDP. */
export function isListening(c: Pick<Connection, "state">): boolean {
  return c.state === "LISTEN" || c.state === "UNCONN";
}

/** The sum of the known counts; null where none is known, since unknown is not zero. */
export function sumKnown(counts: Iterable<number | null>): number | null {
  let sum: number | null = null;
  for (const count of counts) if (count !== null) sum = (sum ?? 0) + count;
  return sum;
}

import { MAX_LISTED_IPS } from "@/lib/contract/dashboard.ts";
import { isLoopback, isUnspecified } from "@/lib/domain/address.ts";
import {
  isListening,
  type Protocol,
  type TrackedConnection,
} from "@/lib/domain/connection.ts";

/** What the device list shows of a device's connections. */
export interface ConnectionSummary {
  connectionCount: number;
  listeningCount: number;
  protocols: Protocol[];
  /** At most MAX_LISTED_IPS addresses a side, loopback last. */
  sourceIps: string[];
  destIps: string[];
  sourceIpCount: number;
  destIpCount: number;
  /** Every address in lower case, for the search: a zone id may have upper case. */
  searchText: string;
}

/** Sums up a device's connections. */
export function summarize(
  connections: readonly TrackedConnection[],
): ConnectionSummary {
  const source = new Set<string>();
  const dest = new Set<string>();
  let listeningCount = 0;
  let tcpCount = 0;
  for (const c of connections) {
    if (!isUnspecified(c.sourceIp)) source.add(c.sourceIp);
    if (!isUnspecified(c.destIp)) dest.add(c.destIp);
    if (isListening(c)) listeningCount++;
    if (c.protocol === "TCP") tcpCount++;
  }
  const protocols: Protocol[] = [];
  if (tcpCount > 0) protocols.push("TCP");
  if (tcpCount < connections.length) protocols.push("UDP");
  return {
    connectionCount: connections.length,
    listeningCount,
    protocols,
    sourceIps: listed(source),
    destIps: listed(dest),
    sourceIpCount: source.size,
    destIpCount: dest.size,
    searchText: [...source.union(dest)].join(" ").toLowerCase(),
  };
}

/** The addresses worth showing first: in an order that does not change from report to report. */
function listed(ips: Set<string>): string[] {
  return [...ips].sort((a, b) =>
    Number(isLoopback(a)) - Number(isLoopback(b)) ||
    (a < b ? -1 : Number(a > b))
  ).slice(0, MAX_LISTED_IPS);
}

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
  };
}

/** The address that a list shows first, of these. */
export function firstListed(ips: readonly string[]): string | undefined {
  let first = ips[0];
  for (const ip of ips) {
    if (first !== undefined && byListing(ip, first) < 0) first = ip;
  }
  return first;
}

function listed(ips: Set<string>): string[] {
  return [...ips].sort(byListing).slice(0, MAX_LISTED_IPS);
}

/** Those worth showing come first, in an order that does not change from report to report. */
function byListing(a: string, b: string): number {
  return Number(isLoopback(a)) - Number(isLoopback(b)) ||
    (a < b ? -1 : Number(a > b));
}

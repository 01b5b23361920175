/** What the tests of the store share. */
import type { TrackedConnection } from "@/lib/domain/connection.ts";

/** A connection as the store keeps it. */
export function tracked(
  overrides: Partial<TrackedConnection> = {},
): TrackedConnection {
  return {
    protocol: "TCP",
    sourceIp: "192.168.1.20",
    sourcePort: 40_001,
    destIp: "10.20.0.7",
    destPort: 4059,
    bytesIn: 1200,
    bytesOut: 800,
    state: "ESTABLISHED",
    processName: "meterd",
    firstSeenAt: 1_000,
    lastSeenAt: 1_000,
    ...overrides,
  };
}

/** Every key of the database, in its order. */
export async function allKeys(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  const entries = await Array.fromAsync(kv.list({ prefix: [] }));
  return entries.map((entry) => entry.key);
}

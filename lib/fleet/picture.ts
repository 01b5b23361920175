import type { Connection, TrackedConnection } from "@/lib/domain/connection.ts";
import { diffScan, mergeConnections } from "@/lib/domain/diff.ts";
import {
  packConnections,
  packedFacts,
  repackConnections,
  unpackConnections,
} from "@/lib/store/connection_codec.ts";
import { NO_CONNECTIONS } from "@/lib/store/snapshots.ts";
import { type ConnectionSummary, summarize } from "@/lib/fleet/summary.ts";

/**
 * A device's connections as of its latest report. They stay packed: most reports change nothing but
 * counters, and most pictures are replaced before anybody has looked at them.
 */
export class Picture {
  static readonly EMPTY: Picture = new Picture(NO_CONNECTIONS, null);

  readonly packed: Uint8Array;
  readonly connectionCount: number;
  /** The times of the latest sighting and of the connection seen longest ago; 0 where there is none. */
  readonly newestSeenAt: number;
  readonly oldestSeenAt: number;
  #summary: ConnectionSummary | null;

  private constructor(packed: Uint8Array, summary: ConnectionSummary | null) {
    const { count, newestSeenAt, oldestSeenAt } = packed.length === 0
      ? { count: 0, newestSeenAt: 0, oldestSeenAt: 0 }
      : packedFacts(packed);
    this.packed = packed;
    this.connectionCount = count;
    this.newestSeenAt = newestSeenAt;
    this.oldestSeenAt = oldestSeenAt;
    this.#summary = summary;
  }

  static of(connections: readonly TrackedConnection[]): Picture {
    if (connections.length === 0) return Picture.EMPTY;
    return new Picture(packConnections(connections), null);
  }

  /** The picture that was stored as these bytes. Throws where they are damaged. */
  static ofPacked(packed: Uint8Array): Picture {
    return packed.length === 0 ? Picture.EMPTY : new Picture(packed, null);
  }

  connections(): TrackedConnection[] {
    return this.connectionCount === 0 ? [] : unpackConnections(this.packed);
  }

  /** What the device list shows of it; summed up when first asked for. */
  get summary(): ConnectionSummary {
    return this.#summary ??= summarize(this.connections());
  }

  /** When the first of its connections falls out of it; infinity where there is none. */
  expiresAt(ttlMs: number): number {
    return this.connectionCount === 0 ? Infinity : this.oldestSeenAt + ttlMs;
  }

  /** The picture without the connections whose time is over at `nowMs`. */
  liveAt(nowMs: number, ttlMs: number): Picture {
    if (this.expiresAt(ttlMs) > nowMs) return this;
    return Picture.of(
      this.connections().filter((c) => c.lastSeenAt + ttlMs > nowMs),
    );
  }

  /** The picture after a scan of everything: what the scan does not have has closed. */
  replacedBy(scan: readonly Connection[], nowMs: number): Picture {
    if (scan.length === 0) return Picture.EMPTY;
    const repacked = this.connectionCount === scan.length
      ? repackConnections(this.packed, scan, nowMs)
      : null;
    if (repacked) return new Picture(repacked, this.#summary);
    return Picture.of(diffScan(this.connections(), scan, nowMs).current);
  }

  /** The picture with connections added or refreshed; none closes. */
  mergedWith(added: readonly Connection[], nowMs: number): Picture {
    return Picture.of(mergeConnections(this.connections(), added, nowMs));
  }
}

import {
  type Connection,
  connectionKey,
  type TrackedConnection,
} from "@/lib/domain/connection.ts";

/** The picture after a scan, and what it opened and closed against the one before. */
export interface ScanDiff {
  current: TrackedConnection[];
  opened: TrackedConnection[];
  closed: TrackedConnection[];
}

/**
 * Diffs a whole-picture scan against what was known: what is missing has closed, what is new has
 * opened, what stays keeps its first sighting. A connection named twice in a scan counts once, as
 * named last.
 */
export function diffScan(
  known: readonly TrackedConnection[],
  scan: readonly Connection[],
  nowMs: number,
): ScanDiff {
  const before = new Map(known.map((c) => [connectionKey(c), c]));
  const after = new Map<string, TrackedConnection>();
  const opened: TrackedConnection[] = [];
  for (const c of scan) {
    const key = connectionKey(c);
    const firstSeenAt = before.get(key)?.firstSeenAt ?? nowMs;
    after.set(key, { ...c, firstSeenAt, lastSeenAt: nowMs });
  }
  for (const [key, c] of after) if (!before.delete(key)) opened.push(c);
  return {
    current: [...after.values()],
    opened,
    closed: [...before.values()],
  };
}

/** Adds or refreshes connections and closes nothing: for reports that are not the whole picture. */
export function mergeConnections(
  known: readonly TrackedConnection[],
  added: readonly Connection[],
  nowMs: number,
): TrackedConnection[] {
  const merged = new Map(known.map((c) => [connectionKey(c), c]));
  for (const c of added) {
    const key = connectionKey(c);
    const firstSeenAt = merged.get(key)?.firstSeenAt ?? nowMs;
    merged.set(key, { ...c, firstSeenAt, lastSeenAt: nowMs });
  }
  return [...merged.values()];
}

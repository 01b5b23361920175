/** Which reports of an agent count: each once, and none after a newer one. */

/** Where a device's reports stand. */
export interface ReportCursor {
  /** The agent's current start; "" for agents that name none. */
  session: string;
  /** The newest sequence of that session. */
  sequence: number;
  /** Sessions that ended, newest first: late reports of theirs are stale. */
  retiredSessions: string[];
}

export type ReportOutcome = "stored" | "duplicate" | "stale";

const RETIRED_SESSIONS_KEPT = 4;

/**
 * Judges a report by its session and sequence. Sequences rise within a session; a session not seen
 * before is a restarted agent, and the one before it has ended.
 */
export function orderReport(
  cursor: ReportCursor | null,
  session: string,
  sequence: number,
): { outcome: ReportOutcome; cursor: ReportCursor } {
  if (!cursor) {
    return {
      outcome: "stored",
      cursor: { session, sequence, retiredSessions: [] },
    };
  }
  if (session === cursor.session) {
    if (sequence === cursor.sequence) return { outcome: "duplicate", cursor };
    if (sequence < cursor.sequence) return { outcome: "stale", cursor };
    return { outcome: "stored", cursor: { ...cursor, sequence } };
  }
  if (cursor.retiredSessions.includes(session)) {
    return { outcome: "stale", cursor };
  }
  const retiredSessions = [cursor.session, ...cursor.retiredSessions]
    .slice(0, RETIRED_SESSIONS_KEPT);
  return { outcome: "stored", cursor: { session, sequence, retiredSessions } };
}

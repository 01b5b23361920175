/** How a report changes a device's snapshot: pure, so that it can be computed again after a conflict. */
import type { Report, ReportResponse } from "@/lib/contract/monitor.ts";
import type { Connection } from "@/lib/domain/connection.ts";
import { fieldError } from "@/lib/domain/errors.ts";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";
import { orderReport } from "@/lib/domain/report_order.ts";
import type { Presence } from "@/lib/store/snapshots.ts";
import type { Picture } from "@/lib/fleet/picture.ts";

/** A device as a report finds it. */
export interface DeviceState {
  presence: Presence | null;
  picture: Picture;
  /** What to assume where the report does not say. */
  intervalSeconds: number;
}

/** A device as a report leaves it. */
export interface NextState {
  presence: Omit<Presence, "chunkCount" | "connectionsExpireAt">;
  picture: Picture;
}

/** Computes an answer and, where the report changes something, the next state. */
export type Update<T> = (
  state: DeviceState,
  nowMs: number,
) => { answer: T; next: NextState | null };

/** A whole-picture report: what it does not have has closed. One seen before or late changes nothing. */
export function wholePicture(report: Report): Update<ReportResponse> {
  return ({ presence, picture }, nowMs) => {
    const { outcome, cursor } = orderReport(
      presence?.cursor ?? null,
      report.session ?? "",
      report.sequence,
    );
    const { sequence } = cursor;
    if (outcome !== "stored") {
      return { answer: { accepted: 0, sequence, outcome }, next: null };
    }
    return {
      answer: { accepted: report.connections.length, sequence, outcome },
      next: {
        presence: {
          cursor,
          lastSeenAt: nowMs,
          scannedAt: report.scannedAt,
          intervalSeconds: report.intervalSeconds,
        },
        picture: picture.replacedBy(report.connections, nowMs),
      },
    };
  };
}

/** Connections added or refreshed one by one: nothing closes. */
export function addedConnections(
  added: readonly Connection[],
): Update<{ accepted: number }> {
  return ({ presence, picture, intervalSeconds }, nowMs) => {
    const merged = picture.mergedWith(added, nowMs);
    if (merged.connectionCount > MAX_CONNECTIONS_PER_REPORT) {
      throw fieldError(
        "fields_invalid",
        "connections",
        `the device would have more than ${MAX_CONNECTIONS_PER_REPORT} connections`,
      );
    }
    return {
      answer: { accepted: added.length },
      next: {
        presence: {
          cursor: presence?.cursor ?? null,
          lastSeenAt: nowMs,
          scannedAt: presence?.scannedAt ?? null,
          intervalSeconds: presence?.intervalSeconds ?? intervalSeconds,
        },
        picture: merged,
      },
    };
  };
}

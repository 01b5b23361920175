/** When a device counts as online. */

export const DEVICE_STATUSES = ["online", "offline"] as const;
export type DeviceStatus = typeof DEVICE_STATUSES[number];

/** An agent that names no interval is taken to report this often. */
export const DEFAULT_INTERVAL_SECONDS = 10;
/** The interval's bounds, for agents' flags and for what the server believes. */
export const MIN_INTERVAL_SECONDS = 1;
export const MAX_INTERVAL_SECONDS = 86_400;

const MISSED_INTERVALS = 3;
const MIN_PATIENCE_MS = 30_000;

/** How long after its latest report a device still counts as online: three intervals, 30 s at least. */
export function onlinePatienceMs(intervalSeconds: number): number {
  return Math.max(MISSED_INTERVALS * intervalSeconds * 1000, MIN_PATIENCE_MS);
}

/** The status of a device at `nowMs`; one that never reported is offline. */
export function deviceStatus(
  lastSeenAt: number | null,
  intervalSeconds: number,
  nowMs: number,
): DeviceStatus {
  if (lastSeenAt === null) return "offline";
  return nowMs - lastSeenAt <= onlinePatienceMs(intervalSeconds)
    ? "online"
    : "offline";
}

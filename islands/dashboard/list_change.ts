/** What a change that the server tells of means for a list of devices. */
import type {
  DeviceChange,
  DeviceList,
  DeviceQuery,
  DeviceSort,
  DeviceView,
} from "@/lib/contract/dashboard.ts";

/** The list with the new views of its devices and without those that were deleted. */
export function changedList(
  list: DeviceList,
  { devices, removed, stats }: DeviceChange,
): DeviceList {
  const changed = new Map(devices.map((device) => [device.id, device]));
  const gone = new Set(removed);
  return {
    ...list,
    stats,
    devices: list.devices.filter(({ id }) => !gone.has(id))
      .map((device) => changed.get(device.id) ?? device),
  };
}

/**
 * Whether devices may have come into the list, left it or changed places by this change, which tells
 * only of devices that the list has: then the list is to be asked for again.
 */
export function isOutdatedBy(
  list: DeviceList,
  change: DeviceChange,
  query: DeviceQuery,
): boolean {
  const { stats } = list;
  if (change.removed.length > 0 || change.stats.total !== stats.total) {
    return true;
  }
  const hangsOnStatus = query.status !== "" || query.sort === "status";
  const statusChanged = change.stats.online !== stats.online ||
    change.stats.offline !== stats.offline;
  if (hangsOnStatus && statusChanged) return true;
  const shown = new Map(list.devices.map((device) => [device.id, device]));
  return change.devices.some((after) => {
    const before = shown.get(after.id);
    return before !== undefined && mayMove(before, after, query);
  });
}

/** Whether a device may stand elsewhere in the list, or not in it, because of what changed about it. */
function mayMove(
  before: DeviceView,
  after: DeviceView,
  { sort, status, q }: DeviceQuery,
): boolean {
  // Devices that are equal in what they are sorted by are in the order of their names.
  return before.deviceName !== after.deviceName ||
    SORT_VALUES[sort](before) !== SORT_VALUES[sort](after) ||
    (status !== "" && before.status !== after.status) ||
    (q !== "" && searchText(before) !== searchText(after));
}

/** What the server sorts by, or what tells that it changed. */
const SORT_VALUES: Record<DeviceSort, (device: DeviceView) => unknown> = {
  deviceName: (device) => device.deviceName,
  username: (device) => device.username,
  status: (device) => device.status,
  connectionCount: (device) => device.connectionCount,
  protocols: (device) => device.protocols.join(),
  detectedIps: (device) => device.detectedIps.source[0],
  lastSeen: (device) => device.lastSeen,
};

/** Not all that the server searches: of many addresses it lists a few, and counts the rest. */
function searchText(device: DeviceView): string {
  const { username, detectedIps, detectedIpCounts } = device;
  return JSON.stringify([username, detectedIps, detectedIpCounts]);
}

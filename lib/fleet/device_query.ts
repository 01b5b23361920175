/** Search, filter, order and page over the devices of the read model. */
import type { DeviceQuery, DeviceSort } from "@/lib/contract/dashboard.ts";
import { fieldError } from "@/lib/domain/errors.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";

export interface DevicePage {
  devices: FleetDevice[];
  /** How many devices match, on all pages. */
  matched: number;
  nextCursor: string | null;
}

/** What a device is sorted by; a page's cursor is that of its last device. */
type SortValue = string | number;
interface Position {
  value: SortValue;
  deviceName: string;
  id: string;
}

const SORT_VALUES: Record<DeviceSort, (found: FleetDevice) => SortValue> = {
  // Every position has the name; a second one would make cursors longer than the contract takes.
  deviceName: () => "",
  username: (found) => found.username,
  // Online comes first when ascending: it is what one looks for.
  status: (found) => found.status === "online" ? 0 : 1,
  connectionCount: (found) => found.picture.connectionCount,
  protocols: (found) => found.picture.summary.protocols.join(" "),
  detectedIps: (found) => found.picture.summary.sourceIps[0] ?? "",
  lastSeen: (found) => found.snapshot.presence?.lastSeenAt ?? 0,
};

// Natural order, so that meter-9 comes before meter-10, and 10.0.0.9 before 10.0.0.10.
const collator = new Intl.Collator("en", { numeric: true });

/**
 * The page of devices that a query asks for. Pages follow each other by the last device shown rather
 * than by number, so a device that comes or goes shifts nothing. Throws `fields_invalid` for a cursor
 * that is not of the server's making, or of another sort.
 */
export function selectDevices(
  devices: Iterable<FleetDevice>,
  query: DeviceQuery,
): DevicePage {
  const positionOf = (found: FleetDevice): Position => ({
    value: SORT_VALUES[query.sort](found),
    deviceName: found.device.deviceName,
    id: found.device.id,
  });
  const after = query.cursor === ""
    ? null
    : readCursor(query.cursor, query.sort);
  const compare = byPosition(query);
  const wanted = query.q.trim().normalize("NFC").toLowerCase();
  const matching: { found: FleetDevice; position: Position }[] = [];
  for (const found of devices) {
    if (query.status !== "" && found.status !== query.status) continue;
    if (!isFoundBy(found, wanted)) continue;
    matching.push({ found, position: positionOf(found) });
  }
  matching.sort((a, b) => compare(a.position, b.position));
  const start = after
    ? matching.findIndex(({ position }) => compare(position, after) > 0)
    : 0;
  const page = start < 0 ? [] : matching.slice(start, start + query.limit);
  const last = page.at(-1);
  const more = start >= 0 && start + query.limit < matching.length;
  return {
    devices: page.map(({ found }) => found),
    matched: matching.length,
    nextCursor: more && last ? writeCursor(last.position, query.sort) : null,
  };
}

/** True where part of a name or address is `wanted`, which is in lower case. */
function isFoundBy(found: FleetDevice, wanted: string): boolean {
  return wanted === "" ||
    found.device.deviceName.toLowerCase().includes(wanted) ||
    found.username.toLowerCase().includes(wanted) ||
    found.picture.summary.searchText.includes(wanted);
}

/** Orders by value; equal ones by name, then by id, always ascending, so that no two are equal. */
function byPosition(
  { sort, order }: Pick<DeviceQuery, "sort" | "order">,
): (a: Position, b: Position) => number {
  const sign = order === "asc" ? 1 : -1;
  const nameSign = sort === "deviceName" ? sign : 1;
  return (a, b) =>
    sign * compareValues(a.value, b.value) ||
    nameSign * collator.compare(a.deviceName, b.deviceName) ||
    compareValues(a.id, b.id);
}

function compareValues(a: SortValue, b: SortValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === b) return 0;
  return collator.compare(String(a), String(b)) || (a < b ? -1 : 1);
}

function writeCursor(
  { value, deviceName, id }: Position,
  sort: DeviceSort,
): string {
  const bytes = new TextEncoder().encode(
    JSON.stringify([sort, value, deviceName, id]),
  );
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function readCursor(cursor: string, sort: DeviceSort): Position {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const [cursorSort, value, deviceName, id]: unknown[] = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    if (
      cursorSort === sort &&
      (typeof value === "string" || typeof value === "number") &&
      typeof deviceName === "string" && typeof id === "string"
    ) return { value, deviceName, id };
  } catch {
    // Falls through to the one refusal.
  }
  throw fieldError(
    "fields_invalid",
    "cursor",
    "must be the nextCursor of an earlier answer",
  );
}

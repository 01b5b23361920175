/** What a device is found by and sorted by, and the cursors that lead from page to page. */
import type { DeviceQuery, DeviceSort } from "@/lib/contract/dashboard.ts";
import { fieldError } from "@/lib/domain/errors.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import {
  compareTexts,
  type SortText,
  sortText,
} from "@/lib/fleet/sort_text.ts";
import { firstListed } from "@/lib/fleet/summary.ts";
import { AddressSearch, packedSources } from "@/lib/store/packed_addresses.ts";

/** What a device is sorted by. */
export type SortValue = SortText | number;

/** A device's place in an order; a page's cursor is that of its last device. */
export interface Position {
  readonly value: SortValue;
  readonly name: SortText;
  readonly id: string;
}

type Compare = (a: Position, b: Position) => number;

/** How an order compares, ascending: by `group`, and `within` what that has equal, so that no two are equal. */
export interface Comparison {
  group: Compare;
  /** Ascending in either direction. */
  within: Compare;
}

const NOTHING = sortText("");

/** A sort's value of a device; texts are made by `text`. */
const SORT_VALUES: Record<
  DeviceSort,
  (found: FleetDevice, text: (text: string) => SortText) => SortValue
> = {
  // Every position has the name; a second one would make cursors longer than the contract takes.
  deviceName: () => NOTHING,
  username: (found, text) => text(found.username),
  // Online comes first when ascending: it is what one looks for.
  status: (found) => found.status === "online" ? 0 : 1,
  connectionCount: (found) => found.picture.connectionCount,
  protocols: (found, text) => text(protocolsOf(found)),
  detectedIps: (found, text) => text(firstSourceIpOf(found)),
  lastSeen: (found) => found.snapshot.presence?.lastSeenAt ?? 0,
};

export function sortValue(
  found: FleetDevice,
  sort: DeviceSort,
  text: (text: string) => SortText,
): SortValue {
  return SORT_VALUES[sort](found, text);
}

/** Both read the packed bytes: to unpack the connections of a whole fleet would take seconds. */
function protocolsOf({ picture }: FleetDevice): string {
  if (picture.connectionCount === 0) return "";
  const { hasTcp, hasUdp } = packedSources(picture.packed);
  return hasTcp ? (hasUdp ? "TCP UDP" : "TCP") : "UDP";
}

function firstSourceIpOf({ picture }: FleetDevice): string {
  if (picture.connectionCount === 0) return "";
  return firstListed(packedSources(picture.packed).sourceIps) ?? "";
}

/** How a sort compares positions. */
export function comparison(sort: DeviceSort): Comparison {
  return sort === "deviceName"
    ? { group: byName, within: byId }
    : { group: byValue, within: (a, b) => byName(a, b) || byId(a, b) };
}

const byName: Compare = (a, b) => compareTexts(a.name, b.name);
const byId: Compare = (a, b) => a.id < b.id ? -1 : Number(a.id > b.id);
const byValue: Compare = (a, b) => compareValues(a.value, b.value);

/** Unlike names, values that differ are never equal: u-1 and u-01 are two users. */
export function compareValues(a: SortValue, b: SortValue): number {
  if (typeof a === "number" || typeof b === "number") {
    return Number(a) - Number(b);
  }
  if (a.text === b.text) return 0;
  return compareTexts(a, b) || (a.text < b.text ? -1 : 1);
}

/** The text that is looked for, in the form that names are compared in. */
export function wantedText(q: string): string {
  return q.trim().normalize("NFC").toLowerCase();
}

/** What tells whether a device has the status, and in a name or an address the wanted text. */
export function matcher(
  status: DeviceQuery["status"],
  wanted: string,
): (found: FleetDevice) => boolean {
  const addresses = new AddressSearch(wanted);
  // Many devices have the same owner.
  const usernames = new Map<string, boolean>();
  const isInUsername = (username: string): boolean => {
    const known = usernames.get(username);
    if (known !== undefined) return known;
    const isIn = username.toLowerCase().includes(wanted);
    usernames.set(username, isIn);
    return isIn;
  };
  return (found) =>
    (status === "" || found.status === status) && (
      wanted === "" ||
      found.device.deviceName.toLowerCase().includes(wanted) ||
      isInUsername(found.username) ||
      addresses.isIn(found.picture.packed)
    );
}

export function writeCursor(
  { value, name, id }: Position,
  sort: DeviceSort,
): string {
  const plain = typeof value === "number" ? value : value.text;
  const bytes = new TextEncoder().encode(
    JSON.stringify([sort, plain, name.text, id]),
  );
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The position that a cursor tells. Throws `fields_invalid` where it is not of the server's making, or of another sort. */
export function readCursor(cursor: string, sort: DeviceSort): Position {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    const [cursorSort, value, deviceName, id]: unknown[] = JSON.parse(
      new TextDecoder().decode(bytes),
    );
    if (
      cursorSort === sort && isValueOf(sort, value) &&
      typeof deviceName === "string" && typeof id === "string"
    ) {
      return {
        value: typeof value === "string" ? sortText(value) : value,
        name: sortText(deviceName),
        id,
      };
    }
  } catch {
    // Falls through to the one refusal.
  }
  throw fieldError(
    "fields_invalid",
    "cursor",
    "must be the nextCursor of an earlier answer",
  );
}

const NUMBER_SORTS: readonly DeviceSort[] = [
  "status",
  "connectionCount",
  "lastSeen",
];

function isValueOf(
  sort: DeviceSort,
  value: unknown,
): value is string | number {
  return NUMBER_SORTS.includes(sort)
    ? typeof value === "number"
    : typeof value === "string";
}

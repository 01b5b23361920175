/** What a page of devices has to be, the plain way: all of them filtered and sorted, each time. */
import type { DeviceQuery, DeviceSort } from "@/lib/contract/dashboard.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import { isUnspecified } from "@/lib/domain/address.ts";

const collator = new Intl.Collator("en", { numeric: true });

const VALUES: Record<DeviceSort, (found: FleetDevice) => string | number> = {
  deviceName: () => "",
  username: ({ username }) => username,
  status: ({ status }) => status === "online" ? 0 : 1,
  connectionCount: ({ picture }) => picture.connections().length,
  protocols: ({ picture }) => picture.summary.protocols.join(" "),
  detectedIps: ({ picture }) => picture.summary.sourceIps[0] ?? "",
  lastSeen: ({ snapshot }) => snapshot.presence?.lastSeenAt ?? 0,
};

/** The ids of all devices that a query asks for, on all pages, in order. */
export function plainSelection(
  devices: Iterable<FleetDevice>,
  { q, status, sort, order }: DeviceQuery,
): string[] {
  const wanted = q.trim().normalize("NFC").toLowerCase();
  const sign = order === "asc" ? 1 : -1;
  const nameSign = sort === "deviceName" ? sign : 1;
  return [...devices]
    .filter((found) => status === "" || found.status === status)
    .filter((found) => textsOf(found).some((text) => text.includes(wanted)))
    .sort((a, b) =>
      sign * compareValues(VALUES[sort](a), VALUES[sort](b)) ||
      nameSign * collator.compare(a.device.deviceName, b.device.deviceName) ||
      (a.device.id < b.device.id ? -1 : 1)
    )
    .map(({ device }) => device.id);
}

/** All that a device is found by. */
function textsOf({ device, username, picture }: FleetDevice): string[] {
  const ips = picture.connections().flatMap((c) => [c.sourceIp, c.destIp])
    .filter((ip) => !isUnspecified(ip));
  return [device.deviceName, username, ...ips].map((text) =>
    text.toLowerCase()
  );
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === b) return 0;
  return collator.compare(String(a), String(b)) || (a < b ? -1 : 1);
}

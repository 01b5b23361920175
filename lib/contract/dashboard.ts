/** Queries and views of `/api/dashboard/*`: what the dashboard shows. */
import { z } from "zod";
import { deviceName } from "@/lib/contract/fields.ts";
import { PROTOCOLS } from "@/lib/domain/connection.ts";
import { DEVICE_STATUSES } from "@/lib/domain/device_status.ts";

export const DEVICE_SORTS = [
  "deviceName",
  "username",
  "status",
  "connectionCount",
  "protocols",
  "detectedIps",
  "lastSeen",
] as const;
export type DeviceSort = typeof DEVICE_SORTS[number];

export const SORT_ORDERS = ["asc", "desc"] as const;
export type SortOrder = typeof SORT_ORDERS[number];

export const MAX_PAGE_SIZE = 500;
export const DEFAULT_PAGE_SIZE = 100;
/** A device list names at most this many addresses a side; `detectedIpCounts` has the true numbers. */
export const MAX_LISTED_IPS = 8;

/** The choice of devices: search, filter, order, page. Absent fields mean the default. */
export const deviceQuery = z.object({
  q: z.string().max(200, "must have at most 200 characters").default("")
    .meta({ description: "part of a device name, user name or address" }),
  status: z.enum(["", ...DEVICE_STATUSES], {
    error: "must be online or offline",
  }).default(""),
  sort: z.enum(DEVICE_SORTS, {
    error: `must be one of ${DEVICE_SORTS.join(", ")}`,
  }).default("deviceName"),
  order: z.enum(SORT_ORDERS, { error: "must be asc or desc" }).default("asc"),
  limit: z.coerce.number({ error: "must be a number" }).int(
    "must be a whole number",
  ).min(1, "must be at least 1").max(
    MAX_PAGE_SIZE,
    `must be at most ${MAX_PAGE_SIZE}`,
  ).default(DEFAULT_PAGE_SIZE),
  cursor: z.string().max(1024, "must have at most 1024 characters").default("")
    .meta({ description: "`nextCursor` of the page before" }),
});
export type DeviceQuery = z.infer<typeof deviceQuery>;

const time = z.string().meta({ example: "2026-01-31T12:00:00.000Z" });

export const deviceView = z.object({
  id: z.string(),
  deviceName: z.string(),
  username: z.string().meta({ description: "the owner" }),
  status: z.enum(DEVICE_STATUSES),
  connectionCount: z.int(),
  listeningCount: z.int().meta({
    description: "of them listening sockets without a peer",
  }),
  protocols: z.array(z.enum(PROTOCOLS)),
  detectedIps: z.object({
    source: z.array(z.string()),
    dest: z.array(z.string()),
  }).meta({ description: `at most ${MAX_LISTED_IPS} a side` }),
  detectedIpCounts: z.object({ source: z.int(), dest: z.int() }),
  lastSeen: time.nullable().meta({ description: "null before any report" }),
  registeredAt: time,
  intervalSeconds: z.number(),
  os: z.string().nullable(),
  agentVersion: z.string().nullable(),
}).meta({ id: "Device" });
export type DeviceView = z.infer<typeof deviceView>;

export const fleetStats = z.object({
  total: z.int(),
  online: z.int(),
  offline: z.int(),
  connections: z.int(),
}).meta({ id: "FleetStats" });
export type FleetStats = z.infer<typeof fleetStats>;

export const deviceList = z.object({
  devices: z.array(deviceView),
  stats: fleetStats.meta({ description: "of all devices one may see" }),
  matched: z.int().meta({ description: "devices that the query matches" }),
  nextCursor: z.string().nullable(),
}).meta({ id: "DeviceList" });
export type DeviceList = z.infer<typeof deviceList>;

/**
 * What `/api/dashboard/events` sends: at first a `list` event with a DeviceList, then `change` events
 * with what is new about that list's devices. Devices that would join the list, or stand elsewhere in
 * it, are not told: ask again for that.
 */
export const deviceChange = z.object({
  devices: z.array(deviceView).meta({
    description: "the devices of the list that changed",
  }),
  removed: z.array(z.string()).meta({
    description: "ids of the list's devices that were deleted",
  }),
  stats: fleetStats,
}).meta({ id: "DeviceChange" });
export type DeviceChange = z.infer<typeof deviceChange>;

export const connectionView = z.object({
  protocol: z.enum(PROTOCOLS),
  sourceIp: z.string(),
  sourcePort: z.int(),
  destIp: z.string(),
  destPort: z.int(),
  bytesIn: z.int().nullable(),
  bytesOut: z.int().nullable(),
  state: z.string().nullable(),
  processName: z.string().nullable(),
  firstSeen: time,
  lastSeen: time,
}).meta({ id: "Connection" });
export type ConnectionView = z.infer<typeof connectionView>;

export const deviceDetail = z.object({
  device: deviceView,
  stats: z.object({
    totalConnections: z.int(),
    bytesIn: z.int().nullable().meta({ description: "null: none is known" }),
    bytesOut: z.int().nullable().meta({ description: "null: none is known" }),
    uniqueDestIps: z.int(),
  }),
  connections: z.array(connectionView),
}).meta({ id: "DeviceDetail" });
export type DeviceDetail = z.infer<typeof deviceDetail>;

export const renameDeviceRequest = z.object({ deviceName })
  .meta({ id: "RenameDeviceRequest" });
export type RenameDeviceRequest = z.input<typeof renameDeviceRequest>;

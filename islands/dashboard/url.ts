/** The dashboard's choice in the address bar, by the API's own parameter names. */
import type {
  DEFAULT_PAGE_SIZE,
  DeviceQuery,
  DeviceSort,
  SortOrder,
} from "@/lib/contract/dashboard.ts";
import { DEVICE_COLUMNS } from "@/components/DeviceTable.tsx";
import { DEVICE_STATUSES } from "@/lib/domain/device_status.ts";

export interface View {
  query: DeviceQuery;
  /** The device whose details are open. */
  deviceId: string | null;
}

// The contract's number: the type fails to match when it changes there.
const PAGE_SIZE: typeof DEFAULT_PAGE_SIZE = 100;

/** The query of a dashboard that nothing was asked of; the same as `deviceQuery` makes of no parameters. */
export const DEFAULT_QUERY: DeviceQuery = {
  q: "",
  status: "",
  sort: "deviceName",
  order: "asc",
  limit: PAGE_SIZE,
  cursor: "",
};

const PARAMETERS = [
  "q",
  "status",
  "sort",
  "order",
  "limit",
  "cursor",
] as const satisfies (keyof DeviceQuery)[];

/** The view that a query string names. What is wrong in it counts as absent, as history may hold old links. */
export function parseView(search: string): View {
  const params = new URLSearchParams(search);
  const status = params.get("status");
  const sort = params.get("sort") ?? "";
  const limit = Number(params.get("limit") ?? NaN);
  return {
    query: {
      q: params.get("q") ?? "",
      status: DEVICE_STATUSES.find((known) => known === status) ?? "",
      sort: isDeviceSort(sort) ? sort : DEFAULT_QUERY.sort,
      order: params.get("order") === "desc" ? "desc" : "asc",
      limit: Number.isInteger(limit) && limit > 0 ? limit : PAGE_SIZE,
      cursor: params.get("cursor") ?? "",
    },
    deviceId: params.get("device") || null,
  };
}

function isDeviceSort(text: string): text is DeviceSort {
  return Object.hasOwn(DEVICE_COLUMNS, text);
}

/** The parameters of a view, without those that have their default. */
export function viewFields({ query, deviceId }: View): [string, string][] {
  const fields = queryFields(query);
  if (deviceId !== null) fields.push(["device", deviceId]);
  return fields;
}

/** The parameters of a query, without those that have their default. */
export function queryFields(query: DeviceQuery): [string, string][] {
  return PARAMETERS.filter((name) => query[name] !== DEFAULT_QUERY[name])
    .map((name) => [name, String(query[name])]);
}

/** The address of a view. */
export function viewHref(view: View): string {
  const search = new URLSearchParams(viewFields(view)).toString();
  return search === "" ? "/dashboard" : `/dashboard?${search}`;
}

/** The same query on its first page, which any change of choice leads to. */
export function firstPageOf(query: DeviceQuery): DeviceQuery {
  return { ...query, cursor: "" };
}

/** The query sorted another way. */
export function sortedBy(
  query: DeviceQuery,
  sort: DeviceSort,
  order: SortOrder,
): DeviceQuery {
  return firstPageOf({ ...query, sort, order });
}

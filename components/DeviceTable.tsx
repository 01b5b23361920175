import type { Ref } from "preact";
import type {
  DeviceQuery,
  DeviceSort,
  DeviceView,
  SortOrder,
} from "@/lib/contract/dashboard.ts";
import { None, ProtocolChips, StatusBadge } from "@/components/badges.tsx";
import { TimeAgo } from "@/components/clock.tsx";
import { formatCount } from "@/components/format.ts";
import type { QueryFields } from "@/components/GetForm.tsx";
import { SortHeader } from "@/components/SortHeader.tsx";

/** The columns in their order; each sorts. */
export const DEVICE_COLUMNS: Readonly<Record<DeviceSort, string>> = {
  deviceName: "Device Name",
  username: "Username",
  status: "Status",
  connectionCount: "Connections",
  protocols: "Protocols",
  detectedIps: "Detected IPs",
  lastSeen: "Last Seen",
};

/** Addresses of one side that a row has room for. */
const SHOWN_IPS = 2;

export interface DeviceRow {
  device: DeviceView;
  /** True for a row that the latest list lacks, kept in its place while the order is held. */
  gone: boolean;
}

export interface DeviceTableProps {
  rows: DeviceRow[];
  query: DeviceQuery;
  /** True while the rows of another choice are on their way. */
  busy: boolean;
  sortFields: (sort: DeviceSort, order: SortOrder) => QueryFields;
  detailsHref: (deviceId: string) => string;
  onSort: (sort: DeviceSort, order: SortOrder) => void;
  onOpen: (deviceId: string) => void;
  bodyRef: Ref<HTMLTableSectionElement>;
  /** The pointer or the focus has left the rows. */
  onLeave: () => void;
}

/**
 * The devices as a table, or as cards where the screen is narrow. The roles repeat what the elements
 * say, because a `display` other than the table's own takes the meaning from them in some browsers.
 */
export function DeviceTable(props: DeviceTableProps) {
  const { query, sortFields, onSort } = props;
  const sorts = Object.keys(DEVICE_COLUMNS) as DeviceSort[];
  return (
    <table
      role="table"
      aria-label="Devices"
      aria-busy={props.busy}
      class="rows rows-devices"
    >
      <thead role="rowgroup">
        <tr role="row">
          {sorts.map((sort) => (
            <SortHeader
              key={sort}
              label={DEVICE_COLUMNS[sort]}
              class={`col-${sort} ${
                sort === "connectionCount" ? "figure" : ""
              }`}
              order={query.sort === sort ? query.order : null}
              onSort={(order) => onSort(sort, order)}
              fields={(order) => sortFields(sort, order)}
            />
          ))}
          <th scope="col" role="columnheader" class="col-action">Action</th>
        </tr>
      </thead>
      <tbody
        role="rowgroup"
        ref={props.bodyRef}
        onPointerLeave={props.onLeave}
        onFocusOut={props.onLeave}
      >
        {props.rows.map((row) => (
          <Row key={row.device.id} row={row} {...props} />
        ))}
      </tbody>
    </table>
  );
}

function Row(
  { row: { device, gone }, detailsHref, onOpen }:
    & { row: DeviceRow }
    & Pick<DeviceTableProps, "detailsHref" | "onOpen">,
) {
  const open = (event: MouseEvent) => {
    // A press with a modifier means a new tab or window.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(device.id);
  };
  return (
    <tr
      role="row"
      class={gone ? "row-gone" : undefined}
      title={gone ? "no longer in this list" : undefined}
    >
      <th scope="row" role="rowheader" class="col-deviceName">
        <span class="line-clamp-2" title={device.deviceName}>
          {device.deviceName}
        </span>
      </th>
      <td role="cell" class="col-username">
        <span class="block truncate" title={device.username}>
          {device.username}
        </span>
      </td>
      <td role="cell" class="col-status">
        <StatusBadge status={device.status} />
      </td>
      <td
        role="cell"
        class="col-connectionCount figure"
        title={`${formatCount(device.listeningCount)} of them listening`}
      >
        {formatCount(device.connectionCount)}
      </td>
      <td role="cell" class="col-protocols">
        <ProtocolChips protocols={device.protocols} />
      </td>
      <td role="cell" class="col-detectedIps">
        <DetectedIps device={device} />
      </td>
      <td role="cell" class="col-lastSeen">
        {device.lastSeen === null
          ? <span class="text-faint">never</span>
          : <TimeAgo iso={device.lastSeen} />}
      </td>
      <td role="cell" class="col-action">
        <a
          href={detailsHref(device.id)}
          onClick={open}
          class="button button-quiet button-small"
          aria-haspopup="dialog"
          aria-label={`View Details of ${device.deviceName}`}
          data-device={device.id}
        >
          View Details
        </a>
      </td>
    </tr>
  );
}

function DetectedIps({ device }: { device: DeviceView }) {
  const { detectedIps: ips, detectedIpCounts: counts } = device;
  if (counts.source + counts.dest === 0) return <None label="none" />;
  return (
    <dl class="ips">
      <IpLine label="own" ips={ips.source} count={counts.source} />
      <IpLine label="peers" ips={ips.dest} count={counts.dest} />
    </dl>
  );
}

function IpLine(
  { label, ips, count }: { label: string; ips: string[]; count: number },
) {
  const more = count - Math.min(ips.length, SHOWN_IPS);
  const unlisted = count - ips.length;
  const title = unlisted > 0
    ? `${ips.join(", ")} and ${formatCount(unlisted)} more`
    : ips.join(", ");
  return (
    <div title={title}>
      <dt>{label}</dt>
      <dd>
        {count === 0
          ? <None label="none" />
          : <span class="truncate">{ips.slice(0, SHOWN_IPS).join(", ")}</span>}
        {more > 0 && <span class="more">+{formatCount(more)}</span>}
      </dd>
    </div>
  );
}

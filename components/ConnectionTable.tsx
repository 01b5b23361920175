import type { Ref } from "preact";
import type { ConnectionView, SortOrder } from "@/lib/contract/dashboard.ts";
import {
  connectionKey,
  isListening,
  type Protocol,
} from "@/lib/domain/connection.ts";
import { serviceName } from "@/lib/domain/ports.ts";
import { ProtocolChip, Unknown } from "@/components/badges.tsx";
import { TimeAgo } from "@/components/clock.tsx";
import {
  formatBytes,
  formatCount,
  formatEndpoint,
} from "@/components/format.ts";
import { SortHeader } from "@/components/SortHeader.tsx";

/** The columns in their order; each sorts. */
export const CONNECTION_COLUMNS = {
  protocol: "Protocol",
  source: "Source",
  destination: "Destination",
  bytesIn: "Bytes In",
  bytesOut: "Bytes Out",
  state: "State",
  program: "Program",
  since: "Since",
} as const;
export type ConnectionSort = keyof typeof CONNECTION_COLUMNS;

/** The columns of figures, which end at one edge. */
const FIGURES: ReadonlySet<ConnectionSort> = new Set(["bytesIn", "bytesOut"]);

export interface ConnectionTableProps {
  connections: ConnectionView[];
  sort: ConnectionSort;
  order: SortOrder;
  onSort: (sort: ConnectionSort, order: SortOrder) => void;
  bodyRef: Ref<HTMLTableSectionElement>;
  /** The pointer or the focus has left the rows. */
  onLeave: () => void;
}

/** A device's connections as a table, or as cards where there is little room; on roles see DeviceTable. */
export function ConnectionTable(props: ConnectionTableProps) {
  const { sort, order, onSort } = props;
  const columns = Object.keys(CONNECTION_COLUMNS) as ConnectionSort[];
  return (
    <table
      role="table"
      aria-label="Connections"
      class="rows rows-connections"
    >
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <SortHeader
              key={column}
              label={CONNECTION_COLUMNS[column]}
              class={`col-${column} ${FIGURES.has(column) ? "figure" : ""}`}
              order={sort === column ? order : null}
              onSort={(order) => onSort(column, order)}
            />
          ))}
        </tr>
      </thead>
      <tbody
        role="rowgroup"
        ref={props.bodyRef}
        onPointerLeave={props.onLeave}
        onFocusOut={props.onLeave}
      >
        {props.connections.map((connection) => (
          <Row key={connectionKey(connection)} connection={connection} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ connection: c }: { connection: ConnectionView }) {
  return (
    <tr role="row">
      <td role="cell" class="col-protocol">
        <ProtocolChip protocol={c.protocol} />
      </td>
      <td role="cell" class="col-source">
        <Endpoint ip={c.sourceIp} port={c.sourcePort} protocol={c.protocol} />
      </td>
      <td role="cell" class="col-destination">
        {isListening(c) && c.destPort === 0
          ? <span class="text-faint">no peer</span>
          : <Endpoint ip={c.destIp} port={c.destPort} protocol={c.protocol} />}
      </td>
      <td role="cell" class="col-bytesIn figure">
        <Bytes bytes={c.bytesIn} />
      </td>
      <td role="cell" class="col-bytesOut figure">
        <Bytes bytes={c.bytesOut} />
      </td>
      <td role="cell" class="col-state">
        {c.state === null ? <Unknown /> : <State state={c.state} />}
      </td>
      <td role="cell" class="col-program">
        {c.processName === null
          ? <Unknown />
          : (
            <span class="block truncate" title={c.processName}>
              {c.processName}
            </span>
          )}
      </td>
      <td role="cell" class="col-since">
        <TimeAgo iso={c.firstSeen} />
      </td>
    </tr>
  );
}

function Endpoint(
  { ip, port, protocol }: { ip: string; port: number; protocol: Protocol },
) {
  const service = serviceName(port, protocol);
  const endpoint = formatEndpoint(ip, port);
  return (
    <span class="endpoint">
      <span class="truncate" title={endpoint}>{endpoint}</span>
      {service !== null && <span class="service">{service}</span>}
    </span>
  );
}

function State({ state }: { state: string }) {
  const tone = state === "ESTABLISHED"
    ? "state-open"
    : state === "LISTEN" || state === "UNCONN"
    ? "state-listening"
    : "state-passing";
  return <span class={`state ${tone}`}>{state.replaceAll("_", " ")}</span>;
}

function Bytes({ bytes }: { bytes: number | null }) {
  if (bytes === null) return <Unknown />;
  return <span title={`${formatCount(bytes)} bytes`}>{formatBytes(bytes)}
  </span>;
}

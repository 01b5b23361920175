import type { RefObject } from "preact";
import { DeviceFilters } from "@/components/DeviceFilters.tsx";
import { DeviceTable } from "@/components/DeviceTable.tsx";
import { Pagination, rangeText } from "@/components/Pagination.tsx";
import type { Dashboard } from "@/islands/dashboard/state.ts";
import {
  DEFAULT_QUERY,
  firstPageOf,
  queryFields,
  sortedBy,
  viewHref,
} from "@/islands/dashboard/url.ts";

export interface DevicesPanelProps {
  dashboard: Dashboard;
  bodyRef: RefObject<HTMLTableSectionElement | null>;
}

/** The devices: search, filter, table and pages. */
export function DevicesPanel({ dashboard, bodyRef }: DevicesPanelProps) {
  const { devices, navigation } = dashboard;
  const { query } = navigation.view.value;
  const { matched, nextCursor } = devices.list.value;
  const shown = devices.list.value.devices.length;
  const pages = navigation.pagesBefore.value;
  const before = pages && pages.length * query.limit;
  return (
    <section class="panel" aria-label="Devices">
      <div class="panel-bar">
        <DeviceFilters
          query={query}
          kept={queryFields({ ...query, q: "", status: "", cursor: "" })}
          onSearch={navigation.search}
          onStatus={(status) => navigation.choose({ status })}
          onSubmit={() => devices.reload()}
        />
        <p class="text-xs text-muted tabular-nums">
          {rangeText({ before, shown, matched })}
        </p>
      </div>
      <DeviceTable
        rows={devices.rows.value.map(({ value, gone }) => ({
          device: value,
          gone,
        }))}
        query={query}
        busy={devices.busy.value}
        sortFields={(sort, order) => queryFields(sortedBy(query, sort, order))}
        detailsHref={(deviceId) => viewHref({ query, deviceId })}
        onSort={(sort, order) => navigation.choose({ sort, order })}
        onOpen={navigation.openDevice}
        bodyRef={bodyRef}
        onLeave={devices.settle}
      />
      {matched === 0 && (
        <NoMatch
          onClear={() => navigation.choose({ q: "", status: "" })}
        />
      )}
      {(nextCursor !== null || query.cursor !== "") && (
        <Pagination
          before={before}
          shown={shown}
          matched={matched}
          firstHref={viewHref({ query: firstPageOf(query), deviceId: null })}
          nextHref={nextCursor === null ? null : viewHref({
            query: { ...query, cursor: nextCursor },
            deviceId: null,
          })}
          onFirst={() => navigation.choose({})}
          onPrevious={navigation.previousPage}
          onNext={() => nextCursor !== null && navigation.nextPage(nextCursor)}
        />
      )}
    </section>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div class="grid justify-items-center gap-3 px-5 py-16 text-center">
      <p class="text-sm text-muted">No device matches this choice.</p>
      <a
        href={viewHref({ query: DEFAULT_QUERY, deviceId: null })}
        class="button button-quiet button-small"
        onClick={(event) => {
          event.preventDefault();
          onClear();
        }}
      >
        Clear search and filter
      </a>
    </div>
  );
}

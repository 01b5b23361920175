import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { ConnectionView } from "@/lib/contract/dashboard.ts";
import { connectionKey, PROTOCOLS } from "@/lib/domain/connection.ts";
import { ConnectionTable } from "@/components/ConnectionTable.tsx";
import { formatCount } from "@/components/format.ts";
import { SearchIcon } from "@/components/icons.tsx";
import {
  chooseConnections,
  type ConnectionChoice,
  DEFAULT_CHOICE,
  occurringStates,
} from "@/islands/dashboard/connection_rows.ts";
import { freshRows, holdRows } from "@/islands/dashboard/row_order.ts";
import { isPointedAt } from "@/islands/dashboard/pointing.ts";

/** A device may have 10,000 connections; a table of them all would stall the browser. */
const ROWS_STEP = 200;

export interface ConnectionsPanelProps {
  /** Null while they are on their way. */
  connections: ConnectionView[] | null;
}

/** The connections of a device, to sort and to filter. */
export function ConnectionsPanel(
  { connections }: ConnectionsPanelProps,
) {
  const choice = useSignal(DEFAULT_CHOICE);
  const limit = useSignal(ROWS_STEP);
  const { rows, bodyRef, settle } = useHeldConnections(
    connections,
    choice.value,
  );
  const choose = (change: Partial<ConnectionChoice>) => {
    choice.value = { ...choice.value, ...change };
    limit.value = ROWS_STEP;
  };
  const shown = rows.slice(0, limit.value);
  return (
    <section aria-label="Connections of this device" class="connections">
      <Filters
        choice={choice.value}
        connections={connections ?? []}
        matched={rows.length}
        onChoose={choose}
      />
      <ConnectionTable
        connections={shown}
        sort={choice.value.sort}
        order={choice.value.order}
        onSort={(sort, order) => choose({ sort, order })}
        bodyRef={bodyRef}
        onLeave={settle}
      />
      {rows.length === 0 && (
        <p class="px-5 py-10 text-center text-sm text-muted">
          {emptyText(connections)}
        </p>
      )}
      {shown.length < rows.length && (
        <p class="flex items-center justify-center gap-4 p-4 text-sm text-muted">
          {formatCount(shown.length)} of {formatCount(rows.length)} shown
          <button
            type="button"
            class="button button-quiet button-small with-scripts"
            onClick={() => limit.value += ROWS_STEP}
          >
            Show more
          </button>
        </p>
      )}
    </section>
  );
}

function emptyText(connections: ConnectionView[] | null): string {
  if (connections === null) return "Loading…";
  return connections.length === 0
    ? "This device has no connections now."
    : "No connection matches.";
}

/**
 * The chosen connections, in an order that is held while somebody points at them. Closed ones leave
 * at once all the same: a row that is no longer true must not stay.
 */
function useHeldConnections(
  connections: ConnectionView[] | null,
  choice: ConnectionChoice,
) {
  const bodyRef = useRef<HTMLTableSectionElement>(null);
  const before = useRef<{ choice: ConnectionChoice; rows: ConnectionView[] }>({
    choice,
    rows: [],
  });
  const released = useSignal(0);
  const rows = useMemo(() => {
    const fresh = chooseConnections(connections ?? [], choice);
    const held = before.current.choice === choice &&
      isPointedAt(bodyRef.current);
    return held
      ? holdRows(freshRows(before.current.rows), fresh, connectionKey)
        .filter((row) => !row.gone).map((row) => row.value)
      : fresh;
  }, [connections, choice, released.value]);
  before.current = { choice, rows };
  const settle = () => {
    if (!isPointedAt(bodyRef.current)) released.value++;
  };
  return { rows, bodyRef, settle };
}

function Filters(
  { choice, connections, matched, onChoose }: {
    choice: ConnectionChoice;
    connections: ConnectionView[];
    matched: number;
    onChoose: (change: Partial<ConnectionChoice>) => void;
  },
) {
  const states = useMemo(() => {
    const occurring = occurringStates(connections);
    // A chosen state stays in the list after its last connection has gone.
    if (choice.state === "" || occurring.includes(choice.state)) {
      return occurring;
    }
    return [...occurring, choice.state];
  }, [connections, choice.state]);
  return (
    <div class="connections-filters with-scripts">
      <div class="relative min-w-0 flex-1 basis-full sm:max-w-72 sm:basis-40">
        <SearchIcon class="pointer-events-none absolute inset-y-0 left-3 my-auto size-4 text-faint" />
        <input
          type="search"
          aria-label="Filter connections"
          placeholder="Filter connections"
          class="input h-9 pl-9"
          autocomplete="off"
          spellcheck={false}
          value={choice.text}
          onInput={(event) => onChoose({ text: event.currentTarget.value })}
        />
      </div>
      <select
        aria-label="Protocol"
        class="input select h-9 w-auto"
        value={choice.protocol}
        onChange={(event) =>
          onChoose({
            protocol: event.currentTarget.value as ConnectionChoice["protocol"],
          })}
      >
        <option value="">Any protocol</option>
        {PROTOCOLS.map((p) => <option key={p} value={p}>{p}</option>)}
      </select>
      <select
        aria-label="State"
        class="input select h-9 w-auto"
        value={choice.state}
        onChange={(event) => onChoose({ state: event.currentTarget.value })}
      >
        <option value="">Any state</option>
        {states.map((s) => (
          <option key={s} value={s}>{s.replaceAll("_", " ")}</option>
        ))}
      </select>
      <p class="ml-auto text-xs text-muted tabular-nums">
        {matched === connections.length
          ? `${formatCount(matched)} connections`
          : `${formatCount(matched)} of ${formatCount(connections.length)}`}
      </p>
    </div>
  );
}

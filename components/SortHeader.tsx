import type { SortOrder } from "@/lib/contract/dashboard.ts";
import { GetForm, type QueryFields } from "@/components/GetForm.tsx";
import { SortIcon } from "@/components/icons.tsx";

export interface SortHeaderProps {
  label: string;
  /** The order that the table has by this column, or null where another column rules. */
  order: SortOrder | null;
  /** Asks for the order that a press on the header means. */
  onSort: (order: SortOrder) => void;
  /** The query of the page sorted so, where the order is a part of the address. */
  fields?: (order: SortOrder) => QueryFields;
  class?: string;
}

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

/** A column's header that sorts by it: ascending first, then the other way at each press. */
export function SortHeader(props: SortHeaderProps) {
  const { label, order, onSort, fields } = props;
  const next = order === "asc" ? "desc" : "asc";
  const content = (
    <>
      {label}
      <SortIcon order={order} />
    </>
  );
  return (
    <th
      scope="col"
      role="columnheader"
      aria-sort={order === null ? "none" : ARIA_SORT[order]}
      class={props.class}
    >
      {fields
        ? (
          <GetForm fields={fields(next)} onSubmit={() => onSort(next)}>
            <button type="submit" class="sort-button">{content}</button>
          </GetForm>
        )
        : (
          <button
            type="button"
            class="sort-button"
            onClick={() => onSort(next)}
          >
            {content}
          </button>
        )}
    </th>
  );
}

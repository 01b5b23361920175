import type { DeviceQuery } from "@/lib/contract/dashboard.ts";
import { HiddenFields, type QueryFields } from "@/components/GetForm.tsx";
import { SearchIcon } from "@/components/icons.tsx";

export interface DeviceFiltersProps {
  query: DeviceQuery;
  /** What of the query the form does not ask for and must keep. */
  kept: QueryFields;
  onSearch: (text: string) => void;
  onStatus: (status: DeviceQuery["status"]) => void;
  /** The form was sent, by Enter. */
  onSubmit: () => void;
}

/** The search and the filter above the devices: a plain GET form, which scripts make immediate. */
export function DeviceFilters(props: DeviceFiltersProps) {
  const { query, kept, onSearch, onStatus } = props;
  return (
    <form
      method="get"
      action="/dashboard"
      role="search"
      class="device-filters"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit();
      }}
    >
      <HiddenFields fields={kept} />
      <div class="relative min-w-0 flex-1 basis-full md:max-w-80 md:basis-40">
        <label for="q" class="sr-only">Search by name or address</label>
        <SearchIcon class="pointer-events-none absolute inset-y-0 left-3 my-auto size-4 text-faint" />
        <input
          id="q"
          name="q"
          type="search"
          value={query.q}
          maxLength={200}
          placeholder="Search by name or address"
          autocomplete="off"
          spellcheck={false}
          class="input h-9 pl-9"
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </div>
      <label for="status" class="sr-only">Status</label>
      <select
        id="status"
        name="status"
        class="input select h-9 w-auto"
        value={query.status}
        onChange={(event) =>
          onStatus(event.currentTarget.value as DeviceQuery["status"])}
      >
        <option value="" selected={query.status === ""}>Any status</option>
        <option value="online" selected={query.status === "online"}>
          Online
        </option>
        <option value="offline" selected={query.status === "offline"}>
          Offline
        </option>
      </select>
      <button type="submit" class="button button-quiet h-9 without-scripts">
        Apply
      </button>
    </form>
  );
}

/** What the dashboard shows, in step with the address bar and the browser's history. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { DeviceQuery } from "@/lib/contract/dashboard.ts";
import type { BrowserHistory } from "@/islands/dashboard/browser.ts";
import {
  firstPageOf,
  parseView,
  queryFields,
  type View,
  viewHref,
} from "@/islands/dashboard/url.ts";

export interface Navigation {
  view: ReadonlySignal<View>;
  /** The cursors of the pages before this one; null where a shared link led into the middle. */
  pagesBefore: ReadonlySignal<string[] | null>;
  /** Follows the browser's history; returns what ends that. */
  start(): () => void;
  /** Chooses other devices, from their first page on, as a step of its own in the history. */
  choose(change: Partial<DeviceQuery>): void;
  /** Searches while somebody types: the history keeps only the last of it. */
  search(q: string): void;
  nextPage(cursor: string): void;
  previousPage(): void;
  openDevice(deviceId: string | null): void;
}

export interface NavigationOptions {
  initial: View;
  history: BrowserHistory;
  /** Called after each step, with what was shown before it. */
  onChange(before: View): void;
}

export function createNavigation(
  { initial, history, onChange }: NavigationOptions,
): Navigation {
  const view = signal(initial);
  const pagesBefore = signal(readPages(initial.query, null));

  const show = (next: View, pages: string[] | null) => {
    const before = view.value;
    batch(() => {
      view.value = next;
      pagesBefore.value = pages;
    });
    onChange(before);
  };

  const go = (next: View, pages: string[] | null, how: "push" | "replace") => {
    history[how](viewHref(next), { pagesBefore: pages });
    show(next, pages);
  };

  const chooseDevices = (
    change: Partial<DeviceQuery>,
    how: "push" | "replace",
  ) => {
    const { query, deviceId } = view.value;
    go({ query: firstPageOf({ ...query, ...change }), deviceId }, [], how);
  };

  const goToPage = (cursor: string, pages: string[] | null) => {
    const { query, deviceId } = view.value;
    go({ query: { ...query, cursor }, deviceId }, pages, "push");
  };

  return {
    view,
    pagesBefore,
    start() {
      pagesBefore.value = readPages(view.value.query, history.state());
      return history.subscribe(() => {
        const next = parseView(history.search());
        show(next, readPages(next.query, history.state()));
      });
    },
    choose: (change) => chooseDevices(change, "push"),
    search: (q) => chooseDevices({ q }, "replace"),
    nextPage(cursor) {
      const pages = pagesBefore.value;
      goToPage(cursor, pages && [...pages, view.value.query.cursor]);
    },
    previousPage() {
      const pages = pagesBefore.value ?? [];
      goToPage(pages.at(-1) ?? "", pages.slice(0, -1));
    },
    openDevice(deviceId) {
      if (deviceId === view.value.deviceId) return;
      const { query } = view.value;
      go({ query, deviceId }, pagesBefore.value, "push");
    },
  };
}

/** The pages before, as the history's entry keeps them. Anything may be in there. */
function readPages(query: DeviceQuery, state: unknown): string[] | null {
  if (query.cursor === "") return [];
  if (typeof state !== "object" || state === null) return null;
  const pages: unknown = Reflect.get(state, "pagesBefore");
  if (!Array.isArray(pages) || pages.length === 0) return null;
  return pages.every((cursor) => typeof cursor === "string") ? pages : null;
}

/** Tells if two queries choose the same devices in the same order. */
export function sameQuery(a: DeviceQuery, b: DeviceQuery): boolean {
  return String(queryFields(a)) === String(queryFields(b));
}

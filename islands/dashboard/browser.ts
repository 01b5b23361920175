/** The parts of the browser that the dashboard's state touches, as one value that tests can replace. */
import type { Timers, Visibility } from "@/islands/dashboard/feed.ts";
import {
  type OpenStream,
  STREAM_EVENTS,
} from "@/islands/dashboard/live_feed.ts";

export interface Browser {
  fetch: typeof fetch;
  openStream: OpenStream;
  timers: Timers;
  visibility: Visibility;
  history: BrowserHistory;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** The zone that the reader lives in, by its IANA name. */
  timeZone(): string;
  /** When the page's first byte came, by this machine's clock. */
  receivedAtMs(): number;
  /** Leaves the page. */
  goTo(href: string): void;
}

export interface BrowserHistory {
  /** The query string of the address, with its "?". */
  search(): string;
  /** What was kept with the current entry; it survives a reload. */
  state(): unknown;
  push(href: string, state: unknown): void;
  replace(href: string, state: unknown): void;
  /** Calls `listener` after each step back or forth; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

/** The real browser. Nothing is touched before a method is called, so the server may hold one too. */
export function createBrowser(): Browser {
  return {
    fetch: (input, init) => fetch(input, init),
    openStream(href, { onEvent, onBroken, onRefused }) {
      const source = new EventSource(href);
      for (const name of STREAM_EVENTS) {
        source.addEventListener(
          name,
          ({ data }: MessageEvent) => onEvent(name, JSON.parse(data)),
        );
      }
      source.onerror = () =>
        source.readyState === EventSource.CLOSED ? onRefused() : onBroken();
      return () => source.close();
    },
    timers: {
      nowMs: () => Date.now(),
      after(ms, action) {
        const timer = setTimeout(action, ms);
        return () => clearTimeout(timer);
      },
    },
    visibility: {
      hidden: () => document.hidden,
      subscribe: (listener) => listen(document, "visibilitychange", listener),
    },
    history: {
      search: () => location.search,
      state: () => history.state,
      push: (href, state) => history.pushState(state, "", href),
      replace: (href, state) => history.replaceState(state, "", href),
      subscribe: (listener) => listen(globalThis, "popstate", listener),
    },
    storage: {
      getItem: (key) => localStorage.getItem(key),
      setItem: (key, value) => localStorage.setItem(key, value),
      removeItem: (key) => localStorage.removeItem(key),
    },
    timeZone: () => new Intl.DateTimeFormat().resolvedOptions().timeZone,
    receivedAtMs() {
      const [page] = performance.getEntriesByType("navigation");
      // A `PerformanceNavigationTiming`, whose type the libraries for the server lack.
      const start: unknown = page && Reflect.get(page, "responseStart");
      return Math.round(
        performance.timeOrigin + (typeof start === "number" ? start : 0),
      );
    },
    goTo: (href) => location.assign(href),
  };
}

function listen(
  target: EventTarget,
  type: string,
  listener: () => void,
): () => void {
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
}

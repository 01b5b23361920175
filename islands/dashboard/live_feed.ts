/**
 * A feed by server-sent events, which falls back to polling: whatever stands between the server and
 * the browser, fresh values come.
 */
import {
  createFeed,
  type FeedOptions,
  type Visibility,
} from "@/islands/dashboard/feed.ts";

export const STREAM_EVENTS = ["list", "change"] as const;

export interface StreamListener {
  /** The data is what the event's JSON says. */
  onEvent(name: typeof STREAM_EVENTS[number], data: unknown): void;
  /** The line broke; the browser connects again by itself. */
  onBroken(): void;
  /** The browser has given the stream up. */
  onRefused(): void;
}

/** Opens a stream of events; returns what closes it. */
export type OpenStream = (href: string, listener: StreamListener) => () => void;

/** What brings the fresh values. */
export type FeedMode = "live" | "polling";

/** How long a stream is left before a new one takes its place, whatever the state of the old one. */
export const STREAM_MAX_AGE_MS = 60_000;
/** How long after a refusal, or without a first event, a new stream is tried. */
export const STREAM_RETRY_MS = 30_000;
/** A list that is out of date is asked for again no sooner than this after the time before. */
export const RELOAD_PAUSE_MS = 5_000;

export interface LiveFeedOptions<Value, Change> extends FeedOptions<Value> {
  openStream: OpenStream;
  /** The stream that goes with what `load` asks for. */
  streamHref(): string;
  /** Takes in what changed about the value; true where a whole new value is needed. */
  onChange(change: Change): boolean;
  onMode(mode: FeedMode): void;
}

export interface LiveFeed {
  /** Begins with a value at hand: polling waits for its interval. */
  start(): void;
  /**
   * Asks anew, after a pause. Until then nothing is told: an answer or an event that is under way may
   * belong to an old question.
   */
  reload(pauseMs?: number): void;
  stop(): void;
}

/** This feed itself sees to it that nothing polls behind a hidden page. */
const ALWAYS_VISIBLE: Visibility = {
  hidden: () => false,
  subscribe: () => () => {},
};

/**
 * A feed that follows a stream. Polling is at work from its first interval without an event on, and
 * while the stream is broken or refused, until there is an event again. A hidden page has neither,
 * since browsers allow few connections to a server, and asks anew when it is seen again.
 */
export function createLiveFeed<Value, Change>(
  options: LiveFeedOptions<Value, Change>,
): LiveFeed {
  const { timers, visibility } = options;
  let running = false;
  let mode: FeedMode | null = null;
  let closeStream = () => {};
  let openedAtMs = 0;
  let cancelNext = () => {};
  let unsubscribe = () => {};

  const setMode = (next: FeedMode) => {
    mode = next;
    options.onMode(next);
  };

  const polling = createFeed<Value>({
    ...options,
    visibility: ALWAYS_VISIBLE,
    load(signal) {
      setMode("polling");
      return options.load(signal);
    },
  });

  const next = (ms: number, action: () => void) => {
    cancelNext();
    cancelNext = timers.after(ms, action);
  };

  const listenerOf = (isCurrent: () => boolean): StreamListener => ({
    onEvent(name, data) {
      if (!isCurrent()) return;
      polling.stop();
      setMode("live");
      // What the events of the stream hold is fixed by the server's contract.
      if (name === "list") {
        next(STREAM_MAX_AGE_MS, renew);
        options.onValue(data as Value);
      } else if (options.onChange(data as Change)) {
        const dueMs = openedAtMs + RELOAD_PAUSE_MS;
        next(Math.max(0, dueMs - timers.nowMs()), renew);
      }
    },
    onBroken() {
      if (!isCurrent()) return;
      setMode("polling");
      polling.start("later");
    },
    onRefused() {
      if (!isCurrent()) return;
      setMode("polling");
      next(STREAM_RETRY_MS, renew);
      polling.start("later");
      polling.nudge();
    },
  });

  const open = () => {
    closeStream();
    openedAtMs = timers.nowMs();
    let current = true;
    const close = options.openStream(
      options.streamHref(),
      listenerOf(() => current),
    );
    closeStream = () => {
      current = false;
      close();
    };
    next(STREAM_RETRY_MS, renew);
  };

  const renew = () => {
    open();
    polling.start("later");
  };

  const rest = () => {
    closeStream();
    polling.stop();
    cancelNext();
  };

  const begin = () => {
    open();
    polling.start(mode === "live" ? "later" : "now");
  };

  return {
    start() {
      if (running) return;
      running = true;
      unsubscribe = visibility.subscribe(() => {
        rest();
        if (!visibility.hidden()) begin();
      });
      if (!visibility.hidden()) renew();
    },
    reload(pauseMs = 0) {
      if (!running) return;
      rest();
      if (visibility.hidden()) return;
      if (pauseMs === 0) begin();
      else next(pauseMs, begin);
    },
    stop() {
      running = false;
      unsubscribe();
      rest();
    },
  };
}

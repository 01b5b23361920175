/** Where fresh values come from: a request at every interval. */

/** The clock and timers, so that tests can do without waiting. */
export interface Timers {
  nowMs(): number;
  /** Runs `action` after `ms`; returns what calls it off. */
  after(ms: number, action: () => void): () => void;
}

/** Whether anybody can see the page. */
export interface Visibility {
  hidden(): boolean;
  /** Calls `listener` after each change; returns what ends that. */
  subscribe(listener: () => void): () => void;
}

export interface FeedOptions<T> {
  load(signal: AbortSignal): Promise<T>;
  onValue(value: T): void;
  onFailure(error: unknown): void;
  intervalMs: number;
  timeoutMs: number;
  timers: Timers;
  visibility: Visibility;
}

export interface Feed {
  /** Begins: at once, or with the first request after an interval. */
  start(when: "now" | "later"): void;
  /** Asks at once. A request under way is given up, since its question may be old. */
  refresh(): void;
  /** Asks at once unless a request is under way. */
  nudge(): void;
  stop(): void;
}

/**
 * A feed that asks every `intervalMs` after the answer before, so that requests never overlap. It
 * rests while the page is hidden and asks at once when it is seen again; a failure is told and the
 * next attempt comes as usual.
 */
export function createFeed<T>(options: FeedOptions<T>): Feed {
  const { timers, visibility } = options;
  let running = false;
  let cancelNext = () => {};
  let attempt: AbortController | null = null;
  let unsubscribe = () => {};

  const schedule = () => {
    cancelNext();
    if (!running || visibility.hidden()) return;
    cancelNext = timers.after(options.intervalMs, () => void ask());
  };

  const ask = async () => {
    cancelNext();
    attempt?.abort();
    const own = attempt = new AbortController();
    const cancelTimeout = timers.after(
      options.timeoutMs,
      () => own.abort(new DOMException("no answer in time", "TimeoutError")),
    );
    try {
      const value = await options.load(own.signal);
      if (attempt === own) options.onValue(value);
    } catch (error) {
      if (attempt === own) options.onFailure(error);
    } finally {
      cancelTimeout();
      if (attempt === own) {
        attempt = null;
        schedule();
      }
    }
  };

  const onVisibility = () => {
    if (visibility.hidden()) cancelNext();
    else if (running && !attempt) void ask();
  };

  return {
    start(when) {
      if (running) return;
      running = true;
      unsubscribe = visibility.subscribe(onVisibility);
      if (when === "now") void ask();
      else schedule();
    },
    refresh() {
      if (running) void ask();
    },
    nudge() {
      if (running && !attempt) void ask();
    },
    stop() {
      running = false;
      unsubscribe();
      cancelNext();
      attempt?.abort();
      attempt = null;
    },
  };
}

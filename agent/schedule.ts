const BACKOFF_BASE_MS = 1000;
const BACKOFF_CEILING_MS = 60_000;
/** A server that asks for longer than this is asked again anyway: it may have meant something else. */
const RETRY_AFTER_CEILING_MS = 300_000;
const RETRY_AFTER_SPREAD = 0.1;

/**
 * The index of the tick to wait for, on a steady beat of one tick an interval from the start. It
 * never drifts, since it counts from the start, and it skips the ticks that a slow scan or an outage
 * has missed.
 */
export function nextTick(
  latestTick: number,
  elapsedMs: number,
  intervalMs: number,
): number {
  return Math.max(latestTick + 1, Math.ceil(elapsedMs / intervalMs));
}

/**
 * How long to wait after a failure: exponential with full jitter, so that a fleet does not come
 * back in step (AWS Architecture Blog, "Exponential Backoff And Jitter"), at most a minute.
 *
 * @param failures how many there were in a row, 1 or more
 * @param random gives numbers from 0 to below 1
 */
export function backoffMs(failures: number, random: () => number): number {
  const ceiling = BACKOFF_BASE_MS * 2 ** Math.min(failures - 1, 30);
  return random() * Math.min(ceiling, BACKOFF_CEILING_MS);
}

/** What a server's Retry-After makes an agent wait: that long and up to a tenth more, for 5 minutes at most. */
export function obeyRetryAfter(
  retryAfterMs: number,
  random: () => number,
): number {
  return Math.min(retryAfterMs, RETRY_AFTER_CEILING_MS) *
    (1 + RETRY_AFTER_SPREAD * random());
}

/** Waits `ms`, or less where `stop` aborts. Never throws. */
export function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const wake = () => {
      clearTimeout(timer);
      // An agent sleeps for years on one signal: its listeners must not pile up.
      stop.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    stop.addEventListener("abort", wake);
  });
}

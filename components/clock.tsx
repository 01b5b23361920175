import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { formatAgo, formatDateTime, formatTimeOfDay } from "./format.ts";

/** The time that relative times count from, and the zone that absolute ones are shown in. */
export interface Clock {
  nowMs: number;
  timeZone: string;
}

/** Holds a signal, so that only what shows a time renders anew as the clock goes on. */
export const ClockContext = createContext<ReadonlySignal<Clock> | null>(null);

function useClock(): Clock {
  const clock = useContext(ClockContext);
  if (!clock) throw new Error("a time is shown outside of a ClockContext");
  return clock.value;
}

/** How long ago a time was, with the absolute time as its tooltip. */
export function TimeAgo({ iso }: { iso: string }) {
  const { nowMs, timeZone } = useClock();
  const ms = Date.parse(iso);
  return (
    <time dateTime={iso} title={formatDateTime(ms, timeZone)}>
      {formatAgo(ms, nowMs)}
    </time>
  );
}

/** The time of day, with the date as its tooltip. */
export function TimeOfDay({ ms }: { ms: number }) {
  const { timeZone } = useClock();
  return (
    <time
      dateTime={new Date(ms).toISOString()}
      title={formatDateTime(ms, timeZone)}
      class="tabular-nums"
    >
      {formatTimeOfDay(ms, timeZone)}
    </time>
  );
}

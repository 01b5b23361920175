/**
 * How figures and times read. Every text is the same on the server and in the browser (fixed locale,
 * time zone as a parameter), so that hydration finds what the server wrote.
 */

const LOCALE = "en-GB";
const COUNT = new Intl.NumberFormat(LOCALE);
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Steps of the seconds in a relative time: a column of them should not flicker. */
const SECONDS_STEP = 5;

/** `2345` as `2,345`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** Bytes in SI units with three significant digits, `1.23 MB`; `unknown` for null. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return "unknown";
  let value = bytes;
  let unit = 0;
  // 999.5 would be written as 1,000 of the smaller unit.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const decimals = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${BYTE_UNITS[unit]}`;
}

/** How long ago `ms` was at `nowMs`: `just now`, `25 s ago`, `4 min ago`, `3 h ago`, `12 d ago`. */
export function formatAgo(ms: number, nowMs: number): string {
  const span = formatSpan(nowMs - ms);
  return span === null ? "just now" : `${span} ago`;
}

function formatSpan(ms: number): string | null {
  if (ms < 2 * SECONDS_STEP * SECOND_MS) return null;
  if (ms < MINUTE_MS) {
    const steps = Math.floor(ms / SECOND_MS / SECONDS_STEP);
    return `${steps * SECONDS_STEP} s`;
  }
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${formatCount(Math.floor(ms / DAY_MS))} d`;
}

/** The time of day, `12:03:05`; with the zone's name while that is not the reader's own. */
export function formatTimeOfDay(ms: number, timeZone: string): string {
  const { hour, minute, second, timeZoneName } = partsOf(ms, timeZone);
  const time = `${hour}:${minute}:${second}`;
  return timeZone === "UTC" ? `${time} ${timeZoneName}` : time;
}

/** Date, time and zone, `2026-01-31 12:03:05 UTC`. */
export function formatDateTime(ms: number, timeZone: string): string {
  const p = partsOf(ms, timeZone);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second} ${p.timeZoneName}`;
}

// Building a DateTimeFormat costs some 50 us, and a table shows hundreds of times.
const formatsByZone = new Map<string, Intl.DateTimeFormat>();

function partsOf(
  ms: number,
  timeZone: string,
): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  let format = formatsByZone.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALE, {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "short",
    });
    formatsByZone.set(timeZone, format);
  }
  return Object.fromEntries(
    format.formatToParts(ms).map(({ type, value }) => [type, value]),
  );
}

/** An address with its port as RFC 3986 writes it: `10.0.0.7:443`, `[2001:db8::1]:443`. */
export function formatEndpoint(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

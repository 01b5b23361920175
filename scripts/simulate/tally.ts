/** Counts what a simulation did and says it in one line. */
export class Tally {
  #registered = 0;
  #reports = 0;
  #errors = 0;
  #latestError: string | null = null;
  #recent = { reports: 0, sinceMs: 0, answersMs: new Array<number>() };

  constructor(nowMs: number) {
    this.#recent.sinceMs = nowMs;
  }

  /** Reports that the server accepted so far. */
  get reports(): number {
    return this.#reports;
  }

  registered(): void {
    this.#registered++;
  }

  /** A device is gone from the server. */
  forgotten(): void {
    this.#registered--;
  }

  reported(): void {
    this.#reports++;
    this.#recent.reports++;
  }

  answered(afterMs: number): void {
    this.#recent.answersMs.push(afterMs);
  }

  failed(reason: string): void {
    this.#errors++;
    this.#latestError = reason;
  }

  /** The state of things since the line before; starts the next stretch. */
  statusLine(nowMs: number, behindSeconds: number): string {
    const { reports, sinceMs, answersMs } = this.#recent;
    const seconds = Math.max((nowMs - sinceMs) / 1000, 0.001);
    this.#recent = { reports: 0, sinceMs: nowMs, answersMs: [] };
    const parts = [
      count(this.#registered, "device"),
      `${(reports / seconds).toFixed(1)} reports/s`,
      this.#errorText(),
      `answers p50 ${milliseconds(percentile(answersMs, 0.5))}`,
      `p99 ${milliseconds(percentile(answersMs, 0.99))}`,
    ];
    if (behindSeconds >= 1) parts.push(`${behindSeconds.toFixed(0)} s behind`);
    return parts.join(", ");
  }

  /** What it all came to. */
  summaryLine(): string {
    return [
      count(this.#registered, "device"),
      `${count(this.#reports, "report")} accepted`,
      this.#errorText(),
    ].join(", ");
  }

  #errorText(): string {
    const errors = count(this.#errors, "error");
    return this.#latestError === null
      ? errors
      : `${errors} (latest: ${this.#latestError})`;
  }
}

/** A number of things in words: "1 meter", "2 meters". */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** The value that a share of all values does not exceed (nearest rank); null where there are none. */
export function percentile(
  values: readonly number[],
  share: number,
): number | null {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? null;
}

function milliseconds(value: number | null): string {
  return value === null ? "unknown" : `${value.toFixed(1)} ms`;
}

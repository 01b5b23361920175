/** What a bench tells: figures, some with a bound that they should keep. */

export interface Figure {
  /** What is measured, as a row of the table tells it. */
  figure: string;
  value: number;
  /** "" for a ratio. */
  unit: string;
  bound?: { atMost: number } | { atLeast: number };
}

/** A figure, rounded to what a bench can know. */
export function figure(
  name: string,
  value: number,
  unit: string,
  bound?: Figure["bound"],
): Figure {
  return {
    figure: name,
    value: rounded(value),
    unit,
    ...(bound ? { bound } : {}),
  };
}

/** Null where there is no bound. */
export function isMet({ value, bound }: Figure): boolean | null {
  if (!bound) return null;
  return "atMost" in bound ? value <= bound.atMost : value >= bound.atLeast;
}

/** One row of the table that a person reads. */
export function row(bench: string, each: Figure): Record<string, string> {
  const { bound, unit } = each;
  const met = isMet(each);
  return {
    bench,
    figure: each.figure,
    value: `${each.value.toLocaleString("en")} ${unit}`.trim(),
    bound: !bound
      ? ""
      : "atMost" in bound
      ? `<= ${bound.atMost}`
      : `>= ${bound.atLeast}`,
    met: met === null ? "" : met ? "yes" : "NO",
  };
}

/** The value that `share` of the samples do not exceed (nearest rank). Throws where there is none. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** Three digits say all that a bench knows; whole numbers stay whole. */
function rounded(value: number): number {
  return Math.abs(value) >= 100
    ? Math.round(value)
    : Number(value.toPrecision(3));
}

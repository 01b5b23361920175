/** Keeps rows where they are while somebody points at them. */

export interface HeldRow<T> {
  value: T;
  /** True where the fresh list lacks the row and only its last value is left. */
  gone: boolean;
}

/** Rows in the order of a fresh list. */
export function freshRows<T>(fresh: readonly T[]): HeldRow<T>[] {
  return fresh.map((value) => ({ value, gone: false }));
}

/**
 * Rows in the order in which they are shown, with fresh values: newcomers wait at the end, and what
 * the fresh list lacks stays in its place, marked as gone.
 */
export function holdRows<T>(
  shown: readonly HeldRow<T>[],
  fresh: readonly T[],
  keyOf: (value: T) => string,
): HeldRow<T>[] {
  const waiting = new Map(fresh.map((value) => [keyOf(value), value]));
  const held = shown.map((row): HeldRow<T> => {
    const key = keyOf(row.value);
    const value = waiting.get(key);
    if (value === undefined) return { value: row.value, gone: true };
    waiting.delete(key);
    return { value, gone: false };
  });
  return [...held, ...freshRows([...waiting.values()])];
}

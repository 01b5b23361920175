/** Numbers from 0 up to 1, always the same for the same seed. */
export type Random = () => number;

/**
 * A stream of random numbers of its own for each pair of seed and stream: Mulberry32, which is small,
 * fast and good enough to play with; never for secrets.
 */
export function seededRandom(seed: number, stream: number): Random {
  let state = scramble(seed + 0x9e3779b9) ^ scramble(stream + 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return scramble(state) / 2 ** 32;
  };
}

/** A random whole number from `min` to `max`, both included. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** One of several. */
export function pick<T>(random: Random, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/** A random time around a mean, distributed as the gaps between independent events are. */
export function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random()) * mean;
}

function scramble(value: number): number {
  let t = Math.imul(value ^ (value >>> 15), 1 | value);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

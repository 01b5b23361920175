/** Runs `action` every `ms`; returns what ends that. */
export type Every = (ms: number, action: () => void) => () => void;

/** By the system's timer. */
export const byTimer: Every = (ms, action) => {
  const timer = setInterval(action, ms);
  return () => clearInterval(timer);
};

import { ApiError } from "@/islands/dashboard/api.ts";

/** Fresh values fail to come. */
export interface Failure {
  /** When the first attempt failed. */
  sinceMs: number;
  /** What is wrong, as the beginning of a sentence: it is followed by "since ...". */
  reason: string;
}

/** The failure after one more failed attempt: the latest reason, counted from the first. */
export function failureAfter(
  before: Failure | null,
  error: unknown,
  nowMs: number,
): Failure {
  return { sinceMs: before?.sinceMs ?? nowMs, reason: reasonOf(error) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "The server can't be reached";
  return error.status >= 500
    ? `The server answers with an error (${error.status})`
    : `The server refuses this request (${error.message})`;
}

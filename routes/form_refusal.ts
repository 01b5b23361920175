/** Errors as an HTML form shows them. */
import { DomainError, type FieldError } from "@/lib/domain/errors.ts";
import { statusOf } from "@/routes/problem.ts";

export interface FormRefusal {
  status: 200 | 400 | 401 | 403 | 409 | 429;
  /** A path is a field's name, or empty for what concerns the whole attempt. */
  errors: FieldError[];
}

const SHOWN_STATUSES = [400, 401, 403, 409, 429] as const;

/** What a form shows of a refusal; any other error is thrown on. */
export function formRefusal(error: unknown): FormRefusal {
  if (!(error instanceof DomainError)) throw error;
  const status = SHOWN_STATUSES.find((s) => s === statusOf(error.code));
  if (status === undefined) throw error;
  const errors = error.fields.length > 0
    ? error.fields
    : [{ path: "", message: error.message }];
  return { status, errors };
}

/**
 * Errors as coded values of the domain. `routes/problem.ts` turns them into problem+json and
 * `agent/main.ts` into command-line messages; nothing else decides how an error looks.
 */

/** A field that broke a rule. `path` reads as one would write it: `connections[3].destPort`. */
export interface FieldError {
  path: string;
  message: string;
}

/** Every refusal the product knows. A code is part of the HTTP contract: never rename one. */
export type ErrorCode =
  | "bad_json"
  | "fields_invalid"
  | "unauthenticated"
  | "credentials_wrong"
  | "forbidden"
  | "registration_closed"
  | "not_found"
  | "method_not_allowed"
  | "username_taken"
  | "email_taken"
  | "device_name_taken"
  | "device_missing"
  | "body_too_large"
  | "media_type_unsupported"
  | "overloaded"
  | "internal";

/** What an error may carry beside its code and message. */
export interface ErrorDetails {
  /** The fields at fault, for `fields_invalid` and the `*_taken` codes. */
  fields?: FieldError[];
  /** When trying again makes sense, for `overloaded`. */
  retryAfterSeconds?: number;
  /** The methods that the path knows, for `method_not_allowed`. */
  allow?: string[];
  /** The error behind this one; logged, never sent. */
  cause?: unknown;
}

/** A refusal with a code. `message` names the action that failed, without a full stop. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  readonly fields: FieldError[];
  readonly retryAfterSeconds: number | null;
  readonly allow: string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.fields = details.fields ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.allow = details.allow ?? [];
  }
}

/** The error for one bad field, found after the schema let the request through. */
export function fieldError(
  code: ErrorCode,
  path: string,
  message: string,
): DomainError {
  return new DomainError(code, message, { fields: [{ path, message }] });
}

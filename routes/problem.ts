/** The one place where errors become problem+json (RFC 9457). */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { type Problem, PROBLEM_MEDIA_TYPE } from "@/lib/contract/problem.ts";
import { DomainError, type ErrorCode } from "@/lib/domain/errors.ts";

const STATUS: Record<ErrorCode, { status: number; title: string }> = {
  bad_json: { status: 400, title: "Bad Request" },
  fields_invalid: { status: 400, title: "Bad Request" },
  unauthenticated: { status: 401, title: "Unauthorized" },
  credentials_wrong: { status: 401, title: "Unauthorized" },
  forbidden: { status: 403, title: "Forbidden" },
  registration_closed: { status: 403, title: "Forbidden" },
  not_found: { status: 404, title: "Not Found" },
  method_not_allowed: { status: 405, title: "Method Not Allowed" },
  username_taken: { status: 409, title: "Conflict" },
  email_taken: { status: 409, title: "Conflict" },
  device_name_taken: { status: 409, title: "Conflict" },
  device_missing: { status: 409, title: "Conflict" },
  body_too_large: { status: 413, title: "Content Too Large" },
  media_type_unsupported: { status: 415, title: "Unsupported Media Type" },
  overloaded: { status: 429, title: "Too Many Requests" },
  internal: { status: 500, title: "Internal Server Error" },
};

/** The error as the domain knows it; what it does not know is `internal`, and its message stays inside. */
export function asDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new DomainError("bad_json", error.message, { cause: error });
  }
  return new DomainError("internal", "the server failed; its log says why", {
    cause: error,
  });
}

export function problemOf(error: DomainError): Problem {
  const { status, title } = STATUS[error.code];
  return {
    type: "about:blank",
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
  };
}

/** The headers that an error asks for beside its body. */
export function problemHeaders(error: DomainError): Record<string, string> {
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (error.retryAfterSeconds !== null) {
    headers["retry-after"] = String(error.retryAfterSeconds);
  }
  if (error.allow.length > 0) headers["allow"] = error.allow.join(", ");
  if (error.code === "unauthenticated") {
    headers["www-authenticate"] = 'Bearer realm="smart-meter-monitor"';
  }
  return headers;
}

export function statusOf(code: ErrorCode): number {
  return STATUS[code].status;
}

export function problemResponse(c: Context, error: DomainError): Response {
  const problem = problemOf(error);
  return c.body(JSON.stringify(problem), {
    status: problem.status as 400,
    headers: { ...problemHeaders(error), "content-type": PROBLEM_MEDIA_TYPE },
  });
}

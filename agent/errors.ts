import type { FieldError } from "@/lib/domain/errors.ts";

/** Every way in which the agent can fail. */
export type AgentErrorCode =
  | "usage"
  | "os_unsupported"
  | "scan_failed"
  | "stopped"
  | "server_unreachable"
  | "server_failed"
  | "server_busy"
  | "answer_unintelligible"
  | "token_refused"
  | "device_missing"
  | "report_too_large"
  | "registration_refused"
  | "report_refused";

/** What an error may carry beside its code and message. */
export interface AgentErrorDetails {
  /** The fields that the server named as bad. */
  fields?: FieldError[];
  /** How long the server asks to be left alone. */
  retryAfterMs?: number | null;
  cause?: unknown;
}

/** A failure with a code. `message` names what failed, on one line, and never holds the token. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  readonly fields: FieldError[];
  readonly retryAfterMs: number | null;

  constructor(
    code: AgentErrorCode,
    message: string,
    details: AgentErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.fields = details.fields ?? [];
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

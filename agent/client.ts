import { reasonOf } from "@/agent/cli_error.ts";
import { AgentError, type AgentErrorCode } from "@/agent/errors.ts";
import type {
  RegisterDeviceRequest,
  RegisterDeviceResponse,
  ReportRequest,
} from "@/lib/contract/monitor.ts";
import type { Problem } from "@/lib/contract/problem.ts";

/** The two calls an agent makes. */
export interface MonitorClient {
  /** Makes the device known, or finds it again by its name. */
  register(
    request: RegisterDeviceRequest,
    stop: AbortSignal,
  ): Promise<Pick<RegisterDeviceResponse, "deviceId">>;
  /** Sends the whole picture. */
  report(request: ReportRequest, stop: AbortSignal): Promise<void>;
}

export interface ClientOptions {
  /** Without a slash at its end. */
  serverUrl: string;
  token: string;
  /** A request without an answer after this time has failed. */
  timeoutMs: number;
  fetch: typeof fetch;
  /** The time in ms since the epoch, for Retry-After dates. */
  now: () => number;
}

/**
 * A client of the server's `/api/monitor/*`. Its calls throw AgentError:
 *
 * | what happened | code |
 * |---|---|
 * | no connection, or no answer in time | `server_unreachable` |
 * | 401, 403 | `token_refused` |
 * | 404 on a report: the device was deleted | `device_missing` |
 * | 413 | `report_too_large` |
 * | 429, 503 | `server_busy`, with Retry-After where given |
 * | other 5xx | `server_failed` |
 * | a redirect, any other 4xx | `registration_refused` or `report_refused`, with field errors |
 * | 2xx that is not the contract's answer | `answer_unintelligible` |
 *
 * They throw the signal's reason where `stop` aborts.
 */
export function createClient(options: ClientOptions): MonitorClient {
  return {
    async register(request, stop) {
      const answer = await post(options, "register", request, stop);
      if (isRecord(answer) && typeof answer.deviceId === "string") {
        return { deviceId: answer.deviceId };
      }
      throw new AgentError(
        "answer_unintelligible",
        `${options.serverUrl} answered without a device id; is it a Smart Meter Monitor server?`,
      );
    },
    async report(request, stop) {
      await post(options, "reports", request, stop);
    },
  };
}

async function post(
  options: ClientOptions,
  call: "register" | "reports",
  body: unknown,
  stop: AbortSignal,
): Promise<unknown> {
  const { status, headers, text } = await send(options, call, body, stop);
  if (status >= 200 && status < 300) {
    const answer = parseJson(text);
    if (answer !== undefined) return answer;
    throw new AgentError(
      "answer_unintelligible",
      `${options.serverUrl} answered ${status} without JSON; is it a Smart Meter Monitor server?`,
    );
  }
  throw refusal(options, call, status, headers, parseProblem(text));
}

interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

async function send(
  { serverUrl, token, timeoutMs, fetch }: ClientOptions,
  call: string,
  body: unknown,
  stop: AbortSignal,
): Promise<RawAnswer> {
  stop.throwIfAborted();
  // One timer for headers and body; AbortSignal.timeout would outlive an answered request.
  const abort = new AbortController();
  const onStop = () => abort.abort();
  const timer = setTimeout(onStop, timeoutMs);
  stop.addEventListener("abort", onStop);
  try {
    const response = await fetch(`${serverUrl}/api/monitor/${call}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      // A followed redirect would turn the POST into a GET, or carry the token elsewhere.
      redirect: "manual",
      signal: abort.signal,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    stop.throwIfAborted();
    if (error instanceof Deno.errors.NotCapable) throw error;
    const reason = abort.signal.aborted
      ? `no answer within ${timeoutMs / 1000} s`
      : reasonOf(error);
    throw new AgentError(
      "server_unreachable",
      `cannot reach ${serverUrl}: ${reason}`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
}

function refusal(
  { serverUrl, now }: ClientOptions,
  call: "register" | "reports",
  status: number,
  headers: Headers,
  problem: ReturnType<typeof parseProblem>,
): AgentError {
  const code = codeOf(status, call);
  const location = headers.get("location");
  const detail = problem?.detail ??
    (location ? `it is at ${location}` : "without saying why");
  return new AgentError(
    code,
    `${serverUrl} ${VERBS[code] ?? "refused"} (${status}): ${detail}`,
    {
      fields: problem?.errors ?? [],
      retryAfterMs: parseRetryAfter(headers.get("retry-after"), now()),
    },
  );
}

const VERBS: Partial<Record<AgentErrorCode, string>> = {
  token_refused: "refused the token",
  device_missing: "does not know this device",
  report_too_large: "found the report too large",
  server_busy: "is busy",
  server_failed: "failed",
  registration_refused: "refused to register this device",
  report_refused: "refused the report",
};

function codeOf(status: number, call: "register" | "reports"): AgentErrorCode {
  if (status === 401 || status === 403) return "token_refused";
  if (status === 404 && call === "reports") return "device_missing";
  if (status === 413) return "report_too_large";
  if (status === 429 || status === 503) return "server_busy";
  if (status >= 500) return "server_failed";
  return call === "register" ? "registration_refused" : "report_refused";
}

/**
 * Retry-After as ms from now: seconds or an HTTP date (RFC 9110 section 10.2.3). Null where it is
 * absent or neither; never negative.
 */
export function parseRetryAfter(
  value: string | null,
  nowMs: number,
): number | null {
  if (value === null) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

/** What a problem says, or null where something else answered, such as a proxy. */
function parseProblem(text: string): Pick<Problem, "detail" | "errors"> | null {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value.detail !== "string") return null;
  const errors = Array.isArray(value.errors) ? value.errors : [];
  return {
    detail: value.detail,
    errors: errors.filter((error) =>
      isRecord(error) && typeof error.path === "string" &&
      typeof error.message === "string"
    ),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The HTTP calls of the dashboard; the session cookie goes along by itself. */
import type { AgentTokenResponse } from "@/lib/contract/auth.ts";
import type {
  DeviceDetail,
  DeviceList,
  DeviceQuery,
  DeviceView,
} from "@/lib/contract/dashboard.ts";
import type { Problem } from "@/lib/contract/problem.ts";
import type { FieldError } from "@/lib/domain/errors.ts";
import { queryFields } from "@/islands/dashboard/url.ts";

/** A request that got no answer: the server, or the way to it, is down. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** An answer that refuses. `fields` are the fields at fault; `message` is for people. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly fields: FieldError[];

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? `the server answered with status ${status}`);
    this.status = status;
    this.fields = problem.errors ?? [];
  }
}

export interface ApiOptions {
  fetch: typeof fetch;
  /** The session has ended: there is nothing more to ask. */
  onSessionEnd: () => void;
  /** The server's clock, as each answer tells it. */
  onServerTime: (ms: number) => void;
}

/** Each call rejects with an UnreachableError or an ApiError. */
export interface Api {
  listDevices(query: DeviceQuery, signal: AbortSignal): Promise<DeviceList>;
  deviceDetail(id: string, signal: AbortSignal): Promise<DeviceDetail>;
  renameDevice(id: string, deviceName: string): Promise<DeviceView>;
  deleteDevice(id: string): Promise<void>;
  agentToken(): Promise<AgentTokenResponse>;
}

const ACTION_TIMEOUT_MS = 10_000;

/** The stream of events of the devices that `listDevices` gives. */
export function deviceEventsHref(query: DeviceQuery): string {
  return `/api/dashboard/events?${new URLSearchParams(queryFields(query))}`;
}

export function createApi(options: ApiOptions): Api {
  const call = (path: string, init: RequestInit) =>
    request(options, path, init);
  const device = (id: string) =>
    `/api/dashboard/user/${encodeURIComponent(id)}`;
  return {
    async listDevices(query, signal) {
      const search = new URLSearchParams(queryFields(query));
      const answer = await call(`/api/dashboard/users?${search}`, { signal });
      return await answer.json();
    },
    async deviceDetail(id, signal) {
      return await (await call(device(id), { signal })).json();
    },
    async renameDevice(id, deviceName) {
      const answer = await call(device(id), action("PATCH", { deviceName }));
      return (await answer.json()).device;
    },
    async deleteDevice(id) {
      await call(device(id), action("DELETE"));
    },
    async agentToken() {
      return await (await call("/api/auth/agent-token", action("POST"))).json();
    },
  };
}

function action(method: string, body?: unknown): RequestInit {
  const signal = AbortSignal.timeout(ACTION_TIMEOUT_MS);
  if (body === undefined) return { method, signal };
  return {
    method,
    signal,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

async function request(
  { fetch, onSessionEnd, onServerTime }: ApiOptions,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const response = await fetch(path, {
    ...init,
    headers: { accept: "application/json", ...init.headers },
  }).catch((cause) => {
    throw new UnreachableError("the server does not answer", { cause });
  });
  const serverTimeMs = Date.parse(response.headers.get("date") ?? "");
  if (!Number.isNaN(serverTimeMs)) onServerTime(serverTimeMs);
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  if (response.status === 401) onSessionEnd();
  throw new ApiError(response.status, problem);
}

/** Examples: what the application itself answers, in memory, to one request a route. */
import { fenced, json } from "@/scripts/api_docs/markdown.ts";
import type { Operation } from "@/scripts/api_docs/openapi.ts";

/** Sends a request; the application's own `request`. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** What earlier answers gave, for the requests that follow. */
interface Context {
  session: string;
  agent: string;
  deviceId: string;
}

const ACCOUNT = { username: "alice", password: "correct horse" };
/** A connection with all its fields. */
export const CONNECTION = {
  protocol: "TCP",
  sourceIp: "192.168.1.20",
  sourcePort: 40001,
  destIp: "10.20.0.7",
  destPort: 4059,
  bytesIn: 4096,
  bytesOut: 1024,
  state: "ESTABLISHED",
  processName: "meterd",
};

const BODIES: Readonly<Record<string, (context: Context) => unknown>> = {
  "POST /api/auth/register": () => ({
    username: ACCOUNT.username,
    email: "alice@example.org",
    password: ACCOUNT.password,
    confirmPassword: ACCOUNT.password,
  }),
  "POST /api/auth/login": () => ACCOUNT,
  "POST /api/monitor/register": () => ({
    deviceName: "meter-0042",
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 10,
  }),
  "POST /api/monitor/connections": ({ deviceId }) => ({
    deviceId,
    ...CONNECTION,
  }),
  "POST /api/monitor/reports": ({ deviceId }) => ({
    deviceId,
    session: "2026-01-31-boot-1",
    sequence: 1,
    scannedAt: "2026-01-31T12:00:00Z",
    intervalSeconds: 10,
    connections: [CONNECTION],
  }),
  "PATCH /api/dashboard/user/{id}": () => ({ deviceName: "substation-7" }),
};

const SHORT_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...";

/**
 * Calls every operation once, in order, and gives each exchange as a Markdown block, by `METHOD /path`.
 * Throws where an answer is a refusal, and where BODIES lacks the body of a route that takes one.
 */
export async function examplesOf(
  operations: readonly Operation[],
  send: Send,
): Promise<Map<string, string>> {
  const context: Context = { session: "", agent: "", deviceId: "" };
  const shorten = stableText();
  const examples = new Map<string, string>();
  for (const operation of operations) {
    const name = `${operation.method} ${operation.path}`;
    const request = requestOf(operation, context);
    const answer = await send(request.path, request.init);
    const body = await readBody(answer);
    if (!answer.ok) throw new Error(`${name} answered ${body}`);
    const block = [...requestLines(request), "", ...answerLines(answer, body)];
    examples.set(name, fenced("http", shorten(block.join("\n"))));
    if (isJson(answer)) learn(context, operation.path, JSON.parse(body));
  }
  return examples;
}

interface Request {
  path: string;
  init: RequestInit & { headers: Record<string, string> };
}

function requestOf(operation: Operation, context: Context): Request {
  const { method, path, security, requestBody } = operation;
  const headers: Record<string, string> = {};
  if (security) {
    const token = agentMayCall(path) ? context.agent : context.session;
    headers["Authorization"] = `Bearer ${token}`;
  }
  const init: Request["init"] = { method, headers };
  if (requestBody) {
    const bodyOf = BODIES[`${method} ${path}`];
    if (!bodyOf) throw new Error(`BODIES has none for ${method} ${path}`);
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(bodyOf(context));
  }
  return { path: path.replace("{id}", context.deviceId), init };
}

/** True for the routes that a token of scope `agent` may call. */
export function agentMayCall(path: string): boolean {
  return path.startsWith("/api/monitor/");
}

function learn(
  context: Context,
  path: string,
  answer: { token?: string; deviceId?: string },
): void {
  if (answer.deviceId) context.deviceId = answer.deviceId;
  if (!answer.token) return;
  if (path === "/api/auth/agent-token") context.agent = answer.token;
  else context.session = answer.token;
}

function requestLines({ path, init }: Request): string[] {
  const headers = Object.entries(init.headers).map((pair) => pair.join(": "));
  const body = typeof init.body === "string" ? ["", pretty(init.body)] : [];
  return [`${init.method} ${path} HTTP/1.1`, ...headers, ...body];
}

/** The body of a JSON answer; of others, which may change from call to call or never end, that there is one. */
async function readBody(answer: Response): Promise<string> {
  if (isJson(answer) || answer.body === null) return await answer.text();
  await answer.body.cancel();
  return "...";
}

function isJson(answer: Response): boolean {
  return /json/.test(answer.headers.get("content-type") ?? "");
}

function answerLines(answer: Response, body: string): string[] {
  const contentType = answer.headers.get("content-type");
  const header = contentType ? [`Content-Type: ${contentType}`] : [];
  const status = `HTTP/1.1 ${answer.status} ${REASONS[answer.status] ?? ""}`;
  const shown = isJson(answer) ? pretty(body) : body;
  return [status.trim(), ...header, ...shown ? ["", shown] : []];
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
};

function pretty(body: string): string {
  return json(JSON.parse(body));
}

/** Replaces what is random: ids by numbered ones, tokens by their beginning. */
function stableText(): (text: string) => string {
  const ids = new Map<string, string>();
  return (text) =>
    text
      .replaceAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, SHORT_TOKEN)
      .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => {
        const number = String(ids.size + 1).padStart(12, "0");
        const known = ids.get(id) ?? `00000000-0000-4000-8000-${number}`;
        ids.set(id, known);
        return known;
      });
}

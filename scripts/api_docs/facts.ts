/** What the introduction says in numbers and tables, taken from the code that decides it. */
import { readServerConfig } from "@/lib/config.ts";
import { MAX_PAGE_SIZE } from "@/lib/contract/dashboard.ts";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";
import { onlinePatienceMs } from "@/lib/domain/device_status.ts";
import type { ErrorCode } from "@/lib/domain/errors.ts";
import type { Scope } from "@/lib/domain/user.ts";
import { MAX_BODY_BYTES } from "@/routes/middleware/read_body.ts";
import { statusOf } from "@/routes/problem.ts";
import { CONNECTION } from "@/scripts/api_docs/examples.ts";
import { answerTable } from "@/scripts/api_docs/fields.ts";
import { code, fenced, json, table } from "@/scripts/api_docs/markdown.ts";
import type { OpenApiDocument } from "@/scripts/api_docs/openapi.ts";
import type { TestApp } from "@/tests/support/app.ts";

const DAY_MS = 86_400_000;

/** When each code is the answer; a code without a line does not compile. */
const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  bad_json: "the body is not JSON",
  fields_invalid: "fields are missing or break a rule; `errors` names each",
  unauthenticated: "there is no token, or it is invalid or has expired",
  credentials_wrong: "the user name or the password is wrong",
  forbidden:
    "the token's scope does not allow it, or a page of another site made a browser send it",
  registration_closed:
    "`REGISTRATION` is not `open`, and the first account exists",
  not_found: "no such path, no such device, or the device is somebody else's",
  method_not_allowed: "the path does not take the method; see `Allow`",
  username_taken: "another account has this user name",
  email_taken: "another account has this e-mail address",
  device_name_taken: "another device of the owner has this name",
  device_missing:
    "the connection names no device, and the account has registered none",
  body_too_large: `the body has more than ${MAX_BODY_BYTES} bytes`,
  media_type_unsupported: "the body's `Content-Type` is not `application/json`",
  overloaded: "too much waits already; try again after `Retry-After` seconds",
  internal: "the server failed; its log says why",
};

/** The blocks that stand for the introduction's `{{names}}`. */
export async function factsOf(
  app: TestApp,
  document: OpenApiDocument,
): Promise<Record<string, string>> {
  const { schemas } = document.components;
  return {
    metrics: await metrics(app),
    scopes: await scopes(app),
    errorCodes: errorCodes(),
    problemFields: answerTable(
      { $ref: "#/components/schemas/Problem" },
      schemas,
    ),
    problemExample: await problemExample(app),
    limits: table(["what", "at most"], [
      ["a request's body", `${MAX_BODY_BYTES} bytes`],
      ["such connections in a body as in the examples", connectionsInBody()],
      ["connections of a device", String(MAX_CONNECTIONS_PER_REPORT)],
      ["devices on a page of the list", String(MAX_PAGE_SIZE)],
    ]),
    times: times(),
  };
}

function errorCodes(): string {
  const rows = Object.entries(MEANINGS).map(([errorCode, meaning]) => [
    code(errorCode),
    String(statusOf(errorCode as ErrorCode)),
    meaning,
  ]);
  return table(["code", "status", "when"], rows);
}

function connectionsInBody(): string {
  const each = JSON.stringify(CONNECTION).length + ",".length;
  return `about ${Math.floor(MAX_BODY_BYTES / each / 100) * 100}`;
}

/** What `/metrics` says of its own metrics. */
async function metrics(app: TestApp): Promise<string> {
  const text = await (await app.request("/metrics")).text();
  const rows = text.matchAll(/^# HELP (\S+) (.+)$/gm).map((
    [, name = "", help = ""],
  ) => [code(name), help]);
  return table(["metric", "what"], [...rows]);
}

async function scopes(app: TestApp): Promise<string> {
  const [session, agent] = [
    await lifetimeDays(app, "session"),
    await lifetimeDays(app, "agent"),
  ];
  return table(["scope", "lasts", "may"], [
    ["`session`", `${session} days`, "all that its user may"],
    ["`agent`", `${agent} days`, "call `/api/monitor/*` and nothing else"],
  ]);
}

function times(): string {
  const defaults = readServerConfig([], () => undefined);
  if (typeof defaults === "string") throw new Error("no flags, no config");
  const { connectionTtlSeconds } = defaults;
  const leastSeconds = onlinePatienceMs(0) / 1000;
  return table(["what", "lasts"], [
    [
      "a device is online after a report",
      `three of its intervals, at least ${leastSeconds} seconds`,
    ],
    [
      "a connection counts after its last sighting",
      `${connectionTtlSeconds} seconds, unless the server is set otherwise`,
    ],
  ]);
}

async function lifetimeDays(app: TestApp, scope: Scope): Promise<number> {
  const nobody = { id: "", username: "", email: "" };
  const { expiresAt } = await app.tokens.issue(nobody, scope);
  return (expiresAt - app.clock.nowMs) / DAY_MS;
}

/** A real refusal, of a registration with two faults. */
async function problemExample(app: TestApp): Promise<string> {
  const answer = await app.send("POST", "/api/auth/register", {
    username: "alice",
    email: "alice@example",
    password: "correct horse",
    confirmPassword: "correct house",
  });
  return fenced("json", json(await answer.json()));
}

/**
 * API endpoints: one declaration gives the route, its checks and its part of the OpenAPI document.
 * The checks come in this order: media type, JSON, token, schema; so a stranger learns nothing about
 * fields, and nothing is stored unless all of a request is good.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { z } from "zod";
import type { Authenticator } from "@/lib/auth/authenticator.ts";
import { problem, PROBLEM_MEDIA_TYPE } from "@/lib/contract/problem.ts";
import {
  DomainError,
  type ErrorCode,
  type FieldError,
} from "@/lib/domain/errors.ts";
import type { Scope } from "@/lib/domain/user.ts";
import type { AppEnv } from "@/routes/deps.ts";
import { authenticate } from "@/routes/middleware/authenticate.ts";
import { readJson } from "@/routes/middleware/read_body.ts";
import { statusOf } from "@/routes/problem.ts";

type Method = "get" | "post" | "patch" | "delete";

export interface Endpoint<Body, Query> {
  method: Method;
  /** With OpenAPI's `{name}` for parameters. */
  path: string;
  summary: string;
  tag: string;
  /** The scopes that may call it; none: everybody may. */
  scopes: readonly Scope[];
  body?: z.ZodType<Body>;
  /** A faster way to what `body` would give; null where only `body` can tell. */
  readBody?: (value: unknown) => Body | null;
  /** For the OpenAPI document, where `body` leaves the checking to the handler. */
  documentedBody?: z.ZodType;
  query?: z.ZodObject & z.ZodType<Query>;
  /** What it answers when all is well, by status; null: no body. */
  answers: Record<number, {
    description: string;
    schema: z.ZodType | null;
    /** JSON where absent. */
    mediaType?: string;
  }>;
  /** What it may refuse beside what its checks refuse. */
  refusals?: readonly ErrorCode[];
}

/** What a handler gets, checked. */
export interface Input<Body, Query> {
  c: Context<AppEnv>;
  body: Body;
  query: Query;
}

export type App = OpenAPIHono<AppEnv>;

/** Adds an endpoint to the app and to its OpenAPI document. */
export function endpoint<Body = undefined, Query = undefined>(
  app: App,
  authenticator: Authenticator,
  spec: Endpoint<Body, Query>,
  handle: (input: Input<Body, Query>) => Response | Promise<Response>,
): void {
  const { method, path, body, query, scopes } = spec;
  const checks: MiddlewareHandler<AppEnv>[] = [];
  if (body) checks.push(readJson());
  if (scopes.length > 0) checks.push(authenticate(authenticator, scopes));
  app.on(
    [method.toUpperCase()],
    [path.replaceAll(/\{(\w+)\}/g, ":$1")],
    ...checks,
    (c: Context<AppEnv>) =>
      handle({
        c,
        // Without a schema there is no body, and its type says so.
        body: body
          ? spec.readBody?.(c.get("body")) ?? checked(body, c.get("body"))
          : undefined as Body,
        query: query ? checked(query, c.req.query()) : undefined as Query,
      }),
  );
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary: spec.summary,
    tags: [spec.tag],
    ...(scopes.length > 0 ? { security: [{ bearer: [] }] } : {}),
    request: {
      ...(path.includes("{id}")
        ? { params: z.object({ id: z.string() }) }
        : {}),
      ...(query ? { query } : {}),
      ...(body
        ? {
          body: {
            required: true,
            content: content(spec.documentedBody ?? body),
          },
        }
        : {}),
    },
    responses: { ...answers(spec), ...problems(spec) },
  });
}

/** The value by its schema. Throws `fields_invalid` that names every bad field by its path. */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, MAX_NAMED_FIELDS)
    .map(({ path, message }): FieldError => ({
      path: writePath(path),
      message: path.length === 0 ? "the body must be a JSON object" : message,
    }));
  const count = parsed.error.issues.length;
  const named = fields.slice(0, 3).map(({ path }) => path).join(", ");
  throw new DomainError(
    "fields_invalid",
    `the request has ${count} bad field${count === 1 ? "" : "s"}: ${named}${
      count > 3 ? ", ..." : ""
    }`,
    { fields },
  );
}

const MAX_NAMED_FIELDS = 100;

/** `connections[3].destPort` for ["connections", 3, "destPort"]. */
function writePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number"
        ? `${text}[${part}]`
        : text === ""
        ? String(part)
        : `${text}.${String(part)}`,
    "",
  );
}

function content(schema: z.ZodType, mediaType = "application/json") {
  return { [mediaType]: { schema } };
}

function answers<Body, Query>(spec: Endpoint<Body, Query>) {
  return Object.fromEntries(
    Object.entries(spec.answers).map((
      [status, { description, schema, mediaType }],
    ) => [
      status,
      schema
        ? { description, content: content(schema, mediaType) }
        : { description },
    ]),
  );
}

function problems<Body, Query>(spec: Endpoint<Body, Query>) {
  const codes: ErrorCode[] = [...spec.refusals ?? []];
  if (spec.body) {
    codes.push("bad_json", "body_too_large", "media_type_unsupported");
  }
  if (spec.body || spec.query) codes.push("fields_invalid");
  if (spec.scopes.length > 0) codes.push("unauthenticated", "forbidden");
  const byStatus = Map.groupBy(new Set(codes), statusOf);
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, {
    description: group.join(", "),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: problem } },
  }]));
}

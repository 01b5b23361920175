import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { DomainError } from "@/lib/domain/errors.ts";
import type { AppEnv } from "@/routes/deps.ts";

/** No request may have a larger body. */
export const MAX_BODY_BYTES = 1_048_576;

const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** Refuses bodies over 1 MiB with `body_too_large`, whether or not they say their length. */
export function limitBody(): MiddlewareHandler {
  const onError = () => {
    throw new DomainError(
      "body_too_large",
      `the body has more than ${MAX_BODY_BYTES} bytes`,
    );
  };
  const countBody = bodyLimit({ maxSize: MAX_BODY_BYTES, onError });
  return async function limitBody(c, next) {
    const length = c.req.header("content-length");
    if (length === undefined || c.req.header("transfer-encoding")) {
      return await countBody(c, next);
    }
    // Hono's own check touches the body's stream: then Deno keeps what it reads until a full collection.
    if (Number(length) > MAX_BODY_BYTES) onError();
    await next();
  };
}

/** Parses a JSON body once, into `c.var.body`. Throws `media_type_unsupported` or `bad_json`. */
export function readJson(): MiddlewareHandler<AppEnv> {
  return async function readJson(c, next) {
    const mediaType = c.req.header("content-type") ?? "";
    if (!JSON_MEDIA_TYPE.test(mediaType)) {
      throw new DomainError(
        "media_type_unsupported",
        `the body must be application/json, not ${
          mediaType === "" ? "without a content type" : mediaType.slice(0, 100)
        }`,
      );
    }
    // Hono's own `c.req.text()` would keep the text for as long as the request waits.
    c.set("body", parseJson(await c.req.raw.text()));
    await next();
  };
}

/** The fields of an HTML form, as text. */
export async function readForm(c: Context): Promise<Record<string, string>> {
  const mediaType = c.req.header("content-type") ?? "";
  if (!mediaType.startsWith("application/x-www-form-urlencoded")) {
    throw new DomainError(
      "media_type_unsupported",
      "the body must be application/x-www-form-urlencoded",
    );
  }
  return Object.fromEntries(new URLSearchParams(await c.req.text()));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DomainError(
      "bad_json",
      `the body is not JSON: ${reason.slice(0, 200)}`,
      { cause: error },
    );
  }
}

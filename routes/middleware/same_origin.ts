import type { MiddlewareHandler } from "hono";
import { DomainError } from "@/lib/domain/errors.ts";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what another site's page makes a browser send. Browsers name the page's origin with every
 * unsafe request (Fetch standard, "serializing a request origin"); agents and curl name none.
 */
export function sameOrigin(publicUrl: string | null): MiddlewareHandler {
  return async function sameOrigin(c, next) {
    const origin = c.req.header("origin");
    if (
      origin !== undefined && !SAFE_METHODS.has(c.req.method) &&
      !isOwn(origin, c.req.header("host"), publicUrl)
    ) {
      throw new DomainError(
        "forbidden",
        "the request comes from a page of another site",
      );
    }
    await next();
  };
}

function isOwn(
  origin: string,
  host: string | undefined,
  publicUrl: string | null,
): boolean {
  if (publicUrl !== null && URL.parse(publicUrl)?.origin === origin) {
    return true;
  }
  // A proxy may have ended TLS, so the scheme is not compared.
  return URL.parse(origin)?.host === host;
}

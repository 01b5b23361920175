import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import type { Authenticator } from "@/lib/auth/authenticator.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import type { Principal, Scope } from "@/lib/domain/user.ts";
import type { AppEnv } from "@/routes/deps.ts";

export const SESSION_COOKIE = "session";

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Lets a request through whose token has one of `scopes`, and leaves its principal in `c.var.principal`.
 * The token is in the Authorization header, in a JSON body's `token`, or in the browser's cookie.
 * Throws `unauthenticated`, or `forbidden` for a token of another scope.
 */
export function authenticate(
  authenticator: Authenticator,
  scopes: readonly Scope[],
): MiddlewareHandler<AppEnv> {
  return async function authenticate(c, next) {
    const token = requestToken(c);
    if (token === null) {
      throw new DomainError("unauthenticated", "the request has no token");
    }
    const principal = await authenticator.authenticate(token);
    if (!principal) {
      throw new DomainError(
        "unauthenticated",
        "the token is invalid or has expired",
      );
    }
    if (!scopes.includes(principal.scope)) {
      throw new DomainError(
        "forbidden",
        `a token of scope "${principal.scope}" may not do this`,
      );
    }
    c.set("principal", principal);
    await next();
  };
}

/** The principal of the browser's session cookie; null where nobody is logged in. */
export async function cookiePrincipal(
  c: Context,
  authenticator: Authenticator,
): Promise<Principal | null> {
  const token = getCookie(c, SESSION_COOKIE);
  const principal = token ? await authenticator.authenticate(token) : null;
  return principal?.scope === "session" ? principal : null;
}

/** The token in the Authorization header; null where it has none. */
export function bearerToken(c: Context): string | null {
  return BEARER.exec(c.req.header("authorization") ?? "")?.[1] ?? null;
}

function requestToken(c: Context<AppEnv>): string | null {
  if (c.req.header("authorization") !== undefined) return bearerToken(c);
  const body = c.get("body");
  if (typeof body === "object" && body !== null && "token" in body) {
    return typeof body.token === "string" ? body.token : null;
  }
  return getCookie(c, SESSION_COOKIE) ?? null;
}

/** The browser's session: a token in a cookie that scripts cannot read. */
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { IssuedToken } from "@/lib/auth/tokens.ts";
import type { AppDeps, AppEnv } from "@/routes/deps.ts";
import { SESSION_COOKIE } from "@/routes/middleware/authenticate.ts";

type CookieDeps = Pick<AppDeps, "config">;

export function setSession(
  c: Context<AppEnv>,
  deps: CookieDeps,
  { token, expiresAt }: IssuedToken,
): void {
  setCookie(c, SESSION_COOKIE, token, {
    ...attributes(c, deps),
    expires: new Date(expiresAt),
  });
}

export function endSession(c: Context<AppEnv>, deps: CookieDeps): void {
  deleteCookie(c, SESSION_COOKIE, attributes(c, deps));
}

function attributes(c: Context<AppEnv>, { config }: CookieDeps) {
  return {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: config.publicUrl?.startsWith("https:") ??
      new URL(c.req.url).protocol === "https:",
  } as const;
}

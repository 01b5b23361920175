/** Tokens: JSON Web Tokens signed with HS256 (RFC 7519, RFC 7515). */
import { sign, verify } from "hono/jwt";
import { z } from "zod";
import type { Scope, User } from "@/lib/domain/user.ts";

export interface TokenClaims {
  id: string;
  username: string;
  email: string;
  scope: Scope;
  /** Seconds since the epoch, as RFC 7519 has it. */
  iat: number;
  exp: number;
}

export interface IssuedToken {
  token: string;
  /** ms since the epoch. */
  expiresAt: number;
}

const LIFETIME_SECONDS: Record<Scope, number> = {
  session: 7 * 86_400,
  agent: 365 * 86_400,
};
/** A longer text is no token of ours and is not looked at. */
const MAX_TOKEN_LENGTH = 2_048;
/** Clocks of two servers on one database may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 60;

const claims = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string(),
  scope: z.enum(["session", "agent"]),
  iat: z.number(),
  nbf: z.number().optional(),
  exp: z.number(),
});

export class Tokens {
  readonly #secret: string;
  readonly #now: () => number;

  constructor(secret: string, now: () => number) {
    this.#secret = secret;
    this.#now = now;
  }

  async issue(
    { id, username, email }: Pick<User, "id" | "username" | "email">,
    scope: Scope,
  ): Promise<IssuedToken> {
    const iat = Math.floor(this.#now() / 1000);
    const exp = iat + LIFETIME_SECONDS[scope];
    const payload = { id, username, email, iat, exp, scope };
    const token = await sign(payload, this.#secret, "HS256");
    return { token, expiresAt: exp * 1000 };
  }

  /** What a token claims, or null where it is not ours, altered, expired or not yet valid. */
  async verify(token: string): Promise<TokenClaims | null> {
    if (token.length > MAX_TOKEN_LENGTH) return null;
    const payload = await verify(token, this.#secret, {
      alg: "HS256",
      // Times are checked below, against this server's own clock.
      exp: false,
      nbf: false,
      iat: false,
    }).catch(() => null);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) return null;
    const nowSeconds = this.#now() / 1000;
    const { iat, nbf = iat, exp } = parsed.data;
    const valid = exp > nowSeconds &&
      Math.max(iat, nbf) <= nowSeconds + CLOCK_TOLERANCE_SECONDS;
    return valid ? parsed.data : null;
  }
}

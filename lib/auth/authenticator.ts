import type { Principal, User } from "@/lib/domain/user.ts";
import type { Tokens } from "@/lib/auth/tokens.ts";

/** Verified tokens kept: one an agent in a large fleet. About 600 bytes each. */
const MAX_KEPT_TOKENS = 60_000;
/** A kept verification is made anew after this long, so that changes of the account arrive. */
const KEPT_FOR_MS = 60_000;

interface Kept {
  principal: Principal;
  until: number;
}

/**
 * Tells who makes a request by its token. Checking a signature takes longer than parsing a report,
 * so what was verified is kept for a minute, never past the token's end.
 */
export class Authenticator {
  readonly #tokens: Tokens;
  readonly #findUser: (id: string) => Promise<User | null>;
  readonly #now: () => number;
  /** In the order of verification: the oldest goes first when it is full. */
  readonly #kept = new Map<string, Kept>();

  constructor(
    tokens: Tokens,
    findUser: (id: string) => Promise<User | null>,
    now: () => number,
  ) {
    this.#tokens = tokens;
    this.#findUser = findUser;
    this.#now = now;
  }

  /** The principal behind a token; null where it is refused. */
  async authenticate(token: string): Promise<Principal | null> {
    return this.kept(token) ?? await this.#verify(token);
  }

  /** The principal behind a token that was verified lately; at once, for the hot path. */
  kept(token: string): Principal | null {
    const kept = this.#kept.get(token);
    return kept && kept.until > this.#now() ? kept.principal : null;
  }

  async #verify(token: string): Promise<Principal | null> {
    const claims = await this.#tokens.verify(token);
    const user = claims && await this.#findUser(claims.id);
    if (!user) return null;
    const { id, username, email, role } = user;
    const principal: Principal = {
      user: { id, username, email, role },
      scope: claims.scope,
      expiresAt: claims.exp * 1000,
    };
    this.#keep(token, principal);
    return principal;
  }

  #keep(token: string, principal: Principal): void {
    const until = Math.min(this.#now() + KEPT_FOR_MS, principal.expiresAt);
    this.#kept.delete(token);
    this.#kept.set(token, { principal, until });
    if (this.#kept.size <= MAX_KEPT_TOKENS) return;
    const oldest = this.#kept.keys().next();
    if (!oldest.done) this.#kept.delete(oldest.value);
  }
}

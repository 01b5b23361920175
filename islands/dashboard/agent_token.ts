/**
 * `localStorage.token`: a token that may only report, kept so that one can copy it from the browser's
 * console and start an agent with it.
 */

export const TOKEN_KEY = "token";

/** A token this close to its end is replaced. */
const EXPIRY_MARGIN_SECONDS = 60;

/** Tells if a stored token may still be used by this user's agents. It is read, not verified. */
export function isUsableToken(
  token: string | null,
  userId: string,
  nowMs: number,
): boolean {
  const claims = readClaims(token);
  return claims?.id === userId && claims.scope === "agent" &&
    typeof claims.exp === "number" &&
    claims.exp - EXPIRY_MARGIN_SECONDS > nowMs / 1000;
}

/** The claims of a JWT (RFC 7519), or null where the text is none. */
function readClaims(token: string | null): Record<string, unknown> | null {
  const payload = token?.split(".")[1];
  if (payload === undefined) return null;
  try {
    const claims = JSON.parse(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
    );
    return typeof claims === "object" ? claims : null;
  } catch {
    return null;
  }
}

export interface AgentTokenOptions {
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  fetchToken: () => Promise<{ token: string }>;
  userId: string;
  nowMs: () => number;
}

export interface AgentTokenKeeper {
  /** Sees to it that a usable token is stored; without effect while one is being fetched. */
  ensure(): Promise<void>;
  /** Fetches a new token, stores and returns it. */
  renew(): Promise<string>;
  /** Forgets the token, and whatever is still on its way. */
  clear(): void;
}

/** Keeps the stored token usable. A browser that refuses to store is no reason to fail. */
export function createAgentTokenKeeper(
  { storage, fetchToken, userId, nowMs }: AgentTokenOptions,
): AgentTokenKeeper {
  let fetching = false;
  let cleared = false;

  const renew = async () => {
    const { token } = await fetchToken();
    if (!cleared) quietly(() => storage.setItem(TOKEN_KEY, token));
    return token;
  };

  return {
    async ensure() {
      const stored = quietly(() => storage.getItem(TOKEN_KEY)) ?? null;
      if (fetching || cleared || isUsableToken(stored, userId, nowMs())) return;
      fetching = true;
      try {
        await renew();
      } catch {
        // The next call tries again.
      } finally {
        fetching = false;
      }
    },
    renew,
    clear() {
      cleared = true;
      quietly(() => storage.removeItem(TOKEN_KEY));
    },
  };
}

/** Storage throws where cookies are blocked. */
function quietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

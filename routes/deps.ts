/** What the routes work with; main.ts and the tests put it together. */
import type { Accounts } from "@/lib/auth/accounts.ts";
import type { Authenticator } from "@/lib/auth/authenticator.ts";
import type { Tokens } from "@/lib/auth/tokens.ts";
import type { ServerConfig } from "@/lib/config.ts";
import type { Principal } from "@/lib/domain/user.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import type { Assets } from "@/lib/web/assets.ts";

export interface AppDeps {
  config: Pick<ServerConfig, "publicUrl" | "tls" | "dev">;
  accounts: Accounts;
  authenticator: Authenticator;
  tokens: Tokens;
  fleet: Fleet;
  assets: Assets;
  now: () => number;
  /** Takes what went wrong inside; nothing of it reaches the client. */
  logError: (error: unknown) => void;
}

/** What middleware leaves for handlers. */
export interface AppEnv {
  Variables: {
    /** The parsed JSON body, where the route takes one. */
    body: unknown;
    principal: Principal;
  };
}

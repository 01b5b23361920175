/** What the routes work with; main.ts and the tests put it together. */
import type { Accounts } from "@/lib/auth/accounts.ts";
import type { Authenticator } from "@/lib/auth/authenticator.ts";
import type { Tokens } from "@/lib/auth/tokens.ts";
import type { ServerConfig } from "@/lib/config.ts";
import type { Principal } from "@/lib/domain/user.ts";
import type { Assets } from "@/lib/web/assets.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";

export interface AppDeps {
  config: Pick<ServerConfig, "publicUrl" | "tls" | "dev">;
  accounts: Accounts;
  authenticator: Authenticator;
  tokens: Tokens;
  fleet: Fleet;
  /** The folder that holds dist/. */
  root: string;
  now: () => number;
  /** Takes what went wrong inside; nothing of it reaches the client. */
  logError: (error: unknown) => void;
}

/** What the pages work with. */
export interface PageDeps extends AppDeps {
  assets: Assets;
}

/** What middleware leaves for handlers. */
export interface AppEnv {
  Variables: {
    /** The parsed JSON body, where the route takes one. */
    body: unknown;
    principal: Principal;
  };
}

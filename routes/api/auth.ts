/** `/api/auth/*`: accounts and tokens. */
import {
  agentTokenResponse,
  type AuthResponse,
  authResponse,
  loginRequest,
  registerRequest,
  type UserView,
} from "@/lib/contract/auth.ts";
import type { User } from "@/lib/domain/user.ts";
import type { AppDeps } from "@/routes/deps.ts";
import { type App, endpoint } from "@/routes/endpoint.ts";

/** An account without what is nobody's business. */
export function userView({ id, username, email, role }: UserView): UserView {
  return { id, username, email, role };
}

export function addAuthRoutes(app: App, deps: AppDeps): void {
  const { accounts, authenticator, tokens } = deps;
  const tag = "Accounts";
  const sessionOf = async (user: User): Promise<AuthResponse> => {
    const { token } = await tokens.issue(user, "session");
    return { token, user: userView(user) };
  };

  endpoint(
    app,
    authenticator,
    {
      method: "post",
      path: "/api/auth/register",
      summary: "Make an account; the first one is the administrator",
      tag,
      scopes: [],
      body: registerRequest,
      answers: { 201: { description: "made", schema: authResponse } },
      refusals: [
        "registration_closed",
        "username_taken",
        "email_taken",
        "overloaded",
      ],
    },
    async ({ c, body }) =>
      c.json(await sessionOf(await accounts.register(body)), 201),
  );

  endpoint(
    app,
    authenticator,
    {
      method: "post",
      path: "/api/auth/login",
      summary: "Trade user name and password for a token",
      tag,
      scopes: [],
      body: loginRequest,
      answers: { 200: { description: "logged in", schema: authResponse } },
      refusals: ["credentials_wrong", "overloaded"],
    },
    async ({ c, body }) => c.json(await sessionOf(await accounts.logIn(body))),
  );

  endpoint(app, authenticator, {
    method: "post",
    path: "/api/auth/agent-token",
    summary: "Make a token that may only report, for agents",
    tag,
    scopes: ["session"],
    answers: { 200: { description: "made", schema: agentTokenResponse } },
  }, async ({ c }) => {
    const issued = await tokens.issue(c.var.principal.user, "agent");
    return c.json({
      token: issued.token,
      expiresAt: new Date(issued.expiresAt).toISOString(),
    });
  });
}

/** `/`: on to the dashboard, or to the login where nobody is logged in. */
import type { AppDeps } from "@/routes/deps.ts";
import type { App } from "@/routes/endpoint.ts";
import { cookiePrincipal } from "@/routes/middleware/authenticate.ts";

export function addHome(app: App, { authenticator }: AppDeps): void {
  app.get("/", async (c) => {
    const principal = await cookiePrincipal(c, authenticator);
    return c.redirect(principal ? "/dashboard" : "/login");
  });
}

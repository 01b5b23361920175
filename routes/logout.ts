/** `POST /logout`: ends the browser's session. */
import type { AppDeps } from "@/routes/deps.ts";
import type { App } from "@/routes/endpoint.ts";
import { endSession } from "@/routes/session_cookie.ts";

export function addLogout(app: App, deps: AppDeps): void {
  app.post("/logout", (c) => {
    endSession(c, deps);
    return c.redirect("/login", 303);
  });
}

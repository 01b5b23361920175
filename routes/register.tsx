/** `/register`: a plain form. */
import type { Context } from "hono";
import { RegisterPage } from "@/components/pages/RegisterPage.tsx";
import { registerRequest } from "@/lib/contract/auth.ts";
import { renderPage } from "@/lib/web/page.tsx";
import type { AppEnv, PageDeps } from "@/routes/deps.ts";
import { type App, checked } from "@/routes/endpoint.ts";
import { type FormRefusal, formRefusal } from "@/routes/form_refusal.ts";
import { cookiePrincipal } from "@/routes/middleware/authenticate.ts";
import { readForm } from "@/routes/middleware/read_body.ts";
import { setSession } from "@/routes/session_cookie.ts";

export function addRegister(app: App, deps: PageDeps): void {
  app.get("/register", async (c) => {
    if (await cookiePrincipal(c, deps.authenticator)) {
      return c.redirect("/dashboard");
    }
    return await registerPage(c, deps, {}, { status: 200, errors: [] });
  });

  app.post("/register", async (c) => {
    const form = await readForm(c);
    try {
      const user = await deps.accounts.register(checked(registerRequest, form));
      setSession(c, deps, await deps.tokens.issue(user, "session"));
      return c.redirect("/dashboard", 303);
    } catch (error) {
      return await registerPage(c, deps, form, formRefusal(error));
    }
  });
}

async function registerPage(
  c: Context<AppEnv>,
  { accounts, assets }: PageDeps,
  { username, email }: Record<string, string>,
  { status, errors }: FormRefusal,
): Promise<Response> {
  const registrationOpen = await accounts.registrationIsOpen();
  const page = renderPage(assets, {
    title: "Register",
    children: (
      <RegisterPage
        values={{ username, email }}
        errors={errors}
        notice={null}
        registrationOpen={registrationOpen}
      />
    ),
  });
  return c.html(page, status);
}

/** `/login`: a plain form. */
import type { Context } from "hono";
import { LoginPage } from "@/components/pages/LoginPage.tsx";
import { loginRequest } from "@/lib/contract/auth.ts";
import { renderPage } from "@/lib/web/page.tsx";
import type { AppEnv, PageDeps } from "@/routes/deps.ts";
import { type App, checked } from "@/routes/endpoint.ts";
import { type FormRefusal, formRefusal } from "@/routes/form_refusal.ts";
import { cookiePrincipal } from "@/routes/middleware/authenticate.ts";
import { readForm } from "@/routes/middleware/read_body.ts";
import { setSession } from "@/routes/session_cookie.ts";

const HOME = "/dashboard";
const NO_REFUSAL: FormRefusal = { status: 200, errors: [] };

export function addLogin(app: App, deps: PageDeps): void {
  app.get("/login", async (c) => {
    const next = ownPath(c.req.query("next"));
    if (await cookiePrincipal(c, deps.authenticator)) return c.redirect(next);
    return await loginPage(c, deps, { next }, NO_REFUSAL);
  });

  app.post("/login", async (c) => {
    const form = await readForm(c);
    try {
      const user = await deps.accounts.logIn(checked(loginRequest, form));
      setSession(c, deps, await deps.tokens.issue(user, "session"));
      return c.redirect(ownPath(form.next), 303);
    } catch (error) {
      return await loginPage(c, deps, form, formRefusal(error));
    }
  });
}

/** A path of this server to go on to; anything else (`//evil.example`, `/\evil`) becomes the dashboard. */
export function ownPath(next: string | undefined): string {
  const base = "http://own.invalid";
  const url = next?.startsWith("/") ? URL.parse(next, base) : null;
  return url?.origin === base ? url.pathname + url.search : HOME;
}

async function loginPage(
  c: Context<AppEnv>,
  { accounts, assets }: PageDeps,
  form: Record<string, string>,
  { status, errors }: FormRefusal,
): Promise<Response> {
  const registrationOpen = await accounts.registrationIsOpen();
  const page = renderPage(assets, {
    title: "Log in",
    children: (
      <LoginPage
        values={{ username: form.username }}
        errors={errors}
        notice={null}
        next={ownPath(form.next)}
        registrationOpen={registrationOpen}
      />
    ),
  });
  return c.html(page, status);
}

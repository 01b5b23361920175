/** The application: every route, and what holds for all of them. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { ErrorPage } from "@/components/pages/ErrorPage.tsx";
import { DomainError } from "@/lib/domain/errors.ts";
import { VERSION } from "@/lib/domain/version.ts";
import { renderPage } from "@/lib/web/page.tsx";
import { addAuthRoutes } from "@/routes/api/auth.ts";
import { addDashboardRoutes } from "@/routes/api/dashboard.ts";
import { addEventRoutes } from "@/routes/api/events.ts";
import { addHealthRoutes, addOpenApi } from "@/routes/api/health.ts";
import { addMetrics } from "@/routes/api/metrics.ts";
import { addMonitorRoutes } from "@/routes/api/monitor.ts";
import { addDashboard } from "@/routes/dashboard.tsx";
import { type Assets, createAssets } from "@/lib/web/assets.ts";
import type { AppDeps, AppEnv, PageDeps } from "@/routes/deps.ts";
import type { App } from "@/routes/endpoint.ts";
import { addHome } from "@/routes/home.ts";
import { addLogin } from "@/routes/login.tsx";
import { addLogout } from "@/routes/logout.ts";
import { admitReport } from "@/routes/middleware/admit_report.ts";
import { limitBody } from "@/routes/middleware/read_body.ts";
import { sameOrigin } from "@/routes/middleware/same_origin.ts";
import { securityHeaders } from "@/routes/middleware/security_headers.ts";
import {
  asDomainError,
  problemHeaders,
  problemOf,
  problemResponse,
} from "@/routes/problem.ts";
import { addRegister } from "@/routes/register.tsx";

/** Puts the application together. It opens nothing and listens to nothing: call its `fetch` or `request`. */
export function createApp(deps: AppDeps): App {
  const app: App = new OpenAPIHono<AppEnv>();
  app.use(securityHeaders(deps.config));
  app.use(sameOrigin(deps.config.publicUrl));
  // Before anything reads a body.
  app.on(
    "POST",
    ["/api/monitor/reports", "/api/monitor/connections"],
    admitReport(deps),
  );
  app.use(limitBody());
  app.use(noStore);
  const assets = createAssets({ root: deps.root, dev: deps.config.dev });
  const pageDeps: PageDeps = { ...deps, assets };
  addHome(app, deps);
  addLogin(app, pageDeps);
  addRegister(app, pageDeps);
  addLogout(app, deps);
  addDashboard(app, pageDeps);
  app.get(
    "/assets/:name",
    (c) => assets.serve(c.req.param("name")) ?? c.notFound(),
  );
  addAuthRoutes(app, deps);
  addMonitorRoutes(app, deps);
  addDashboardRoutes(app, deps);
  addEventRoutes(app, deps);
  addHealthRoutes(app, deps);
  addMetrics(app, deps);
  addOpenApi(app, VERSION);

  app.notFound((c) => errorResponse(c, assets, unknownPath(app, c)));
  app.onError((error, c) => {
    const known = asDomainError(error);
    if (known.code === "internal") deps.logError(error);
    return errorResponse(c, assets, known);
  });
  return app;
}

/** What the server says is for the one who asked, and true only now; assets say otherwise themselves. */
async function noStore(c: Context<AppEnv>, next: () => Promise<void>) {
  await next();
  if (!c.res.headers.has("cache-control")) {
    c.res.headers.set("cache-control", "no-store");
  }
}

/** An error as a page for people and as problem+json for everybody else. */
function errorResponse(
  c: Context<AppEnv>,
  assets: Assets,
  error: DomainError,
): Response {
  const wantsPage = !c.req.path.startsWith("/api/") &&
    (c.req.header("accept") ?? "").includes("text/html");
  if (!wantsPage) return problemResponse(c, error);
  const { status, title, detail } = problemOf(error);
  const page = renderPage(assets, {
    title,
    children: <ErrorPage status={status} title={title} detail={detail} />,
  });
  return c.html(page, {
    status: status as 400,
    headers: problemHeaders(error),
  });
}

/** Tells a path that nobody knows from a method that the path does not know. */
function unknownPath(app: App, c: Context<AppEnv>): DomainError {
  const { path, method } = c.req;
  const allow = new Set<string>();
  for (const route of app.routes) {
    // Middleware is registered for all methods.
    if (route.method === "ALL") continue;
    const pattern = new URLPattern({ pathname: route.path });
    if (pattern.test({ pathname: path })) allow.add(route.method);
  }
  if (allow.has("GET")) allow.add("HEAD");
  if (allow.size === 0 || allow.has(method)) {
    return new DomainError("not_found", `there is nothing at ${path}`);
  }
  return new DomainError(
    "method_not_allowed",
    `${path} does not take ${method}`,
    { allow: [...allow] },
  );
}

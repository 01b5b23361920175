/** `/dashboard`: the fleet, rendered with its first page of devices and kept fresh by an island. */
import type { Context } from "hono";
import { DashboardPage } from "@/components/pages/DashboardPage.tsx";
import Dashboard from "@/islands/Dashboard.tsx";
import {
  type DeviceDetail,
  type DeviceQuery,
  deviceQuery,
} from "@/lib/contract/dashboard.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import { type Viewer, viewerOf } from "@/lib/domain/user.ts";
import { island } from "@/lib/web/island.tsx";
import { renderPage } from "@/lib/web/page.tsx";
import { userView } from "@/routes/api/auth.ts";
import type { AppEnv, PageDeps } from "@/routes/deps.ts";
import type { App } from "@/routes/endpoint.ts";
import { cookiePrincipal } from "@/routes/middleware/authenticate.ts";

const DashboardIsland = island("Dashboard", Dashboard);

export function addDashboard(app: App, deps: PageDeps): void {
  app.get("/dashboard", async (c) => {
    const principal = await cookiePrincipal(c, deps.authenticator);
    if (!principal) {
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(`/login?next=${encodeURIComponent(pathname + search)}`);
    }
    const viewer = viewerOf(principal.user);
    const { list, query } = listFor(deps, viewer, c.req.query());
    const deviceId = c.req.query("device") || null;
    const user = userView(principal.user);
    return c.html(renderPage(deps.assets, {
      title: "Devices",
      children: (
        <DashboardPage user={user}>
          <DashboardIsland
            list={list}
            query={query}
            detail={detailOf(deps, viewer, deviceId)}
            deviceId={deviceId}
            user={user}
            serverUrl={deps.config.publicUrl ?? requestOrigin(c)}
            now={new Date(deps.now()).toISOString()}
          />
        </DashboardPage>
      ),
    }));
  });
}

/** The devices that the address bar asks for; an address that asks for nonsense gets the first page. */
function listFor(
  { fleet }: PageDeps,
  viewer: Viewer,
  asked: Record<string, string>,
) {
  const parsed = deviceQuery.safeParse(asked);
  const query: DeviceQuery = parsed.success
    ? parsed.data
    : deviceQuery.parse({});
  try {
    return { query, list: fleet.list(viewer, query) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const first = { ...query, cursor: "" };
    return { query: first, list: fleet.list(viewer, first) };
  }
}

/** The device named in the address bar; null where there is none that one may see, which the page says. */
function detailOf(
  { fleet }: PageDeps,
  viewer: Viewer,
  deviceId: string | null,
): DeviceDetail | null {
  if (deviceId === null) return null;
  try {
    return fleet.detail(viewer, deviceId);
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return null;
    throw error;
  }
}

function requestOrigin(c: Context<AppEnv>): string {
  return new URL(c.req.url).origin;
}

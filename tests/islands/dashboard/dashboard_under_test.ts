/** A running dashboard, over a server and a browser that the test plays. */
import {
  createDashboard,
  type DashboardProps,
} from "@/islands/dashboard/state.ts";
import { parseView } from "@/islands/dashboard/url.ts";
import type {
  DeviceChange,
  DeviceDetail,
  DeviceList,
} from "@/lib/contract/dashboard.ts";
import {
  deviceDetail,
  deviceList,
  deviceView,
  NOW,
} from "@/tests/components/views.ts";
import {
  type Answer,
  FakeBrowser,
  problem,
} from "@/tests/islands/dashboard/fake_browser.ts";

export const A = deviceView({ id: "a", deviceName: "meter-a" });
export const B = deviceView({ id: "b", deviceName: "meter-b" });

/** What the server answers with; the test changes it as it goes. */
export interface Server {
  list: DeviceList;
  details: Map<string, DeviceDetail>;
  isDown: boolean;
  headers: Record<string, string>;
}

function answerOf(server: Server): Answer {
  return ({ method, url, body }) => {
    if (server.isDown) throw new TypeError("Failed to fetch");
    const { headers } = server;
    if (url.pathname === "/api/dashboard/users") {
      return Response.json(server.list, { headers });
    }
    if (url.pathname === "/api/auth/agent-token") {
      return Response.json({ token: "fresh", expiresAt: NOW });
    }
    const id = url.pathname.split("/").at(-1) ?? "";
    const detail = server.details.get(id);
    if (!detail) return problem(404, "there is no such device");
    if (method === "DELETE") {
      server.details.delete(id);
      return new Response(null, { status: 204 });
    }
    if (method !== "PATCH") return Response.json(detail);
    return Response.json({
      device: { ...detail.device, ...body as Record<string, unknown> },
    });
  };
}

/** A running dashboard with meters a and b, over a server that the test changes. */
export function dashboardUnderTest(
  href = "/dashboard",
  props: Partial<DashboardProps> = {},
) {
  const server: Server = {
    list: deviceList([A, B]),
    details: new Map([A, B].map((d) => [d.id, deviceDetail([], d)])),
    isDown: false,
    headers: {},
  };
  const browser = new FakeBrowser(answerOf(server), href);
  const pointer = { isOnRows: false };
  const dashboard = createDashboard({
    browser,
    isHeld: () => pointer.isOnRows,
    props: {
      list: server.list,
      ...parseView(browser.history.search()),
      detail: null,
      user: { id: "u1", username: "alice", email: "a@b.org", role: "user" },
      serverUrl: "http://localhost:3000",
      now: NOW,
      ...props,
    },
  });
  const stop = dashboard.start();
  const names = () =>
    dashboard.devices.rows.value.map(({ value }) => value.deviceName);
  const listRequests = () =>
    browser.requests.filter((r) => r.startsWith("GET /api/dashboard/users"));
  const shown = () => dashboard.details.shown.value;
  return {
    dashboard,
    browser,
    server,
    pointer,
    stop,
    names,
    listRequests,
    shown,
  };
}

/** A dashboard whose stream has delivered its list. */
export function liveDashboardUnderTest(href?: string) {
  const test = dashboardUnderTest(href);
  const { server, browser } = test;
  const sendList = () => browser.streams.latest.onEvent("list", server.list);
  const sendChange = (change: Partial<DeviceChange>) =>
    browser.streams.latest.onEvent("change", {
      devices: [],
      removed: [],
      stats: server.list.stats,
      ...change,
    });
  sendList();
  return { ...test, sendList, sendChange };
}

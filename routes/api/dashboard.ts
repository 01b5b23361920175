/** `/api/dashboard/*`: what the dashboard shows. */
import { z } from "zod";
import {
  deviceDetail,
  deviceList,
  deviceQuery,
  deviceView,
  renameDeviceRequest,
} from "@/lib/contract/dashboard.ts";
import { type Scope, viewerOf } from "@/lib/domain/user.ts";
import type { AppDeps } from "@/routes/deps.ts";
import { type App, endpoint } from "@/routes/endpoint.ts";

const tag = "Dashboard";
const scopes: readonly Scope[] = ["session"];

export function addDashboardRoutes(app: App, deps: AppDeps): void {
  const { authenticator, fleet } = deps;

  endpoint(
    app,
    authenticator,
    {
      method: "get",
      path: "/api/dashboard/users",
      summary: "List the devices that one may see",
      tag,
      scopes,
      query: deviceQuery,
      answers: { 200: { description: "a page", schema: deviceList } },
    },
    ({ c, query }) => c.json(fleet.list(viewerOf(c.var.principal.user), query)),
  );

  endpoint(app, authenticator, {
    method: "get",
    path: "/api/dashboard/user/{id}",
    summary: "Show a device with its connections",
    tag,
    scopes,
    answers: { 200: { description: "the device", schema: deviceDetail } },
    refusals: ["not_found"],
  }, ({ c }) =>
    c.json(
      fleet.detail(viewerOf(c.var.principal.user), c.req.param("id") ?? ""),
    ));

  endpoint(app, authenticator, {
    method: "patch",
    path: "/api/dashboard/user/{id}",
    summary: "Rename a device; its agent still finds it by the old name",
    tag,
    scopes,
    body: renameDeviceRequest,
    answers: {
      200: { description: "renamed", schema: z.object({ device: deviceView }) },
    },
    refusals: ["not_found", "device_name_taken"],
  }, async ({ c, body }) => {
    const viewer = viewerOf(c.var.principal.user);
    const id = c.req.param("id") ?? "";
    return c.json({ device: await fleet.rename(viewer, id, body.deviceName) });
  });

  endpoint(app, authenticator, {
    method: "delete",
    path: "/api/dashboard/user/{id}",
    summary: "Delete a device with its connections",
    tag,
    scopes,
    answers: { 204: { description: "deleted", schema: null } },
    refusals: ["not_found"],
  }, async ({ c }) => {
    await fleet.remove(
      viewerOf(c.var.principal.user),
      c.req.param("id") ?? "",
    );
    return c.body(null, 204);
  });
}

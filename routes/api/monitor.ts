/** `/api/monitor/*`: what agents tell. */
import { z } from "zod";
import { readCanonicalReport } from "@/lib/contract/canonical_report.ts";
import {
  connectionsRequest,
  connectionsResponse,
  registerDeviceRequest,
  registerDeviceResponse,
  reportRequest,
  reportResponse,
  singleConnectionRequest,
} from "@/lib/contract/monitor.ts";
import { DEFAULT_INTERVAL_SECONDS } from "@/lib/domain/device_status.ts";
import type { Scope } from "@/lib/domain/user.ts";
import type { AppDeps } from "@/routes/deps.ts";
import { type App, checked, endpoint } from "@/routes/endpoint.ts";

const tag = "Monitoring";
const scopes: readonly Scope[] = ["agent", "session"];

/** Either form; `connections` tells which, so that errors name the fields of the form that was meant. */
const anyConnectionsRequest = z.union([
  singleConnectionRequest,
  connectionsRequest,
]);

export function addMonitorRoutes(app: App, deps: AppDeps): void {
  addRegister(app, deps);
  addConnections(app, deps);
  addReports(app, deps);
}

function addRegister(app: App, { authenticator, fleet }: AppDeps): void {
  endpoint(app, authenticator, {
    method: "post",
    path: "/api/monitor/register",
    summary:
      "Register a device; the same name of the same owner is the same device",
    tag,
    scopes,
    body: registerDeviceRequest,
    answers: {
      200: { description: "registered", schema: registerDeviceResponse },
    },
  }, async ({ c, body }) => {
    const { device, created } = await fleet.registerDevice(
      c.var.principal.user,
      {
        deviceName: body.deviceName,
        os: body.os,
        agentVersion: body.agentVersion,
        intervalSeconds: body.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS,
      },
    );
    return c.json({
      deviceId: device.id,
      deviceName: device.deviceName,
      created,
    });
  });
}

function addConnections(app: App, { authenticator, fleet }: AppDeps): void {
  endpoint(app, authenticator, {
    method: "post",
    path: "/api/monitor/connections",
    summary: "Add or refresh one connection or several; closes none",
    tag,
    scopes,
    body: z.unknown(),
    documentedBody: anyConnectionsRequest,
    answers: { 200: { description: "stored", schema: connectionsResponse } },
    refusals: ["not_found", "device_missing", "overloaded", "fields_invalid"],
  }, async ({ c, body }) => {
    const { id } = c.var.principal.user;
    if (isBatch(body)) {
      const { deviceId, connections } = checked(connectionsRequest, body);
      return c.json(await fleet.addConnections(id, deviceId, connections));
    }
    const { deviceId, token: _, ...connection } = checked(
      singleConnectionRequest,
      body,
    );
    return c.json(await fleet.addConnections(id, deviceId, [connection]));
  });
}

function isBatch(body: unknown): boolean {
  return typeof body === "object" && body !== null && "connections" in body;
}

function addReports(app: App, { authenticator, fleet }: AppDeps): void {
  endpoint(
    app,
    authenticator,
    {
      method: "post",
      path: "/api/monitor/reports",
      summary:
        "Report a device's whole picture; what is missing from it has closed",
      tag,
      scopes,
      body: reportRequest,
      readBody: readCanonicalReport,
      answers: { 200: { description: "stored", schema: reportResponse } },
      refusals: ["not_found", "overloaded"],
    },
    async ({ c, body }) =>
      c.json(await fleet.report(c.var.principal.user.id, body)),
  );
}

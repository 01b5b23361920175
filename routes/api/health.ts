/** `/healthz`, `/readyz` and `/openapi.json`: for the machines that watch and use the server. */
import { z } from "zod";
import type { AppDeps } from "@/routes/deps.ts";
import { type App, endpoint } from "@/routes/endpoint.ts";

const status = z.object({ status: z.literal("ok") }).meta({ id: "Health" });
const tag = "Operation";

export function addHealthRoutes(app: App, { authenticator, fleet }: AppDeps) {
  endpoint(app, authenticator, {
    method: "get",
    path: "/healthz",
    summary: "Tell that the process answers",
    tag,
    scopes: [],
    answers: { 200: { description: "alive", schema: status } },
  }, ({ c }) => c.json({ status: "ok" }));

  endpoint(app, authenticator, {
    method: "get",
    path: "/readyz",
    summary: "Tell that the database answers",
    tag,
    scopes: [],
    answers: { 200: { description: "ready", schema: status } },
    refusals: ["internal"],
  }, async ({ c }) => {
    await fleet.checkStore();
    return c.json({ status: "ok" });
  });
}

/** Serves the OpenAPI document of all endpoints added so far. */
export function addOpenApi(app: App, version: string): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  let document: unknown = null;
  app.get("/openapi.json", (c) => {
    document ??= app.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Smart Meter Monitor", version },
    });
    return c.json(document);
  });
}

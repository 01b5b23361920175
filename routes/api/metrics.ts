/** `/metrics`: what the fleet and the process are doing, for Prometheus and its kin (OpenMetrics 1.0). */
import {
  Counter,
  Gauge,
  type OpenMetricsContentType,
  Registry as PromRegistry,
} from "prom-client";
import { DEVICE_STATUSES } from "@/lib/domain/device_status.ts";
import type { Fleet } from "@/lib/fleet/fleet.ts";
import type { AppDeps } from "@/routes/deps.ts";
import type { App } from "@/routes/endpoint.ts";

type Registry = PromRegistry<OpenMetricsContentType>;

const EVERYTHING = { userId: "", seesAll: true };

/** Serves sums over the whole fleet: they name no device and no account, and need no token. */
export function addMetrics(app: App, { fleet, now }: AppDeps): void {
  const registry = new PromRegistry<OpenMetricsContentType>();
  registry.setContentType(PromRegistry.OPENMETRICS_CONTENT_TYPE);
  addFleetMetrics(registry, fleet);
  addProcessMetrics(registry, now());
  app.get("/metrics", async (c) =>
    c.body(await registry.metrics(), 200, {
      "content-type": registry.contentType,
    }));
}

function addFleetMetrics(registry: Registry, fleet: Fleet): void {
  const registers = [registry];
  new Gauge({
    name: "monitor_devices",
    help: "Registered devices by status",
    labelNames: ["status"],
    registers,
    collect() {
      const stats = fleet.stats(EVERYTHING);
      for (const status of DEVICE_STATUSES) this.set({ status }, stats[status]);
    },
  });
  new Gauge({
    name: "monitor_connections",
    help: "Connections of all devices that count now",
    registers,
    collect() {
      this.set(fleet.stats(EVERYTHING).connections);
    },
  });
  new Gauge({
    name: "monitor_event_streams",
    help: "Dashboards that are kept fresh by events",
    registers,
    collect() {
      this.set(fleet.subscriberCount);
    },
  });
  new Counter({
    name: "monitor_reports_total",
    help: "Whole-picture reports answered with 200, by outcome",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(fleet.reportCounts)) {
        this.inc({ outcome }, count);
      }
    },
  });
}

function addProcessMetrics(registry: Registry, startedAtMs: number): void {
  const registers = [registry];
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970",
    registers,
  }).set(startedAtMs / 1000);
}

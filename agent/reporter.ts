import type { MonitorClient } from "@/agent/client.ts";
import type { AgentConfig } from "@/agent/config.ts";
import { AgentError } from "@/agent/errors.ts";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";
import type { Scan, Scanner } from "@/agent/scan/mod.ts";
import { VERSION } from "@/lib/domain/version.ts";
import type { ReportRequest } from "@/lib/contract/monitor.ts";
import { type Connection, isListening } from "@/lib/domain/connection.ts";

export interface ReporterOptions {
  config: AgentConfig;
  scanner: Scanner;
  client: MonitorClient;
  /** The name of the operating system, for the server. */
  os: string;
  /** New at each start of the agent. */
  session: string;
  /** The wall clock, for `scannedAt`. */
  date: () => Date;
  log: (line: string) => void;
  /** Logs a line that may repeat with every scan; the caller drops the repetitions. */
  warn: (line: string) => void;
}

/** Scans this machine and reports it as one device, which it registers when needed. */
export class Reporter {
  readonly #options: ReporterOptions;
  #deviceId: string | null = null;
  #sequence = 0;
  #maxConnections = MAX_CONNECTIONS_PER_REPORT;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Looks at this machine, and says what the look could not tell. */
  async scan(stop: AbortSignal): Promise<Scan> {
    const scan = await this.#options.scanner.scan(stop);
    for (const warning of scan.warnings) this.#options.warn(warning);
    return scan;
  }

  /**
   * Sends a scan. Registers the device first where it is not known yet, and again where the server
   * has forgotten it; sends fewer connections where the server finds the report too large.
   *
   * @throws AgentError as the client does
   */
  async send(scan: Scan, stop: AbortSignal): Promise<void> {
    let registered = false;
    for (;;) {
      if (this.#deviceId === null) {
        this.#deviceId = await this.#register(stop);
        registered = true;
      }
      const report = this.buildReport(scan, this.#deviceId);
      try {
        return await this.#options.client.report(report, stop);
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        const canRecover = error.code === "device_missing" && !registered ||
          error.code === "report_too_large" && report.connections.length > 1;
        if (!canRecover) throw error;
        this.#recoverFrom(error, report.connections.length);
      }
    }
  }

  /** The next report of this session; each call raises the sequence. */
  buildReport(scan: Scan, deviceId: string): ReportRequest {
    const connections = mostTelling(scan.connections, this.#maxConnections);
    if (connections.length < scan.connections.length) {
      this.#options.warn(
        `${scan.connections.length} connections are too many for a report; sending the first ${connections.length}, established ones first`,
      );
    }
    return {
      deviceId,
      session: this.#options.session,
      sequence: ++this.#sequence,
      scannedAt: this.#options.date().toISOString(),
      intervalSeconds: this.#options.config.intervalSeconds,
      connections,
    };
  }

  async #register(stop: AbortSignal): Promise<string> {
    const { config, client, os, log } = this.#options;
    const { deviceId } = await client.register({
      deviceName: config.deviceName,
      os,
      agentVersion: VERSION,
      intervalSeconds: config.intervalSeconds,
    }, stop);
    log(`Registered as device ${JSON.stringify(config.deviceName)}`);
    return deviceId;
  }

  #recoverFrom(error: AgentError, sentCount: number) {
    if (error.code === "device_missing") {
      this.#deviceId = null;
      this.#options.log("The server does not know this device; registering");
    } else this.#maxConnections = Math.floor(sentCount / 2);
  }
}

/**
 * At most `max` connections: established ones first, then other ones with a peer, then listening
 * ones, each group in the scan's order.
 */
export function mostTelling(
  connections: Connection[],
  max: number,
): Connection[] {
  if (connections.length <= max) return connections;
  const rank = (c: Connection) =>
    c.state === "ESTABLISHED" ? 0 : isListening(c) ? 2 : 1;
  return connections.toSorted((a, b) => rank(a) - rank(b)).slice(0, max);
}

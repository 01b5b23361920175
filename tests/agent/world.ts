import type { AgentConfig } from "@/agent/config.ts";
import { AgentError, type AgentErrorCode } from "@/agent/errors.ts";
import type { RunOptions } from "@/agent/run.ts";
import type { Scan } from "@/agent/scan/mod.ts";
import type {
  RegisterDeviceRequest,
  ReportRequest,
} from "@/lib/contract/monitor.ts";
import type { Connection } from "@/lib/domain/connection.ts";

/** How a call ends: well, or with an error; a function may do more. */
type Outcome = "ok" | Error | (() => void);

/** What happens in a world; each call takes the next outcome of its kind, then all go well. */
export interface Script {
  registrations?: Outcome[];
  reports?: Outcome[];
  scans?: (Scan | Error)[];
  /** How long a scan takes. */
  scanMs?: number;
  intervalSeconds?: number;
  /** The world stops the agent once it has slept this often. */
  sleeps?: number;
}

/** An agent's surroundings with a clock that only sleeping and scanning move, and their record. */
export class World {
  readonly lines: string[] = [];
  readonly registrations: RegisterDeviceRequest[] = [];
  readonly reports: ReportRequest[] = [];
  /** When each scan began, in seconds from the start. */
  readonly scannedAt: number[] = [];
  /** How long each sleep was asked to be, in ms. */
  readonly sleptMs: number[] = [];
  readonly stop = new AbortController();
  readonly options: RunOptions;
  #nowMs = 0;

  constructor(script: Script) {
    const scans = [...script.scans ?? []];
    const next = (outcomes: Outcome[] | undefined, index: number) => {
      const outcome = outcomes?.[index - 1] ?? "ok";
      if (outcome instanceof Error) throw outcome;
      if (outcome !== "ok") outcome();
    };
    const warn = (line: string) => this.lines.push(`Warning: ${line}`);
    this.options = {
      config: config(script.intervalSeconds ?? 10),
      os: "linux",
      session: "session-1",
      date: () => new Date(Date.UTC(2026, 0, 31) + this.#nowMs),
      log: (line) => this.lines.push(line),
      now: () => 5000 + this.#nowMs,
      random: () => 0.5,
      sleep: (ms) => {
        this.sleptMs.push(ms);
        this.#nowMs += ms;
        if (this.sleptMs.length >= (script.sleeps ?? 3)) this.stop.abort();
        return Promise.resolve();
      },
      scanner: {
        describe: () => "ss",
        scan: () => {
          this.scannedAt.push(this.#nowMs / 1000);
          this.#nowMs += script.scanMs ?? 0;
          const scan = scans.shift() ?? { connections: [], warnings: [] };
          return scan instanceof Error
            ? Promise.reject(scan)
            : Promise.resolve(scan);
        },
      },
      client: {
        // deno-lint-ignore require-await
        register: async (request) => {
          this.registrations.push(request);
          next(script.registrations, this.registrations.length);
          return { deviceId: `device-${this.registrations.length}` };
        },
        // deno-lint-ignore require-await
        report: async (report) => {
          this.reports.push(report);
          next(script.reports, this.reports.length);
        },
      },
    };
    this.reporterOptions = { ...this.options, warn };
  }

  readonly reporterOptions: RunOptions & { warn: (line: string) => void };
}

/** An agent's configuration for tests. */
export function config(intervalSeconds = 10): AgentConfig {
  return {
    token: "token",
    deviceName: "meter-0042",
    serverUrl: "http://localhost:3000",
    intervalSeconds,
  };
}

/** An error of the agent, as the client or a scanner throws it. */
export function failed(
  code: AgentErrorCode,
  message: string = code,
  retryAfterMs: number | null = null,
): AgentError {
  return new AgentError(code, message, { retryAfterMs });
}

/** Connections that differ by their source port, from 1 on. */
export function connections(
  count: number,
  state = "ESTABLISHED",
): Connection[] {
  return Array.from({ length: count }, (_, i) => ({
    protocol: "TCP",
    sourceIp: "192.0.2.1",
    sourcePort: i + 1,
    destIp: state === "LISTEN" ? "0.0.0.0" : "192.0.2.2",
    destPort: state === "LISTEN" ? 0 : 443,
    bytesIn: null,
    bytesOut: null,
    state,
    processName: null,
  }));
}

import { errorLine } from "@/agent/cli_error.ts";
import { AgentError, type AgentErrorCode } from "@/agent/errors.ts";
import { Reporter, type ReporterOptions } from "@/agent/reporter.ts";
import { backoffMs, nextTick, obeyRetryAfter } from "@/agent/schedule.ts";

/** What the loop needs from outside. */
export interface RunOptions extends Omit<ReporterOptions, "warn"> {
  /** A clock that only rises, in ms. */
  now: () => number;
  sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Gives numbers from 0 to below 1. */
  random: () => number;
}

/** After these the agent waits longer and longer and tries again, for as long as it takes. */
const OUTAGES: readonly AgentErrorCode[] = [
  "server_unreachable",
  "server_failed",
  "server_busy",
  "answer_unintelligible",
  "device_missing",
  "registration_refused",
];
/** After these the agent drops the report and goes on with the next. */
const DROPS: readonly AgentErrorCode[] = [
  "scan_failed",
  "report_refused",
  "report_too_large",
];

/**
 * Scans and reports on a steady beat until `stop` aborts, then returns.
 *
 * @throws AgentError `token_refused`, and whatever is neither an outage nor a dropped report
 */
export async function runAgent(
  options: RunOptions,
  stop: AbortSignal,
): Promise<void> {
  const { config, log, now, sleep, random } = options;
  const warn = warnOnce(log);
  const reporter = new Reporter({ ...options, warn });
  const outage = new Outage(log);
  const greet = once(log);
  const intervalMs = config.intervalSeconds * 1000;
  const startedAt = now();
  let tick = 0;
  log("Scanning connections...");
  while (!stop.aborted) {
    try {
      const scan = await reporter.scan(stop);
      await reporter.send(scan, stop);
      outage.over();
      greet(greeting(options, scan.connections.length));
    } catch (error) {
      if (stop.aborted) return;
      if (isOneOf(OUTAGES, error)) {
        const failures = outage.failed(error);
        await sleep(waitMs(error, failures, random), stop);
        continue;
      }
      if (!isOneOf(DROPS, error)) throw error;
      warn(`${errorLine(error)}; this report is dropped`);
      // A server that refuses a report is there.
      if (error.code !== "scan_failed") outage.over();
    }
    tick = nextTick(tick, now() - startedAt, intervalMs);
    await sleep(startedAt + tick * intervalMs - now(), stop);
  }
}

/**
 * Scans once and reports once.
 *
 * @throws AgentError whatever kept the report from arriving; `stopped` where `stop` did
 */
export async function runOnce(
  options: ReporterOptions,
  stop: AbortSignal,
): Promise<void> {
  const { config, log } = options;
  const reporter = new Reporter(options);
  log("Scanning connections...");
  try {
    const scan = await reporter.scan(stop);
    await reporter.send(scan, stop);
    log(
      `Reported ${scan.connections.length} connections to ${config.serverUrl}`,
    );
  } catch (error) {
    if (!stop.aborted) throw error;
    throw new AgentError("stopped", "stopped before the report was sent");
  }
}

function greeting(
  { config, scanner }: RunOptions,
  connectionCount: number,
): string {
  return `Reported ${connectionCount} connections (${scanner.describe()}) to ${config.serverUrl}; reporting every ${config.intervalSeconds} s`;
}

function isOneOf(
  codes: readonly AgentErrorCode[],
  error: unknown,
): error is AgentError {
  return error instanceof AgentError && codes.includes(error.code);
}

function waitMs(
  { retryAfterMs }: AgentError,
  failures: number,
  random: () => number,
): number {
  return retryAfterMs === null
    ? backoffMs(failures, random)
    : obeyRetryAfter(retryAfterMs, random);
}

/** Counts failed attempts and logs their beginning, changes of their reason, and their end. */
class Outage {
  readonly #log: (line: string) => void;
  #failures = 0;
  #latestLine = "";

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  failed(error: AgentError): number {
    const line = errorLine(error);
    if (line !== this.#latestLine) {
      this.#log(`Warning: ${line}; trying again until it works`);
    }
    this.#latestLine = line;
    return ++this.#failures;
  }

  over() {
    if (this.#failures > 0) {
      this.#log(
        `The server is back after ${this.#failures} failed attempt${
          this.#failures === 1 ? "" : "s"
        }`,
      );
    }
    this.#failures = 0;
    this.#latestLine = "";
  }
}

/** A log that takes one line and no more. */
function once(log: (line: string) => void): (line: string) => void {
  let isDone = false;
  return (line) => {
    if (!isDone) log(line);
    isDone = true;
  };
}

const MAX_REMEMBERED_WARNINGS = 200;

/** A log that drops a warning it has given before; numbers and quoted samples make no difference. */
function warnOnce(log: (line: string) => void): (line: string) => void {
  const given = new Set<string>();
  return (line) => {
    const key = line.replace(/"(?:[^"\\]|\\.)*"|\d+/g, "");
    if (given.has(key)) return;
    if (given.size >= MAX_REMEMBERED_WARNINGS) given.clear();
    given.add(key);
    log(`Warning: ${line}`);
  };
}

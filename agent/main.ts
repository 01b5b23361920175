import { createClient } from "@/agent/client.ts";
import { errorLine, EXIT_OK, exitCode, oneLine } from "@/agent/cli_error.ts";
import {
  type AgentConfig,
  HELP,
  parseInvocation,
  readEnvironment,
} from "@/agent/config.ts";
import { Reporter, type ReporterOptions } from "@/agent/reporter.ts";
import { runAgent, runOnce } from "@/agent/run.ts";
import { createScanner, osName } from "@/agent/scan/mod.ts";
import { sleep } from "@/agent/schedule.ts";
import { isLoopback } from "@/lib/domain/address.ts";
import { VERSION } from "@/lib/domain/version.ts";

const REQUEST_TIMEOUT_MS = 30_000;

/** Runs the agent as the command line says. Gives the exit code; never throws. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const invocation = parseInvocation(
      args,
      readEnvironment(),
      () => Deno.hostname(),
    );
    if (invocation.mode === "help") console.log(HELP);
    else if (invocation.mode === "version") console.log(VERSION);
    else await act(invocation.mode, invocation.config, stopSignal());
    return EXIT_OK;
  } catch (error) {
    console.error(`monitor-agent: ${errorLine(error)}`);
    return exitCode(error);
  }
}

async function act(
  mode: "loop" | "once" | "dry-run",
  config: AgentConfig,
  stop: AbortSignal,
) {
  // A dry run's standard output is the report and nothing else.
  const print = mode === "dry-run" ? console.error : console.log;
  const log = (line: string) => print(oneLine(line));
  const options: ReporterOptions = {
    config,
    log,
    warn: (line) => log(`Warning: ${line}`),
    scanner: createScanner(Deno.build.os),
    client: createClient({
      ...config,
      timeoutMs: REQUEST_TIMEOUT_MS,
      fetch,
      now: Date.now,
    }),
    os: osName(Deno.build.os),
    session: crypto.randomUUID(),
    date: () => new Date(),
  };
  if (mode === "dry-run") return await dryRun(options, stop);
  warnOfPlainHttp(config.serverUrl, options.warn);
  if (mode === "once") return await runOnce(options, stop);
  await runAgent({
    ...options,
    now: () => performance.now(),
    random: Math.random,
    sleep,
  }, stop);
  log("Stopped");
}

/** Prints what a report would hold; the device id is the server's to give, so it is null. */
async function dryRun(options: ReporterOptions, stop: AbortSignal) {
  const reporter = new Reporter(options);
  options.log("Scanning connections...");
  const report = reporter.buildReport(await reporter.scan(stop), "");
  const { deviceName } = options.config;
  console.log(
    JSON.stringify({ ...report, deviceId: null, deviceName }, null, 2),
  );
}

function warnOfPlainHttp(serverUrl: string, warn: (line: string) => void) {
  const { protocol, hostname } = new URL(serverUrl);
  const isLocal = hostname === "localhost" ||
    isLoopback(hostname.replace(/^\[|\]$/g, ""));
  if (protocol === "http:" && !isLocal) {
    warn("the token travels unencrypted; use https for servers elsewhere");
  }
}

/** Aborts when the system asks the program to end. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // Windows knows no SIGTERM to listen for; Ctrl+Break stands in.
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => stop.abort());
  }
  return stop.signal;
}

// An explicit end: kept-alive connections and signal listeners would hold the process.
if (import.meta.main) Deno.exit(await main(Deno.args));

/** Plays a fleet of meters through the real API, to try the dashboard at size; see `--help`. */
import { HELP, parseOptions, UsageError } from "@/scripts/simulate/options.ts";
import { simulate, TokenRefused } from "@/scripts/simulate/run.ts";

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_TOKEN_REFUSED = 3;

async function main(args: string[]): Promise<number> {
  try {
    const options = parseOptions(args, Deno.env.get("MONITOR_AUTH_TOKEN"));
    if (options === "help") {
      console.log(HELP);
      return EXIT_OK;
    }
    const stopping = stopOnSignals();
    // One connection for each request in flight, kept open; the default pool closes many of them.
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 256 });
    const reports = await simulate(options, {
      fetch: (url, init) => {
        const withClient: RequestInit & { client: Deno.HttpClient } = {
          ...init,
          client,
        };
        return fetch(url, withClient);
      },
      now: () => performance.timeOrigin + performance.now(),
      sleep,
      print: (line) => console.log(line),
      session: crypto.randomUUID(),
    }, stopping);
    return reports > 0 ? EXIT_OK : EXIT_FAILED;
  } catch (error) {
    if (error instanceof UsageError) return complain(error, EXIT_USAGE);
    if (error instanceof TokenRefused) {
      return complain(error, EXIT_TOKEN_REFUSED);
    }
    throw error;
  }
}

function complain(error: Error, exitCode: number): number {
  console.error(`simulate: ${error.message}`);
  return exitCode;
}

/** Aborted at the first Ctrl+C or SIGTERM; the second ends the process as usual. */
function stopOnSignals(): AbortSignal {
  const stopping = new AbortController();
  const names: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  function stop() {
    stopping.abort();
    for (const name of names) Deno.removeSignalListener(name, stop);
  }
  for (const name of names) Deno.addSignalListener(name, stop);
  return stopping.signal;
}

/** Waits so many milliseconds, or until the signal is aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));

import { type Flags, parseFlags, usage } from "@/agent/flags.ts";
import { MAX_DEVICE_NAME_LENGTH } from "@/lib/domain/limits.ts";
import { CONTROL_CHARACTER } from "@/lib/domain/control_characters.ts";
import {
  MAX_INTERVAL_SECONDS,
  MIN_INTERVAL_SECONDS,
} from "@/lib/domain/device_status.ts";

const DEFAULT_SERVER = "http://localhost:3000";
const DEFAULT_INTERVAL_SECONDS = 10;

const SWITCHES = ["--once", "--dry-run", "--help", "-h", "--version"];
const VALUES = ["--token", "--device", "--server", "--interval"];
const VARIABLES = [
  "MONITOR_AUTH_TOKEN",
  "MONITOR_DEVICE_NAME",
  "MONITOR_SERVER_URL",
  "MONITOR_REFRESH_INTERVAL",
] as const;

/** The agent's environment variables that are set. */
export type Environment = Partial<Record<typeof VARIABLES[number], string>>;

/** How an agent reports. */
export interface AgentConfig {
  /** A token of scope `agent`; empty in a dry run. */
  token: string;
  deviceName: string;
  /** Without a slash at its end. */
  serverUrl: string;
  intervalSeconds: number;
}

/** What the command line asks for. */
export type Invocation =
  | { mode: "help" }
  | { mode: "version" }
  | { mode: "loop" | "once" | "dry-run"; config: AgentConfig };

export const HELP = `monitor-agent: reports this machine's TCP and UDP \
connections to a Smart Meter Monitor server

Usage: monitor-agent --token TOKEN [flags]

  --token TOKEN       token of your account (MONITOR_AUTH_TOKEN)
  --device NAME       this device's name; default: the host name (MONITOR_DEVICE_NAME)
  --server URL        default: ${DEFAULT_SERVER} (MONITOR_SERVER_URL)
  --interval SECONDS  between two reports; default: ${DEFAULT_INTERVAL_SECONDS} (MONITOR_REFRESH_INTERVAL)
  --once              scan once, report once, exit
  --dry-run           print the report as JSON, send nothing; needs no token
  --version           print the version
  --help, -h          print this

A flag wins over its environment variable, which keeps the token out of the process list.
Exit codes: 0 done or stopped, 1 failed, 2 bad flags or values, 3 token refused.`;

/** Reads the agent's variables: the only place that looks at the environment. */
export function readEnvironment(): Environment {
  const environment: Environment = {};
  for (const name of VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

/**
 * Turns the command line and environment into what to do. A variable that is set but empty counts
 * as not set, as service files leave them.
 *
 * @param hostName called only where no device name is given
 * @throws AgentError `usage` with what is wrong and why
 */
export function parseInvocation(
  args: readonly string[],
  environment: Environment,
  hostName: () => string,
): Invocation {
  const flags = parseFlags(args, SWITCHES, VALUES);
  const on = (name: string) => flags.switches.has(name);
  if (on("--help") || on("-h")) return { mode: "help" };
  if (on("--version")) return { mode: "version" };
  if (on("--once") && on("--dry-run")) {
    throw usage("--once and --dry-run exclude each other");
  }
  const mode = on("--dry-run") ? "dry-run" : on("--once") ? "once" : "loop";
  const setting = settingReader(flags, environment);
  const [token, tokenFrom] = setting("--token", "MONITOR_AUTH_TOKEN");
  const [device, deviceFrom] = setting("--device", "MONITOR_DEVICE_NAME");
  const [server, serverFrom] = setting("--server", "MONITOR_SERVER_URL");
  const [interval, intervalFrom] = setting(
    "--interval",
    "MONITOR_REFRESH_INTERVAL",
  );
  return {
    mode,
    config: {
      token: mode === "dry-run" && token === null
        ? ""
        : parseToken(token, tokenFrom),
      deviceName: parseDeviceName(device ?? hostName(), deviceFrom),
      serverUrl: parseServerUrl(server ?? DEFAULT_SERVER, serverFrom),
      intervalSeconds: interval === null
        ? DEFAULT_INTERVAL_SECONDS
        : parseInterval(interval, intervalFrom),
    },
  };
}

/** Gives a setting's value, null where there is none, and the name to blame for it. */
function settingReader(flags: Flags, environment: Environment) {
  return (
    flag: string,
    variable: keyof Environment,
  ): [value: string | null, from: string] => {
    const value = flags.values.get(flag);
    if (value !== undefined) return [value, flag];
    return environment[variable]
      ? [environment[variable], variable]
      : [null, flag];
  };
}

function parseToken(token: string | null, from: string): string {
  const trimmed = token?.trim();
  if (!trimmed) {
    throw usage(
      "no token: pass --token TOKEN or set MONITOR_AUTH_TOKEN; the dashboard shows one under Connect a device",
    );
  }
  // RFC 6750 section 2.1: what may follow "Bearer " in the header.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(trimmed)) {
    throw usage(
      `${from} is no token: it may hold only letters, digits and . _ ~ + / - =`,
    );
  }
  return trimmed;
}

function parseDeviceName(name: string, from: string): string {
  const trimmed = name.normalize("NFC").trim();
  if (trimmed === "") throw usage(`${from} must not be empty`);
  if (trimmed.length > MAX_DEVICE_NAME_LENGTH) {
    throw usage(
      `${from} must have at most ${MAX_DEVICE_NAME_LENGTH} characters, not ${trimmed.length}`,
    );
  }
  if (CONTROL_CHARACTER.test(trimmed)) {
    throw usage(`${from} must not contain control characters`);
  }
  return trimmed;
}

function parseServerUrl(text: string, from: string): string {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage(
      `${from} must be an http or https address such as ${DEFAULT_SERVER}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw usage(`${from} must not hold a user name or password`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw usage(`${from} must not hold a query or fragment`);
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

function parseInterval(text: string, from: string): number {
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= MIN_INTERVAL_SECONDS && seconds <= MAX_INTERVAL_SECONDS)) {
    throw usage(
      `${from} must be a number of seconds from ${MIN_INTERVAL_SECONDS} to ${MAX_INTERVAL_SECONDS}, not ${
        JSON.stringify(text.slice(0, 20))
      }`,
    );
  }
  return seconds;
}

import { parseArgs } from "node:util";
import {
  MAX_INTERVAL_SECONDS,
  MIN_INTERVAL_SECONDS,
} from "@/lib/domain/device_status.ts";
import { MAX_CONNECTIONS_PER_REPORT } from "@/lib/domain/limits.ts";

export interface SimulateOptions {
  devices: number;
  intervalSeconds: number;
  /** Connections of each meter on average. */
  connections: number;
  /** Without a slash at its end. */
  server: string;
  token: string;
  seed: number;
  /** Null: until stopped. */
  durationSeconds: number | null;
}

const MAX_DEVICES = 1_000_000;
const MAX_SEED = 2 ** 32 - 1;
const MAX_DURATION_SECONDS = 30 * 86_400;

export const HELP =
  `simulate: plays a fleet of smart meters against a Smart Meter Monitor server

Usage: deno task simulate [flags]

  --devices N         number of meters; default: 50
  --interval SECONDS  between two reports of a meter; default: 10
  --connections N     connections of each meter on average; default: 12
  --server URL        default: http://localhost:3000
  --token TOKEN       token of your account (MONITOR_AUTH_TOKEN)
  --seed N            plays the same meters again; default: 1
  --duration SECONDS  stop after this long; default: until Ctrl+C
  --help              print this

Exit codes: 0 done or stopped, 1 no report was accepted, 2 bad flags, 3 token refused.`;

/** A bad command line; the message says what and why on one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Reads the command line; "help" where it asks for that.
 *
 * @param environmentToken the value of MONITOR_AUTH_TOKEN, which `--token` overrides
 * @throws UsageError naming the flag at fault
 */
export function parseOptions(
  args: readonly string[],
  environmentToken: string | undefined,
): SimulateOptions | "help" {
  const flags = parseFlags(args);
  if (flags.help) return "help";
  const token = (flags.token ?? environmentToken ?? "").trim();
  if (token === "") {
    throw new UsageError("no token: pass --token or set MONITOR_AUTH_TOKEN");
  }
  // RFC 6750 section 2.1; the value is a secret, so the message does not quote it.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token)) {
    throw new UsageError("the token holds characters that no token has");
  }
  return {
    devices: wholeNumber("--devices", flags.devices, 1, MAX_DEVICES),
    intervalSeconds: number(
      "--interval",
      flags.interval,
      MIN_INTERVAL_SECONDS,
      MAX_INTERVAL_SECONDS,
    ),
    connections: wholeNumber(
      "--connections",
      flags.connections,
      1,
      // Connections come and go around the average.
      MAX_CONNECTIONS_PER_REPORT / 2,
    ),
    server: serverUrl(flags.server),
    token,
    seed: wholeNumber("--seed", flags.seed, 0, MAX_SEED),
    durationSeconds: flags.duration === undefined
      ? null
      : number("--duration", flags.duration, 1, MAX_DURATION_SECONDS),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        devices: { type: "string", default: "50" },
        interval: { type: "string", default: "10" },
        connections: { type: "string", default: "12" },
        server: { type: "string", default: "http://localhost:3000" },
        token: { type: "string" },
        seed: { type: "string", default: "1" },
        duration: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    // Node's message goes on to explain itself over several sentences.
    const reason = error instanceof Error ? error.message : String(error);
    const [sentence = reason] = reason.split(/\.\s|\n/);
    throw new UsageError(`${sentence}; see --help`);
  }
}

function number(flag: string, text: string, min: number, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(
    `${flag} must be a number from ${min} to ${max}, not ${quote(text)}`,
  );
}

function wholeNumber(
  flag: string,
  text: string,
  min: number,
  max: number,
): number {
  const value = number(flag, text, min, max);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`${flag} must be a whole number, not ${quote(text)}`);
}

function serverUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--server must be an http or https address, not ${quote(text)}`,
    );
  }
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}

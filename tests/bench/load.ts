/** Load on a server: whole-picture reports from wrk, or from a generator of our own where wrk is not. */

/** Enough to keep groups of reports full; agents' own connections are counted in thousands. */
const CONCURRENT = 64;

export type GeneratorName = "wrk" | "deno";

export interface Load {
  /** A file of device ids, one a line, that take turns. */
  devicesFile: string;
  /** Of scope agent. */
  token: string;
  /** Connections in a report. */
  connections: number;
  /** Sequences rise from here; each load on a server has to start above the one before. */
  firstSequence: number;
  seconds: number;
  /** The pace; absent: as fast as they are answered. */
  reportsPerSecond?: number;
  /** Reports under way at once. */
  concurrent?: number;
}

export interface LoadResult {
  /** All that was answered, whatever the status. */
  reportsPerSecond: number;
  /** Answered with 200. */
  accepted: number;
  /** Answered otherwise. */
  refused: number;
  /** Connections that broke. */
  failed: number;
  p50Ms: number;
  p99Ms: number;
}

/** Sends reports to the server at `url`, from a process of its own. */
export type Generator = (url: string, load: Load) => Promise<LoadResult>;

/** wrk where it is installed, else our own. */
export async function installedGenerator(): Promise<GeneratorName> {
  try {
    await new Deno.Command("wrk", {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return "wrk";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "deno";
    throw error;
  }
}

/** The generator of that name. */
export function generator(name: GeneratorName): Generator {
  return async (url, load) => {
    const concurrent = load.concurrent ?? CONCURRENT;
    const command = name === "wrk"
      ? wrkCommand(url, load.seconds, concurrent)
      : denoCommand(url);
    const { stdout, stderr } = await new Deno.Command(command[0], {
      args: command[1],
      env: {
        DEVICES: load.devicesFile,
        TOKEN: load.token,
        FIRST_SEQUENCE: String(load.firstSequence),
        CONNECTIONS: String(load.connections),
        REPORTS_PER_SECOND: String(load.reportsPerSecond ?? 0),
        SECONDS: String(load.seconds),
        CONCURRENT: String(concurrent),
      },
    }).output();
    const decoder = new TextDecoder();
    const line = /RESULT (\{.*\})/.exec(decoder.decode(stdout))?.[1];
    if (!line) {
      throw new Error(`the load failed: ${decoder.decode(stderr)}`);
    }
    return resultOf(JSON.parse(line));
  };
}

/** What reports.lua and generator.ts print. */
export interface PrintedResult {
  requests: number;
  durationUs: number;
  p50Us: number;
  p99Us: number;
  refused: number;
  failed: number;
}

function resultOf(printed: PrintedResult): LoadResult {
  const { requests, durationUs, p50Us, p99Us, refused, failed } = printed;
  return {
    reportsPerSecond: Math.round(requests / (durationUs / 1e6)),
    accepted: requests - refused,
    refused,
    failed,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
  };
}

function wrkCommand(
  url: string,
  seconds: number,
  concurrent: number,
): [string, string[]] {
  return ["wrk", [
    ...["-t1", `-c${concurrent}`, `-d${seconds}s`],
    ...["-s", "tests/bench/reports.lua", url],
  ]];
}

function denoCommand(url: string): [string, string[]] {
  return [Deno.execPath(), [
    ...["run", "--no-prompt", "--allow-net", "--allow-read", "--allow-env"],
    ...["tests/bench/generator.ts", url],
  ]];
}

/** Load from wrk, and the floor's process. */
import { eventually } from "@/tests/support/processes.ts";

const CONCURRENT = 64;
const SECONDS = 8;

export interface WrkResult {
  reportsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Reports not answered with 200. */
  refused: number;
  /** Connections that broke. */
  failed: number;
}

/** Sends whole-picture reports as fast as they are answered. */
export async function wrk(
  url: string,
  load: {
    devicesFile: string;
    token: string;
    connections: number;
    firstSequence: number;
  },
): Promise<WrkResult> {
  const { stdout, stderr } = await new Deno.Command("wrk", {
    args: [
      ...["-t1", `-c${CONCURRENT}`, `-d${SECONDS}s`],
      ...["-s", "tests/bench/reports.lua", url],
    ],
    env: {
      DEVICES: load.devicesFile,
      TOKEN: load.token,
      FIRST_SEQUENCE: String(load.firstSequence),
      THREADS: "1",
      DELAY_MS: "0",
      CONNECTIONS: String(load.connections),
    },
  }).output();
  const decoder = new TextDecoder();
  const line = /RESULT (\{.*\})/.exec(decoder.decode(stdout))?.[1];
  if (!line) throw new Error(`wrk failed: ${decoder.decode(stderr)}`);
  const { requests, durationUs, p50Us, p99Us, refused, failed } = JSON.parse(
    line,
  );
  return {
    reportsPerSecond: Math.round(requests / (durationUs / 1e6)),
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
    refused,
    failed,
  };
}

/** Starts the floor on a database of its own, and waits until it serves. */
export async function startFloor(
  path: string,
): Promise<{ url: string } & AsyncDisposable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-read"],
      ...["--allow-write", "tests/bench/floor.ts", path],
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let printed = "";
  const reading = (async () => {
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) printed += text;
  })();
  const url = await eventually(
    "the floor to serve",
    () => /serves (\S+)/.exec(printed)?.[1],
  );
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

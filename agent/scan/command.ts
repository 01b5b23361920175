import { AgentError } from "@/agent/errors.ts";

/** What a finished command left. */
export interface CommandOutput {
  success: boolean;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command to its end. Gives null where it does not exist or may not be run; throws
 * AgentError `scan_failed` where it takes too long, and the signal's reason where `stop` aborts.
 */
export type RunCommand = (
  name: string,
  args: string[],
  stop: AbortSignal,
) => Promise<CommandOutput | null>;

const COMMAND_TIMEOUT_MS = 20_000;

/** Runs a command of this machine, in the C locale, without input. */
export const runCommand: RunCommand = async (name, args, stop) => {
  stop.throwIfAborted();
  const abort = new AbortController();
  const onStop = () => abort.abort();
  const timer = setTimeout(onStop, COMMAND_TIMEOUT_MS);
  stop.addEventListener("abort", onStop);
  try {
    const { success, stdout, stderr } = await new Deno.Command(name, {
      args,
      env: { LC_ALL: "C" },
      stdin: "null",
      signal: abort.signal,
    }).output();
    stop.throwIfAborted();
    if (!abort.signal.aborted) {
      return {
        success,
        stdout: decodeText(stdout),
        stderr: decodeText(stderr),
      };
    }
    throw new AgentError(
      "scan_failed",
      `${name} took more than ${COMMAND_TIMEOUT_MS / 1000} s`,
    );
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
};

/** Whether an error says that a command or file does not exist here or may not be used. */
export function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.PermissionDenied;
}

/**
 * Bytes of a command as text: UTF-16 where its mark says so, else UTF-8. In other code pages, as
 * Windows consoles have them, letters beyond ASCII become U+FFFD; the parsers do without them.
 */
export function decodeText(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

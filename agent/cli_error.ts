import { AgentError } from "@/agent/errors.ts";

/** The agent's exit codes; docs/AGENT.md lists them. */
export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
export const EXIT_TOKEN_REFUSED = 3;

const MAX_LINE_LENGTH = 500;
const MAX_NAMED_FIELDS = 5;
// C0, C1 and the Unicode line separators: what could break or recolour a line of a log.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029]+/gu;

/** An error as one line for people: what failed, why, and what to do where that helps. */
export function errorLine(error: unknown): string {
  if (!(error instanceof AgentError)) {
    return oneLine(`unexpected failure: ${reasonOf(error)}`);
  }
  const fields = error.fields.slice(0, MAX_NAMED_FIELDS)
    .map(({ path, message }) => `${path} ${message}`).join(", ");
  const unnamed = error.fields.length - MAX_NAMED_FIELDS;
  const more = unnamed > 0 ? ` and ${unnamed} more` : "";
  return oneLine(
    error.message + (fields && `: ${fields}${more}`) + advice(error),
  );
}

/** The exit code that an error ends the program with. */
export function exitCode(error: unknown): number {
  if (!(error instanceof AgentError)) return EXIT_FAILED;
  if (error.code === "usage") return EXIT_USAGE;
  if (error.code === "token_refused") return EXIT_TOKEN_REFUSED;
  return EXIT_FAILED;
}

/** The innermost reason of a failure, such as "Connection refused (os error 111)". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  // Deno's fetch reports a chain: "client error (Connect): tcp connect error: Connection refused".
  return error.message.split(": ").at(-1) || error.name;
}

/** Text brought to one printable line of bounded length. */
export function oneLine(text: string): string {
  const line = text.replace(UNPRINTABLE, " ").trim();
  return line.length > MAX_LINE_LENGTH
    ? `${line.slice(0, MAX_LINE_LENGTH - 1)}…`
    : line;
}

function advice(error: AgentError): string {
  if (error.code === "usage") return "; see --help";
  if (error.code === "token_refused") {
    return "; get a new token from the dashboard (Connect a device) and pass it with --token or MONITOR_AUTH_TOKEN";
  }
  return "";
}

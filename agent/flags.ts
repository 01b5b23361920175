import { AgentError } from "@/agent/errors.ts";

/** What the command line holds: switches that are on, and flags with their values. */
export interface Flags {
  switches: Set<string>;
  values: Map<string, string>;
}

/**
 * Reads `--name`, `--name value` and `--name=value`; the last of a repeated flag counts.
 *
 * By hand, since `node:util` takes 5 MB of memory for it. Messages never quote a value: it may be
 * a token that someone pasted in the wrong place.
 *
 * @throws AgentError `usage` for unknown flags, missing or needless values, and stray arguments
 */
export function parseFlags(
  args: readonly string[],
  switchNames: readonly string[],
  valueNames: readonly string[],
): Flags {
  const flags: Flags = { switches: new Set(), values: new Map() };
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = splitFlag(args[i] ?? "", i);
    if (switchNames.includes(flag)) {
      if (inline !== null) throw usage(`${flag} takes no value`);
      flags.switches.add(flag);
    } else if (valueNames.includes(flag)) {
      const next = args[i + 1];
      if (inline === null && (next === undefined || next.startsWith("--"))) {
        throw usage(`${flag} needs a value`);
      }
      flags.values.set(flag, inline ?? args[++i] ?? "");
    } else throw usage(`unknown flag ${flag}`);
  }
  return flags;
}

/** A complaint about how the program was called. */
export function usage(message: string): AgentError {
  return new AgentError("usage", message);
}

function splitFlag(arg: string, index: number): [string, string | null] {
  if (!arg.startsWith("-")) {
    throw usage(
      `argument ${index + 1} belongs to no flag; did a flag lose its name?`,
    );
  }
  const equals = arg.indexOf("=");
  return equals < 0
    ? [arg, null]
    : [arg.slice(0, equals), arg.slice(equals + 1)];
}

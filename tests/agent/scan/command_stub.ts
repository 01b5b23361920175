import type { CommandOutput, RunCommand } from "@/agent/scan/command.ts";

/** What a stubbed command does: prints this, or ends like that; one that is not named is missing. */
export type StubbedCommands = Record<string, string | CommandOutput>;

/** A system with these commands, by name or by name and arguments, and a record of what ran. */
export function stubCommands(
  commands: StubbedCommands,
): { run: RunCommand; calls: string[] } {
  const calls: string[] = [];
  const run: RunCommand = (name, args) => {
    const call = [name, ...args].join(" ");
    calls.push(call);
    const output = commands[call] ?? commands[name] ?? null;
    return Promise.resolve(
      typeof output === "string"
        ? { success: true, stdout: output, stderr: "" }
        : output,
    );
  };
  return { run, calls };
}

/** A command that ran and failed. */
export function failure(stderr: string): CommandOutput {
  return { success: false, stdout: "", stderr };
}

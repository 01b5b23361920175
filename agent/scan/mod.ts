import { AgentError } from "@/agent/errors.ts";
import { runCommand } from "@/agent/scan/command.ts";
import { createLinuxScanner, readProcNet } from "@/agent/scan/linux.ts";
import { createMacosScanner } from "@/agent/scan/macos.ts";
import { readSocketOwners } from "@/agent/scan/proc_owners.ts";
import { createWindowsScanner } from "@/agent/scan/windows.ts";
import type { Connection } from "@/lib/domain/connection.ts";

/** One look at a machine: its sockets, one row an identity, and what could not be read. */
export interface Scan {
  connections: Connection[];
  warnings: string[];
}

/** Lists the TCP and UDP sockets of this machine. */
export interface Scanner {
  /**
   * Looks once.
   *
   * @throws AgentError `scan_failed` where no source works; the signal's reason where `stop` aborts
   */
  scan(stop: AbortSignal): Promise<Scan>;
  /** What the latest scan was read from, for people. */
  describe(): string;
}

/**
 * The scanner of an operating system, named as `Deno.build.os` names it.
 *
 * @throws AgentError `os_unsupported`
 */
export function createScanner(os: string): Scanner {
  switch (os) {
    case "linux":
    case "android":
      return createLinuxScanner(
        runCommand,
        () => readProcNet(Deno.readTextFile),
        readSocketOwners,
      );
    case "darwin":
      return createMacosScanner(runCommand);
    case "windows":
      return createWindowsScanner(runCommand);
    default:
      throw new AgentError(
        "os_unsupported",
        `cannot scan on ${os}: only Linux, macOS and Windows are known`,
      );
  }
}

/** The name under which the server knows an operating system. */
export function osName(os: string): string {
  return os === "darwin" ? "macos" : os;
}

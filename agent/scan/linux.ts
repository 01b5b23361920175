import { AgentError } from "@/agent/errors.ts";
import { isMissing, type RunCommand } from "@/agent/scan/command.ts";
import type { Scan, Scanner } from "@/agent/scan/mod.ts";
import { parseProcNet, PROC_NET_PATHS } from "@/agent/scan/proc_net.ts";
import { mergeTwins, nameOwners } from "@/agent/scan/rows.ts";
import { parseSs, SS_ARGS } from "@/agent/scan/ss.ts";

/** Where ss is; the search path of a plain user often lacks the last two. */
const SS_COMMANDS = ["ss", "/usr/sbin/ss", "/sbin/ss"];

/**
 * Scans with ss, and with /proc/net where ss is missing or fails.
 *
 * @param readTables gives the text of the tables in /proc/net, null where they may not be read
 * @param readOwners gives the program's name for each socket's inode, as far as it may be known
 */
export function createLinuxScanner(
  run: RunCommand,
  readTables: () => Promise<string | null>,
  readOwners: () => Promise<Map<number, string>>,
): Scanner {
  let source = "not scanned yet";
  return {
    describe: () => source,
    async scan(stop) {
      const [listing, why] = await runSs(run, stop);
      if (listing !== null) {
        source = "ss";
        return finish(parseSs(listing));
      }
      const tables = await readTables() ?? await catTables(run, stop);
      if (tables === null) {
        throw new AgentError(
          "scan_failed",
          `cannot list connections: ${why}, and /proc/net may not be read; install iproute2`,
        );
      }
      source = "/proc/net";
      const { rows, warnings } = parseProcNet(tables);
      return finish({
        rows: nameOwners(rows, await readOwners()),
        warnings: [
          `${why}, so byte counts are unknown; install iproute2 for them`,
          ...warnings,
        ],
      });
    },
  };
}

/** Reads the tables directly, which Deno allows only with all permissions. */
export async function readProcNet(
  readTextFile: (path: string) => Promise<string>,
): Promise<string | null> {
  const tables: string[] = [];
  for (const path of PROC_NET_PATHS) {
    try {
      tables.push(await readTextFile(path));
    } catch (error) {
      // A kernel without IPv6 has no tcp6.
      if (!isMissing(error)) throw error;
    }
  }
  return tables.length > 0 ? tables.join("\n") : null;
}

async function runSs(
  run: RunCommand,
  stop: AbortSignal,
): Promise<[listing: string | null, why: string]> {
  for (const command of SS_COMMANDS) {
    const output = await run(command, SS_ARGS, stop);
    if (output?.success) return [output.stdout, ""];
    if (output) return [null, `ss failed (${firstLine(output.stderr)})`];
  }
  return [null, "ss is missing"];
}

/** Reads the tables through `cat`: Deno wants all permissions for /proc, and for cat just the one to run it. */
async function catTables(
  run: RunCommand,
  stop: AbortSignal,
): Promise<string | null> {
  // It fails where a kernel has no IPv6, and still prints the other tables.
  return (await run("cat", PROC_NET_PATHS, stop))?.stdout || null;
}

function finish(
  { rows, warnings }: { rows: Scan["connections"]; warnings: string[] },
): Scan {
  return { connections: mergeTwins(rows), warnings };
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] || "without a message";
}

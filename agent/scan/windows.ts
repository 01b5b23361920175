import { AgentError } from "@/agent/errors.ts";
import type { RunCommand } from "@/agent/scan/command.ts";
import type { Scan, Scanner } from "@/agent/scan/mod.ts";
import {
  NETSTAT_WINDOWS_ARGS,
  parseNetstatWindows,
} from "@/agent/scan/netstat_windows.ts";
import { parsePowershell, POWERSHELL_ARGS } from "@/agent/scan/powershell.ts";
import { mergeTwins, nameOwners } from "@/agent/scan/rows.ts";
import { parseTasklist, TASKLIST_ARGS } from "@/agent/scan/tasklist.ts";

/**
 * Scans with netstat and tasklist, and with PowerShell where netstat is missing: starting it costs
 * far more than both.
 */
export function createWindowsScanner(run: RunCommand): Scanner {
  let source = "not scanned yet";
  return {
    describe: () => source,
    async scan(stop): Promise<Scan> {
      const [sockets, tasks] = await Promise.all([
        run("netstat", NETSTAT_WINDOWS_ARGS, stop),
        run("tasklist", TASKLIST_ARGS, stop),
      ]);
      if (sockets?.success) {
        source = tasks?.success ? "netstat and tasklist" : "netstat";
        const { rows, warnings } = parseNetstatWindows(sockets.stdout);
        const names = parseTasklist(tasks?.stdout ?? "");
        return { connections: mergeTwins(nameOwners(rows, names)), warnings };
      }
      const listing = await run("powershell", POWERSHELL_ARGS, stop);
      if (listing?.success) {
        source = "PowerShell";
        const { rows, warnings } = parsePowershell(listing.stdout);
        return { connections: mergeTwins(rows), warnings };
      }
      throw new AgentError(
        "scan_failed",
        "cannot list connections: neither netstat nor PowerShell works",
      );
    },
  };
}

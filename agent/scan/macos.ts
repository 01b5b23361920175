import { AgentError } from "@/agent/errors.ts";
import type { RunCommand } from "@/agent/scan/command.ts";
import { LSOF_ARGS, parseLsof } from "@/agent/scan/lsof.ts";
import type { Scan, Scanner } from "@/agent/scan/mod.ts";
import {
  NETSTAT_MACOS_ARGS,
  parseNetstatMacos,
} from "@/agent/scan/netstat_macos.ts";
import {
  mergeTwins,
  nameOwners,
  type OwnedConnection,
  type Parsed,
} from "@/agent/scan/rows.ts";

/**
 * Scans with netstat, which has byte counts, and names the programs that it leaves as numbers with
 * lsof; with lsof alone where netstat gives nothing.
 */
export function createMacosScanner(run: RunCommand): Scanner {
  let source = "not scanned yet";
  return {
    describe: () => source,
    async scan(stop) {
      const sockets = await listWithNetstat(run, stop);
      const hasUnnamed = sockets?.rows.some((row) =>
        row.processName === null && row.ownerId !== null
      );
      if (sockets !== null && !hasUnnamed) {
        source = "netstat";
        return finish(sockets);
      }
      const open = await listWithLsof(run, stop);
      if (sockets === null && open === null) {
        throw new AgentError(
          "scan_failed",
          "cannot list connections: neither netstat nor lsof works",
        );
      }
      source = sockets === null ? "lsof" : "netstat and lsof";
      const names = new Map<number, string>();
      for (const { ownerId, processName } of open?.rows ?? []) {
        if (ownerId !== null && processName !== null) {
          names.set(ownerId, processName);
        }
      }
      return finish(sockets ?? open, names);
    },
  };
}

async function listWithNetstat(
  run: RunCommand,
  stop: AbortSignal,
): Promise<Parsed<OwnedConnection> | null> {
  const listings: Parsed<OwnedConnection>[] = [];
  for (const args of NETSTAT_MACOS_ARGS) {
    const output = await run("netstat", args, stop);
    if (output?.success) listings.push(parseNetstatMacos(output.stdout));
  }
  if (listings.length === 0) return null;
  return {
    rows: listings.flatMap(({ rows }) => rows),
    warnings: listings.flatMap(({ warnings }) => warnings),
  };
}

async function listWithLsof(
  run: RunCommand,
  stop: AbortSignal,
): Promise<Parsed<OwnedConnection> | null> {
  const output = await run("lsof", LSOF_ARGS, stop);
  // lsof fails where some file could not be examined, and still prints the rest.
  return output?.stdout ? parseLsof(output.stdout) : null;
}

function finish(
  listing: Parsed<OwnedConnection> | null,
  names: ReadonlyMap<number, string> = new Map(),
): Scan {
  return {
    connections: mergeTwins(nameOwners(listing?.rows ?? [], names)),
    warnings: listing?.warnings ?? [],
  };
}

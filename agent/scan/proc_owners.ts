import { isMissing } from "@/agent/scan/command.ts";
import { parseProcessName } from "@/agent/scan/rows.ts";

/** The part of the file system that is walked. */
export interface ProcFiles {
  readDir(path: string): AsyncIterable<{ name: string }>;
  readLink(path: string): Promise<string>;
  readTextFile(path: string): Promise<string>;
}

/**
 * The program's name for each socket's inode, from one walk of /proc/<pid>/fd (man 5 proc).
 *
 * Processes and descriptors vanish while one looks, and those of other users are closed to all but
 * root: what cannot be read is left out. Without Deno's permission for /proc the map is empty.
 */
export async function readSocketOwners(
  files: ProcFiles = Deno,
): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const pid of await list(files, "/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const inodes = await socketInodes(files, `/proc/${pid}/fd`);
    if (inodes.length === 0) continue;
    const comm = await read(() => files.readTextFile(`/proc/${pid}/comm`));
    const name = parseProcessName(comm ?? "");
    if (name === null) continue;
    for (const inode of inodes) names.set(inode, names.get(inode) ?? name);
  }
  return names;
}

async function socketInodes(files: ProcFiles, path: string) {
  const inodes: number[] = [];
  for (const fd of await list(files, path)) {
    const target = await read(() => files.readLink(`${path}/${fd}`));
    const inode = target?.match(/^socket:\[(\d+)\]$/)?.[1];
    if (inode !== undefined) inodes.push(Number(inode));
  }
  return inodes;
}

async function list(files: ProcFiles, path: string): Promise<string[]> {
  return await read(() =>
    Array.fromAsync(files.readDir(path), ({ name }) => name)
  ) ?? [];
}

/** What an attempt gives, or null where its object has vanished or is closed to us. */
async function read<T>(attempt: () => Promise<T>): Promise<T | null> {
  try {
    return await attempt();
  } catch (error) {
    if (isVanished(error) || isMissing(error)) return null;
    throw error;
  }
}

/** Reading of a process that ends meanwhile fails with ESRCH, for which Deno has no class. */
function isVanished(error: unknown): boolean {
  return error instanceof Error && /\bos error 3\b/.test(error.message);
}

import assert from "node:assert/strict";
import { type ProcFiles, readSocketOwners } from "@/agent/scan/proc_owners.ts";

type Tree = Record<string, string[] | string | Error>;

/** A /proc of three kinds of entries: directories, contents or link targets, and failures. */
function filesOf(tree: Tree): ProcFiles {
  const get = (path: string) => {
    const entry = tree[path] ?? new Deno.errors.NotFound(path);
    if (entry instanceof Error) throw entry;
    return entry;
  };
  return {
    async *readDir(path) {
      for (const name of get(path)) yield { name };
    },
    readLink: (path) => Promise.resolve().then(() => String(get(path))),
    readTextFile: (path) => Promise.resolve().then(() => String(get(path))),
  };
}

Deno.test("readSocketOwners: names each socket's program by inode", async () => {
  const owners = await readSocketOwners(filesOf({
    "/proc": ["self", "1", "72", "meminfo"],
    "/proc/1/fd": ["0", "3"],
    "/proc/1/fd/0": "/dev/null",
    "/proc/1/fd/3": "socket:[100]",
    "/proc/1/comm": "systemd\n",
    "/proc/72/fd": ["3", "9"],
    "/proc/72/fd/3": "socket:[100]",
    "/proc/72/fd/9": "socket:[200]",
    "/proc/72/comm": "meterd\n",
  }));
  assert.deepEqual([...owners], [[100, "systemd"], [200, "meterd"]]);
});

Deno.test("readSocketOwners: leaves out what vanishes or is closed while it looks", async () => {
  const owners = await readSocketOwners(filesOf({
    "/proc": ["1", "2", "3", "4", "5"],
    "/proc/1/fd": new Deno.errors.PermissionDenied("readdir"),
    "/proc/2/fd": new Error("No such process (os error 3)"),
    "/proc/3/fd": ["3", "4"],
    "/proc/3/fd/3": new Deno.errors.NotFound("gone"),
    "/proc/3/fd/4": "socket:[300]",
    "/proc/3/comm": new Error("No such process (os error 3)"),
    "/proc/5/fd": ["3"],
    "/proc/5/fd/3": "socket:[500]",
    "/proc/5/comm": "meterd\n",
  }));
  assert.deepEqual([...owners], [[500, "meterd"]]);
});

Deno.test("readSocketOwners: is empty without permission for /proc", async () => {
  const denied = new Deno.errors.NotCapable("Requires all access");
  assert.equal((await readSocketOwners(filesOf({ "/proc": denied }))).size, 0);
});

Deno.test("readSocketOwners: does not hide failures of another kind", async () => {
  const files = filesOf({ "/proc": new Error("Too many open files") });
  await assert.rejects(readSocketOwners(files), /Too many open files/);
});

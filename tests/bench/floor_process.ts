/** The floor's process. */
import { eventually } from "@/tests/support/processes.ts";

/** Starts the floor on a database of its own, and waits until it serves. */
export async function startFloor(
  path: string,
): Promise<{ url: string } & AsyncDisposable> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net", "--allow-read"],
      ...["--allow-write", "tests/bench/floor.ts", path],
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let printed = "";
  const reading = (async () => {
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) printed += text;
  })();
  const url = await eventually(
    "the floor to serve",
    () => /serves (\S+)/.exec(printed)?.[1],
  );
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.status, reading]);
    },
  };
}

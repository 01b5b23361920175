/**
 * `deno task test:remote`: runs the storage tests against the KV Connect server that KV_URL names,
 * with the token in DENO_KV_ACCESS_TOKEN. Its database must be empty, and is empty again at the end.
 * Files of tests may be named instead of all.
 */
import { openStore } from "@/lib/store/open.ts";
import { deleteAll, requireEmpty } from "@/tests/lib/store/support.ts";

/** Folders of tests; those in them that use no database just run too. */
const TESTS = ["tests/lib/store/", "tests/lib/fleet/"];
const PERMISSIONS = ["net", "read", "write", "env", "run", "sys"]
  .map((kind) => `--allow-${kind}`);
const EXIT_REFUSED = 2;

if (import.meta.main) {
  const files = Deno.args.length > 0 ? Deno.args : TESTS;
  Deno.exit(await testRemote(Deno.env.get("KV_URL"), files));
}

/** Runs the tests and answers the exit code: theirs, or 2 where they may not run. */
async function testRemote(
  url: string | undefined,
  files: readonly string[],
): Promise<number> {
  try {
    if (!url) {
      throw new Error(
        "KV_URL must name the KV Connect server of an empty database",
      );
    }
    using kv = await openStore({ url });
    await requireEmpty(kv, url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`test:remote: ${reason}`);
    return EXIT_REFUSED;
  }
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--no-prompt", ...PERMISSIONS, ...files],
    // Under another name, so that `deno task test` never takes up a database that happens to be set.
    env: { TEST_KV_URL: url },
  }).spawn();
  const { code } = await tests.status;
  // A test that crashed leaves its rows; the database was empty before.
  using kv = await openStore({ url });
  await deleteAll(kv);
  return code;
}

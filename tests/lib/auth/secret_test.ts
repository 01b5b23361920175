import assert from "node:assert/strict";
import { join } from "node:path";
import { keptSecret } from "@/lib/auth/secret.ts";

/** A folder of its own, gone with the test. */
async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("keptSecret: makes a secret that only its owner may read", async () => {
  await using at = await folder();
  const secret = await keptSecret(at.path);
  assert.match(secret, /^[A-Za-z0-9+/]{64}$/);
  const file = join(at.path, "jwt-secret");
  assert.equal(await Deno.readTextFile(file), secret);
  if (Deno.build.os !== "windows") {
    const { mode } = await Deno.stat(file);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  }
});

Deno.test("keptSecret: gives the same secret again, another one elsewhere", async () => {
  await using at = await folder();
  await using elsewhere = await folder();
  const secret = await keptSecret(at.path);
  assert.equal(await keptSecret(at.path), secret);
  assert.notEqual(await keptSecret(elsewhere.path), secret);
});

Deno.test("keptSecret: servers that start at once agree, and leave one file", async () => {
  await using at = await folder();
  const secrets = await Promise.all(
    Array.from({ length: 20 }, () => keptSecret(at.path)),
  );
  assert.equal(new Set(secrets).size, 1);
  const files = await Array.fromAsync(Deno.readDir(at.path));
  assert.deepEqual(files.map(({ name }) => name), ["jwt-secret"]);
});

Deno.test("keptSecret: takes a secret that somebody else wrote there", async () => {
  await using at = await folder();
  const own = "an operator's own secret, long enough";
  await Deno.writeTextFile(join(at.path, "jwt-secret"), `${own}\n`);
  assert.equal(await keptSecret(at.path), own);
});

for (const [what, text] of [["empty", ""], ["short", "x".repeat(31)]]) {
  Deno.test(`keptSecret: refuses a file that is ${what}, and keeps it`, async () => {
    await using at = await folder();
    const file = join(at.path, "jwt-secret");
    await Deno.writeTextFile(file, text ?? "");
    await assert.rejects(keptSecret(at.path), {
      message:
        `the secret in ${file} has fewer than 32 characters: remove the file to have one made`,
    });
    assert.equal(await Deno.readTextFile(file), text);
  });
}

Deno.test("keptSecret: fails where the folder does not exist", async () => {
  await using at = await folder();
  await assert.rejects(
    keptSecret(join(at.path, "missing")),
    Deno.errors.NotFound,
  );
});

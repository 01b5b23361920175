import assert from "node:assert/strict";
import { compareSync } from "bcryptjs";
import { Passwords } from "@/lib/auth/passwords.ts";

/** Passwords that end with the test. */
function disposable(): Passwords & Disposable {
  const passwords = new Passwords();
  return Object.assign(passwords, {
    [Symbol.dispose]: () => passwords.close(),
  });
}

Deno.test("Passwords: what was hashed at cost 10 matches, and nothing else does", async () => {
  using passwords = disposable();
  const [first, second] = await Promise.all([
    passwords.hash("zähler 📟"),
    passwords.hash("zähler 📟"),
  ]);
  assert.match(first, /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
  assert.notEqual(first, second, "each hash has its own salt");
  assert.ok(compareSync("zähler 📟", first), "as bcrypt has it");
  assert.equal(await passwords.matches("zähler 📟", second), true);
  assert.equal(await passwords.matches("zähler", first), false);
  assert.equal(await passwords.matches("zähler 📟", "no hash"), false);
});

Deno.test("Passwords: refuses more than may wait, and takes what did", async () => {
  const passwords = new Passwords();
  const waiting = Array.from(
    { length: 100 },
    () => passwords.hash("secret").catch((error) => error.message),
  );
  await assert.rejects(passwords.hash("one more"), {
    code: "overloaded",
    retryAfterSeconds: 5,
  });
  await assert.rejects(passwords.matches("one more", "hash"), {
    code: "overloaded",
  });
  // Ends them all, since a hundred hashes take ten seconds.
  passwords.close();
  assert.deepEqual(
    new Set(await Promise.all(waiting)),
    new Set(["the password worker was closed"]),
  );
});

/** Stands in for a worker that dies of its first message, such as of too little memory. */
class DyingWorker {
  static terminated = 0;
  onerror: ((event: ErrorEvent) => void) | null = null;

  postMessage(): void {
    queueMicrotask(() =>
      this.onerror?.(new ErrorEvent("error", { message: "out of memory" }))
    );
  }

  terminate(): void {
    DyingWorker.terminated++;
  }
}

Deno.test("Passwords: a worker that fails rejects what waits for it, and the next password gets a new one", async () => {
  using passwords = disposable();
  const RealWorker = globalThis.Worker;
  try {
    Object.assign(globalThis, { Worker: DyingWorker });
    const results = await Promise.allSettled([
      passwords.hash("secret"),
      passwords.matches("waiting behind it", "hash"),
    ]);
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.equal(
        result.reason.message,
        "the password worker failed: out of memory",
      );
    }
    assert.ok(DyingWorker.terminated > 0);
  } finally {
    Object.assign(globalThis, { Worker: RealWorker });
  }
  assert.match(await passwords.hash("secret"), /^\$2b\$10\$/);
});

Deno.test("Passwords.close: starts no worker any more", async () => {
  const passwords = new Passwords();
  passwords.close();
  await assert.rejects(passwords.hash("secret"), /was closed/);
  await assert.rejects(passwords.matches("secret", "hash"), /was closed/);
  passwords.close();
});

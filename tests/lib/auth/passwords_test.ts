import assert from "node:assert/strict";
import { compareSync } from "bcryptjs";
import {
  type PasswordJob,
  type PasswordResult,
  Passwords,
} from "@/lib/auth/passwords.ts";

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

/** Stands in for a worker that answers as `respond` says. */
class FakeWorker {
  static respond: (worker: FakeWorker, job: PasswordJob) => void = () => {};
  static terminated = 0;
  onmessage: ((event: MessageEvent<PasswordResult>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;

  postMessage(job: PasswordJob): void {
    queueMicrotask(() => FakeWorker.respond(this, job));
  }

  terminate(): void {
    FakeWorker.terminated++;
  }
}

/** Every worker that starts is a fake one, until the answer is disposed of. */
function fakeWorkers(respond: typeof FakeWorker.respond): Disposable {
  const RealWorker = globalThis.Worker;
  FakeWorker.respond = respond;
  Object.assign(globalThis, { Worker: FakeWorker });
  return {
    [Symbol.dispose]: () => {
      Object.assign(globalThis, { Worker: RealWorker });
    },
  };
}

Deno.test("Passwords: a worker that fails rejects all that waits for it, and the next password gets a new one", async () => {
  using passwords = disposable();
  const before = FakeWorker.terminated;
  {
    using _ = fakeWorkers((worker) =>
      worker.onerror?.(new ErrorEvent("error", { message: "out of memory" }))
    );
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => passwords.hash("secret")),
    );
    for (const result of results) {
      assert.equal(result.status, "rejected");
      assert.equal(
        result.reason.message,
        "the password worker failed: out of memory",
      );
    }
    assert.ok(FakeWorker.terminated > before);
  }
  assert.match(await passwords.hash("secret"), /^\$2b\$10\$/);
});

Deno.test("Passwords: those answered wait no more", async () => {
  using passwords = disposable();
  using _ = fakeWorkers((worker, { id, password, hash }) => {
    const matches = password === hash;
    const data: PasswordResult = { id, hash: null, matches };
    worker.onmessage?.(new MessageEvent("message", { data }));
  });
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(
      Array.from(
        { length: 100 },
        (_, i) => passwords.matches(String(i), String(i % 10)),
      ),
    );
    assert.equal(answers.filter(Boolean).length, 10);
  }
});

Deno.test("Passwords.close: starts no worker any more", async () => {
  const passwords = new Passwords();
  passwords.close();
  await assert.rejects(passwords.hash("secret"), /was closed/);
  await assert.rejects(passwords.matches("secret", "hash"), /was closed/);
  passwords.close();
});

import assert from "node:assert/strict";
import { Accounts } from "@/lib/auth/accounts.ts";
import { Passwords } from "@/lib/auth/passwords.ts";
import { REGISTRATION_MODES, type RegistrationMode } from "@/lib/config.ts";
import { openStore } from "@/lib/store/open.ts";
import { UserStore } from "@/lib/store/users.ts";

const NOW = 1_700_000_000_000;

/** Passwords whose "hash" is readable, so that a test sees what was hashed and compared. */
class PlainPasswords extends Passwords {
  readonly compared: [password: string, hash: string][] = [];

  override hash(password: string): Promise<string> {
    return Promise.resolve(`hash of ${password}`);
  }

  override matches(password: string, hash: string): Promise<boolean> {
    this.compared.push([password, hash]);
    return Promise.resolve(hash === `hash of ${password}`);
  }
}

function fixture(kv: Deno.Kv, registration: RegistrationMode = "open") {
  const users = new UserStore(kv);
  const passwords = new PlainPasswords();
  const accounts = new Accounts({
    users,
    passwords,
    registration,
    now: () => NOW,
  });
  return { accounts, users, passwords };
}

function request(username: string, password = "secret") {
  return {
    username,
    email: `${username}@example.org`,
    password,
    confirmPassword: password,
  };
}

Deno.test("Accounts.register: stores the account with a hash, never the password", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts, users } = fixture(kv);
  const user = await accounts.register(request("alice"));
  assert.deepEqual({ ...user, id: "" }, {
    id: "",
    username: "alice",
    email: "alice@example.org",
    passwordHash: "hash of secret",
    role: "administrator",
    createdAt: NOW,
  });
  assert.deepEqual(await users.findById(user.id), user);
});

Deno.test("Accounts.register: a taken name is refused", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts } = fixture(kv);
  await accounts.register(request("alice"));
  await assert.rejects(accounts.register(request("Alice")), {
    code: "username_taken",
  });
});

Deno.test("Accounts.register: is open to everybody in mode open", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts } = fixture(kv, "open");
  for (const name of ["alice", "bob"]) {
    assert.equal(await accounts.registrationIsOpen(), true);
    await accounts.register(request(name));
  }
});

for (const mode of REGISTRATION_MODES.filter((mode) => mode !== "open")) {
  Deno.test(`Accounts.register: only the first account is made in mode ${mode}`, async () => {
    using kv = await openStore({ path: ":memory:" });
    const { accounts } = fixture(kv, mode);
    assert.equal(await accounts.registrationIsOpen(), true);
    const first = await accounts.register(request("alice"));
    assert.equal(first.role, "administrator");
    assert.equal(await accounts.registrationIsOpen(), false);
    await assert.rejects(accounts.register(request("bob")), {
      code: "registration_closed",
      message: "registration is closed: ask the administrator for an account",
    });
  });

  Deno.test(`Accounts.register: of two first accounts at once one is made in mode ${mode}`, async () => {
    using kv = await openStore({ path: ":memory:" });
    const { accounts, users } = fixture(kv, mode);
    const results = await Promise.allSettled([
      accounts.register(request("alice")),
      accounts.register(request("bob")),
    ]);
    const refused = results.filter((result) => result.status === "rejected");
    assert.deepEqual(refused.map(({ reason }) => reason.code), [
      "registration_closed",
    ]);
    const names = await Promise.all(
      ["alice", "bob"].map((name) => users.findByName(name)),
    );
    assert.equal(names.filter((user) => user !== null).length, 1);
  });
}

Deno.test("Accounts.logIn: takes the name without regard to case and to spaces around it", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts } = fixture(kv);
  const user = await accounts.register(request("alice"));
  for (const username of ["alice", "ALICE", " Alice\t"]) {
    const found = await accounts.logIn({ username, password: "secret" });
    assert.deepEqual(found, user);
  }
});

Deno.test("Accounts.logIn: a wrong password and an unknown user are one and the same refusal", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts } = fixture(kv);
  await accounts.register(request("alice"));
  const errors = [];
  for (const username of ["alice", "nobody"]) {
    const error = await accounts.logIn({ username, password: "wrong!" })
      .catch((error) => error);
    errors.push({ ...error, message: error.message });
  }
  assert.equal(errors[0].code, "credentials_wrong");
  assert.deepEqual(errors[0], errors[1]);
});

Deno.test("Accounts.logIn: an unknown user costs a comparison at cost 10 too", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts, passwords } = fixture(kv);
  await assert.rejects(
    accounts.logIn({ username: "nobody", password: "secret" }),
  );
  assert.equal(passwords.compared.length, 1);
  const [password, hash] = passwords.compared[0] ?? [];
  assert.equal(password, "secret");
  assert.match(hash ?? "", /^\$2b\$10\$[./A-Za-z0-9]{53}$/);
});

Deno.test("Accounts.logIn: a password of 72 bytes is taken, one byte more is refused even where bcrypt would take it", async () => {
  using kv = await openStore({ path: ":memory:" });
  const { accounts, passwords } = fixture(kv);
  const longest = "ä".repeat(36);
  await accounts.register(request("alice", longest));
  const user = await accounts.logIn({ username: "alice", password: longest });
  assert.equal(user.username, "alice");
  // bcrypt compares the first 72 bytes only.
  passwords.matches = (password, hash) =>
    Promise.resolve(hash === `hash of ${password.slice(0, 36)}`);
  await assert.rejects(
    accounts.logIn({ username: "alice", password: `${longest}x` }),
    { code: "credentials_wrong" },
  );
});

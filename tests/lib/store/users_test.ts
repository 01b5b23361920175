import assert from "node:assert/strict";
import type { User } from "@/lib/domain/user.ts";
import { UserStore } from "@/lib/store/users.ts";
import { allKeys, testKv } from "./support.ts";

function account(
  username: string,
  email = `${username}@example.org`,
): Omit<User, "role"> {
  return {
    id: crypto.randomUUID(),
    username,
    email,
    passwordHash: "hash",
    createdAt: 1_000,
  };
}

/** How many attempts were stored, and the codes of those refused. */
async function outcomes(attempts: Promise<User>[]) {
  const stored: User[] = [];
  const codes: unknown[] = [];
  for (const result of await Promise.allSettled(attempts)) {
    if (result.status === "fulfilled") stored.push(result.value);
    else codes.push(result.reason.code);
  }
  return { stored, codes };
}

Deno.test("UserStore.create: keeps an account as it was given", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  const alice = account("Alice", "Alice@Example.org");
  const created = await users.create(alice);
  assert.deepEqual(created, { ...alice, role: "administrator" });
  assert.deepEqual(await users.findById(alice.id), created);
  assert.deepEqual(await users.findByName("Alice"), created);
});

Deno.test("UserStore.create: only the first account is the administrator", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  const roles = [];
  for (const name of ["alice", "bob", "carol"]) {
    roles.push((await users.create(account(name))).role);
  }
  assert.deepEqual(roles, ["administrator", "user", "user"]);
});

Deno.test("UserStore.create: of first accounts made at once exactly one is the administrator", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  const { stored, codes } = await outcomes(
    Array.from({ length: 20 }, (_, i) => users.create(account(`user-${i}`))),
  );
  assert.deepEqual(codes, []);
  assert.equal(stored.length, 20);
  const administrators = stored.filter((u) => u.role === "administrator");
  assert.equal(administrators.length, 1);
  for (const user of stored) {
    assert.deepEqual(await users.findById(user.id), user);
  }
});

const SAME_NAMES: Record<string, [string, string]> = {
  "upper and lower case": ["alice", "ALICE"],
  "case beyond ASCII": ["zähler", "ZÄHLER"],
  "a composed and a decomposed letter": ["zo\u00eb", "zoe\u0308"],
  "full-width letters (NFKC)": ["meter1", "ｍｅｔｅｒ１"],
  "the Kelvin sign (NFKC)": ["kelvin", "\u212aelvin"],
  "a ligature (NFKC)": ["fidelio", "\ufb01delio"],
};

for (const [what, [first, second]] of Object.entries(SAME_NAMES)) {
  Deno.test(`UserStore.create: a name is taken in spite of ${what}`, async () => {
    await using kv = await testKv();
    const users = new UserStore(kv);
    const { id } = await users.create(account(first, "first@example.org"));
    await assert.rejects(
      users.create(account(second, "second@example.org")),
      {
        code: "username_taken",
        fields: [{
          path: "username",
          message: "this username has an account already",
        }],
      },
    );
    assert.equal((await users.findByName(second))?.id, id);
  });
}

Deno.test("UserStore.create: an e-mail address is taken without regard to case", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await users.create(account("alice", "alice@example.org"));
  await assert.rejects(users.create(account("bob", "Alice@EXAMPLE.org")), {
    code: "email_taken",
    fields: [{ path: "email", message: "this email has an account already" }],
  });
});

Deno.test("UserStore.create: names both fields where both are taken", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await users.create(account("alice", "alice@example.org"));
  await users.create(account("bob", "bob@example.org"));
  const error = await users.create(account("ALICE", "BOB@example.org"))
    .catch((error) => error);
  assert.equal(error.code, "username_taken");
  assert.deepEqual(
    error.fields.map((field: { path: string }) => field.path),
    ["username", "email"],
  );
});

Deno.test("UserStore.create: a refused account leaves nothing behind", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await users.create(account("alice", "alice@example.org"));
  const before = await allKeys(kv);
  await assert.rejects(users.create(account("alice", "new@example.org")));
  await assert.rejects(users.create(account("new", "alice@example.org")));
  assert.deepEqual(await allKeys(kv), before);
  assert.equal(await users.findByName("new"), null);
});

Deno.test("UserStore.create: of one name registered at once exactly one is stored", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  // The first account is there, so that nothing but the name is contended.
  await users.create(account("somebody"));
  const { stored, codes } = await outcomes([
    users.create(account("alice", "a@example.org")),
    users.create(account("Alice", "b@example.org")),
    users.create(account("ALICE", "c@example.org")),
  ]);
  assert.equal(stored.length, 1);
  assert.deepEqual(codes, ["username_taken", "username_taken"]);
  assert.deepEqual(await users.findByName("alice"), stored[0]);
});

Deno.test("UserStore.create: of one e-mail address registered at once exactly one is stored", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await users.create(account("somebody"));
  const { stored, codes } = await outcomes([
    users.create(account("alice", "shared@example.org")),
    users.create(account("bob", "Shared@example.org")),
  ]);
  assert.equal(stored.length, 1);
  assert.deepEqual(codes, ["email_taken"]);
});

Deno.test("UserStore.create: with onlyFirst nobody but the first is stored, also at once", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  const { stored, codes } = await outcomes(
    ["alice", "bob", "carol"].map((name) =>
      users.create(account(name), { onlyFirst: true })
    ),
  );
  assert.deepEqual(stored.map((user) => user.role), ["administrator"]);
  assert.deepEqual(codes, ["registration_closed", "registration_closed"]);
});

// U+FDFA is one letter that NFKC writes as eighteen: 64 of them make a key beyond KV's 2,048 bytes.
const SWELLING = "\ufdfa";

Deno.test("UserStore.create: refuses a name that is too long to compare", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await assert.rejects(
    users.create(account(SWELLING.repeat(64), "long@example.org")),
    {
      code: "fields_invalid",
      fields: [{ path: "username", message: "username is too long" }],
    },
  );
  assert.deepEqual(await allKeys(kv), []);
});

Deno.test("UserStore.findByName: knows nobody by a name that is too long to compare", async () => {
  await using kv = await testKv();
  assert.equal(await new UserStore(kv).findByName(SWELLING.repeat(254)), null);
});

Deno.test("UserStore.findByName, findById: null for nobody", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  await users.create(account("alice"));
  assert.equal(await users.findByName("alic"), null);
  assert.equal(await users.findByName(""), null);
  assert.equal(await users.findById("alice"), null);
});

Deno.test("UserStore.hasAny: true once somebody has registered", async () => {
  await using kv = await testKv();
  const users = new UserStore(kv);
  assert.equal(await users.hasAny(), false);
  await users.create(account("alice"));
  assert.equal(await users.hasAny(), true);
});

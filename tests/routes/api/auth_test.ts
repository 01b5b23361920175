import assert from "node:assert/strict";
import { testApp } from "@/tests/support/app.ts";

const ALICE = {
  username: "Alice",
  email: "alice@example.org",
  password: "secret-1",
  confirmPassword: "secret-1",
};

Deno.test("POST /api/auth/register: makes the administrator first, then users", async () => {
  await using app = await testApp();
  const first = await app.send("POST", "/api/auth/register", ALICE);
  assert.equal(first.status, 201);
  const { token, user } = await first.json();
  assert.equal(typeof token, "string");
  assert.deepEqual(Object.keys(user).sort(), [
    "email",
    "id",
    "role",
    "username",
  ]);
  assert.equal(user.role, "administrator");
  const second = await app.send("POST", "/api/auth/register", {
    ...ALICE,
    username: "bob",
    email: "bob@example.org",
  });
  assert.equal((await second.json()).user.role, "user");
});

Deno.test("POST /api/auth/register: names every bad field and stores nothing", async () => {
  await using app = await testApp();
  const response = await app.send("POST", "/api/auth/register", {
    email: "nobody",
    password: "12345",
    confirmPassword: "123456",
  });
  assert.equal(response.status, 400);
  assert.equal(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  const problem = await response.json();
  assert.equal(problem.code, "fields_invalid");
  assert.deepEqual(
    problem.errors.map(({ path }: { path: string }) => path),
    ["username", "email", "password", "confirmPassword"],
  );
  assert.equal(await keyCount(app.kv), 0);
});

Deno.test("POST /api/auth/register: takes 72 bytes of password and refuses 73", async () => {
  await using app = await testApp();
  const password = "ä".repeat(36);
  const accepted = await app.send("POST", "/api/auth/register", {
    ...ALICE,
    password,
    confirmPassword: password,
  });
  assert.equal(accepted.status, 201);
  await accepted.body?.cancel();
  const tooLong = `${password}x`;
  const refused = await app.send("POST", "/api/auth/register", {
    ...ALICE,
    password: tooLong,
    confirmPassword: tooLong,
  });
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).errors[0].path, "password");
});

Deno.test("POST /api/auth/register: two at once with one name in other case make one account", async () => {
  await using app = await testApp();
  const answers = await Promise.all(
    ["ALICE", "alice"].map((username, i) =>
      app.send("POST", "/api/auth/register", {
        ...ALICE,
        username,
        email: `alice${i}@example.org`,
      })
    ),
  );
  const statuses = answers.map((answer) => answer.status).sort();
  assert.deepEqual(statuses, [201, 409]);
  const refused = answers.find((answer) => answer.status === 409);
  const problem = await refused?.json();
  assert.equal(problem.code, "username_taken");
  assert.equal(problem.errors[0].path, "username");
});

Deno.test("POST /api/auth/register: refuses an e-mail address in use, in any case", async () => {
  await using app = await testApp();
  await app.account("alice");
  const response = await app.send("POST", "/api/auth/register", {
    ...ALICE,
    username: "other",
    email: "ALICE@example.ORG",
  });
  assert.equal(response.status, 409);
  assert.equal((await response.json()).code, "email_taken");
});

Deno.test("POST /api/auth/register: is refused when closed, but for the first account", async () => {
  await using app = await testApp({ registration: "closed" });
  const first = await app.send("POST", "/api/auth/register", ALICE);
  assert.equal(first.status, 201);
  await first.body?.cancel();
  const second = await app.send("POST", "/api/auth/register", {
    ...ALICE,
    username: "bob",
    email: "bob@example.org",
  });
  assert.equal(second.status, 403);
  assert.equal((await second.json()).code, "registration_closed");
});

Deno.test("POST /api/auth/login: answers a session token without regard to the name's case", async () => {
  await using app = await testApp();
  await app.send("POST", "/api/auth/register", ALICE);
  const response = await app.send("POST", "/api/auth/login", {
    username: "aLICE",
    password: "secret-1",
  });
  assert.equal(response.status, 200);
  const { token, user } = await response.json();
  assert.equal(user.username, "Alice");
  assert.equal((await app.tokens.verify(token))?.scope, "session");
  const list = await app.send("GET", "/api/dashboard/users", undefined, token);
  assert.equal(list.status, 200);
});

Deno.test("POST /api/auth/login: a wrong password and an unknown user are the same 401", async () => {
  await using app = await testApp();
  await app.send("POST", "/api/auth/register", ALICE);
  const attempts = [
    { username: "Alice", password: "secret-2" },
    { username: "Mallory", password: "secret-1" },
  ];
  const answers = [];
  for (const attempt of attempts) {
    const response = await app.send("POST", "/api/auth/login", attempt);
    assert.equal(response.status, 401);
    answers.push(await response.text());
  }
  assert.equal(answers[0], answers[1]);
  assert.match(answers[0] ?? "", /credentials_wrong/);
});

Deno.test("POST /api/auth/agent-token: trades a session for a token that may only report", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const response = await app.send(
    "POST",
    "/api/auth/agent-token",
    undefined,
    alice.session,
  );
  assert.equal(response.status, 200);
  const { token, expiresAt } = await response.json();
  assert.ok(Date.parse(expiresAt) > app.clock.nowMs);
  const claims = await app.tokens.verify(token);
  assert.equal(claims?.scope, "agent");
  assert.deepEqual(
    Object.keys(claims ?? {}).sort(),
    ["email", "exp", "iat", "id", "scope", "username"],
  );
  const again = await app.send(
    "POST",
    "/api/auth/agent-token",
    undefined,
    token,
  );
  assert.equal(again.status, 403);
});

async function keyCount(kv: Deno.Kv): Promise<number> {
  return (await Array.fromAsync(kv.list({ prefix: [] }))).length;
}

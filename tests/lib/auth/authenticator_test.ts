import assert from "node:assert/strict";
import { Authenticator } from "@/lib/auth/authenticator.ts";
import { type TokenClaims, Tokens } from "@/lib/auth/tokens.ts";
import type { User } from "@/lib/domain/user.ts";
import { Clock, START } from "@/tests/support/app.ts";

const SECRET = "a secret of the tests, long enough for HS256";

const ALICE: User = {
  id: "id-1",
  username: "alice",
  email: "alice@example.org",
  passwordHash: "hash",
  role: "user",
  createdAt: START,
};

/** Tokens that counts its verifications and takes any text that starts with "token". */
class CountingTokens extends Tokens {
  verifications = 0;
  exp = START / 1000 + 3_600;

  override verify(token: string): Promise<TokenClaims | null> {
    this.verifications++;
    if (!token.startsWith("token")) return Promise.resolve(null);
    const { id, username, email } = ALICE;
    const claims = { id, username, email, scope: "agent" as const, iat: 0 };
    return Promise.resolve({ ...claims, exp: this.exp });
  }
}

function fixture() {
  const clock = new Clock();
  const tokens = new CountingTokens(SECRET, clock.now);
  const users = new Map([[ALICE.id, ALICE]]);
  const authenticator = new Authenticator(
    tokens,
    (id) => Promise.resolve(users.get(id) ?? null),
    clock.now,
  );
  return { clock, tokens, users, authenticator };
}

Deno.test("Authenticator.authenticate: tells the user, the scope and the end of a token", async () => {
  const clock = new Clock();
  const tokens = new Tokens(SECRET, clock.now);
  const authenticator = new Authenticator(
    tokens,
    (id) => Promise.resolve(id === ALICE.id ? ALICE : null),
    clock.now,
  );
  const { token, expiresAt } = await tokens.issue(ALICE, "session");
  const principal = {
    user: {
      id: "id-1",
      username: "alice",
      email: "alice@example.org",
      role: "user",
    },
    scope: "session",
    expiresAt,
  };
  assert.deepEqual(await authenticator.authenticate(token), principal);
  assert.deepEqual(authenticator.kept(token), principal);
  assert.equal(await authenticator.authenticate(`${token}x`), null);
});

Deno.test("Authenticator.authenticate: refuses the token of an account that is gone", async () => {
  const { authenticator, users } = fixture();
  users.clear();
  assert.equal(await authenticator.authenticate("token"), null);
  assert.equal(authenticator.kept("token"), null);
});

Deno.test("Authenticator.authenticate: keeps nothing of a token that is refused", async () => {
  const { authenticator, tokens } = fixture();
  assert.equal(await authenticator.authenticate("bad"), null);
  assert.equal(authenticator.kept("bad"), null);
  assert.equal(await authenticator.authenticate("bad"), null);
  assert.equal(tokens.verifications, 2);
});

Deno.test("Authenticator.authenticate: trusts a verification for a minute, to the millisecond", async () => {
  const { authenticator, clock, tokens } = fixture();
  assert.equal(authenticator.kept("token"), null);
  await authenticator.authenticate("token");
  clock.nowMs = START + 59_999;
  assert.ok(await authenticator.authenticate("token"));
  assert.ok(authenticator.kept("token"));
  assert.equal(tokens.verifications, 1);
  clock.nowMs = START + 60_000;
  assert.equal(authenticator.kept("token"), null);
  assert.ok(await authenticator.authenticate("token"));
  assert.equal(tokens.verifications, 2);
  clock.nowMs = START + 119_999;
  assert.ok(authenticator.kept("token"), "and again for a minute");
});

Deno.test("Authenticator.authenticate: a change of the account arrives within a minute", async () => {
  const { authenticator, clock, users } = fixture();
  await authenticator.authenticate("token");
  users.set(ALICE.id, { ...ALICE, role: "administrator" });
  const role = async () =>
    (await authenticator.authenticate("token"))?.user.role;
  assert.equal(await role(), "user");
  clock.advance(60);
  assert.equal(await role(), "administrator");
  users.clear();
  clock.advance(60);
  assert.equal(await authenticator.authenticate("token"), null);
});

Deno.test("Authenticator.kept: never past the token's own end", async () => {
  const { authenticator, clock, tokens } = fixture();
  tokens.exp = START / 1000 + 10;
  await authenticator.authenticate("token");
  clock.nowMs = START + 9_999;
  assert.ok(authenticator.kept("token"));
  clock.nowMs = START + 10_000;
  assert.equal(authenticator.kept("token"), null);
});

Deno.test("Authenticator: keeps 60,000 tokens, the oldest verification goes first", async () => {
  const { authenticator, clock } = fixture();
  const MAX_KEPT = 60_000;
  for (let i = 0; i < MAX_KEPT; i++) {
    await authenticator.authenticate(`token ${i}`);
  }
  assert.ok(authenticator.kept("token 0"));
  // Verified anew, the first is the newest.
  clock.advance(60);
  await authenticator.authenticate("token 0");
  clock.advance(-1);
  assert.ok(authenticator.kept("token 1"));
  await authenticator.authenticate("token new");
  assert.equal(authenticator.kept("token 1"), null);
  for (const kept of ["token 0", "token 2", "token 59999", "token new"]) {
    assert.ok(authenticator.kept(kept), kept);
  }
});

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { sign } from "hono/jwt";
import { Tokens } from "@/lib/auth/tokens.ts";
import { Clock, START } from "@/tests/support/app.ts";

const SECRET = "a secret of the tests, long enough for HS256";
const DAY_SECONDS = 86_400;
const ALICE = { id: "id-1", username: "alice", email: "alice@example.org" };
const NOW_SECONDS = START / 1000;

/** Claims that are valid at START. */
const CLAIMS = {
  ...ALICE,
  scope: "session",
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 3_600,
};

function fixture() {
  const clock = new Clock();
  return { clock, tokens: new Tokens(SECRET, clock.now) };
}

/** Signs any payload with our key. */
function signed(payload: Record<string, unknown>): Promise<string> {
  return sign(payload, SECRET, "HS256");
}

const base64url = (text: string) =>
  new TextEncoder().encode(text)
    .toBase64({ alphabet: "base64url", omitPadding: true });

for (
  const [scope, days] of [["session", 7], ["agent", 365]] as const
) {
  Deno.test(`Tokens.issue: a token of scope ${scope} says who it is for, for ${days} days`, async () => {
    const { tokens } = fixture();
    const { token, expiresAt } = await tokens.issue(ALICE, scope);
    const [header = "", payload = "", signature] = token.split(".");
    assert.deepEqual(JSON.parse(atob(header)), { alg: "HS256", typ: "JWT" });
    const exp = NOW_SECONDS + days * DAY_SECONDS;
    assert.deepEqual(JSON.parse(atob(payload)), {
      ...ALICE,
      iat: NOW_SECONDS,
      exp,
      scope,
    });
    assert.equal(expiresAt, exp * 1000);
    // As RFC 7515 has it, by another implementation.
    const hmac = createHmac("sha256", SECRET).update(`${header}.${payload}`);
    assert.equal(signature, hmac.digest("base64url"));
  });
}

Deno.test("Tokens.issue: takes nothing of a user but what a token holds", async () => {
  const { tokens } = fixture();
  const user = { ...ALICE, passwordHash: "hash", role: "administrator" };
  const { token } = await tokens.issue(user, "agent");
  assert.ok(!atob(token.split(".")[1] ?? "").includes("hash"));
});

Deno.test("Tokens.verify: takes what was issued, also for the longest names", async () => {
  const { tokens } = fixture();
  const users = [ALICE, {
    id: crypto.randomUUID(),
    username: "計".repeat(64),
    email: `${"m".repeat(242)}@example.org`,
  }];
  for (const user of users) {
    const { token } = await tokens.issue(user, "agent");
    const { id, username, email, scope } = await tokens.verify(token) ?? {};
    assert.deepEqual({ id, username, email }, user);
    assert.equal(scope, "agent");
  }
});

Deno.test("Tokens.verify: a token ends with its last second", async () => {
  const { clock, tokens } = fixture();
  const { token, expiresAt } = await tokens.issue(ALICE, "session");
  clock.nowMs = expiresAt - 1;
  assert.equal((await tokens.verify(token))?.id, "id-1");
  clock.nowMs = expiresAt;
  assert.equal(await tokens.verify(token), null);
});

for (const claim of ["iat", "nbf"]) {
  Deno.test(`Tokens.verify: ${claim} may be a minute ahead, not more`, async () => {
    const { clock, tokens } = fixture();
    const token = await signed({ ...CLAIMS, [claim]: NOW_SECONDS + 100 });
    clock.nowMs = START + 40_000;
    assert.notEqual(await tokens.verify(token), null);
    clock.nowMs = START + 39_999;
    assert.equal(await tokens.verify(token), null);
  });
}

const REFUSED: Record<string, () => string | Promise<string>> = {
  "an empty text": () => "",
  "no token": () => "hello",
  "two parts": async () => (await signed(CLAIMS)).split(".", 2).join("."),
  "four parts": async () => `${await signed(CLAIMS)}.`,
  "parts that are no base64": () => "%.%.%",
  "another key": () => sign(CLAIMS, `${SECRET}!`, "HS256"),
  "another algorithm": () => sign(CLAIMS, SECRET, "HS512"),
  "no signature": async () =>
    `${(await signed(CLAIMS)).split(".", 2).join(".")}.`,
  "algorithm none": () =>
    `${base64url('{"alg":"none","typ":"JWT"}')}.${
      base64url(JSON.stringify(CLAIMS))
    }.`,
  "algorithm none with a signature": () => {
    const head = `${base64url('{"alg":"none","typ":"JWT"}')}.${
      base64url(JSON.stringify(CLAIMS))
    }`;
    return `${head}.${
      createHmac("sha256", SECRET).update(head).digest("base64url")
    }`;
  },
  "an altered payload": async () => {
    const [header, , signature] = (await signed(CLAIMS)).split(".");
    const other = base64url(JSON.stringify({ ...CLAIMS, id: "id-2" }));
    return `${header}.${other}.${signature}`;
  },
  "an altered signature": async () => {
    const token = await signed(CLAIMS);
    const [header, payload, signature = ""] = token.split(".");
    const first = signature.startsWith("A") ? "B" : "A";
    return `${header}.${payload}.${first}${signature.slice(1)}`;
  },
  "an altered header": async () => {
    const [, payload, signature] = (await signed(CLAIMS)).split(".");
    return `${
      base64url('{"typ":"JWT","alg":"HS256"}')
    }.${payload}.${signature}`;
  },
  "more than 2,048 characters": () =>
    signed({ ...CLAIMS, padding: "x".repeat(2_048) }),
  "no id": () => signed({ ...CLAIMS, id: undefined }),
  "an id that is a number": () => signed({ ...CLAIMS, id: 7 }),
  "no scope": () => signed({ ...CLAIMS, scope: undefined }),
  "a scope of no meaning": () => signed({ ...CLAIMS, scope: "root" }),
  "no end": () => signed({ ...CLAIMS, exp: undefined }),
  "an end that is a text": () => signed({ ...CLAIMS, exp: "2030-01-01" }),
  "no beginning": () => signed({ ...CLAIMS, iat: undefined }),
  "a nbf that is a text": () => signed({ ...CLAIMS, nbf: "now" }),
};

Deno.test("Tokens.verify: takes the claims that the refused tokens are made of", async () => {
  const { tokens } = fixture();
  assert.deepEqual(await tokens.verify(await signed(CLAIMS)), CLAIMS);
});

for (const [what, make] of Object.entries(REFUSED)) {
  Deno.test(`Tokens.verify: refuses ${what}`, async () => {
    const { tokens } = fixture();
    assert.equal(await tokens.verify(await make()), null);
  });
}

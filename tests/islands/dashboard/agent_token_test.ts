import assert from "node:assert/strict";
import {
  createAgentTokenKeeper,
  isUsableToken,
  TOKEN_KEY,
} from "@/islands/dashboard/agent_token.ts";
import { NOW_MS } from "@/tests/components/views.ts";

const NOW_SECONDS = NOW_MS / 1000;
const CLAIMS = { id: "u1", scope: "agent", exp: NOW_SECONDS + 3600 };

function jwt(claims: unknown): string {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return `head.${payload.toBase64({ alphabet: "base64url" })}.mac`;
}

/** A keeper over a storage that the test looks into; `fetched` counts the tokens made. */
function keeperUnderTest(stored: string | null) {
  const storage = new Map<string, string>();
  if (stored !== null) storage.set(TOKEN_KEY, stored);
  const state = { fetched: 0, fail: false };
  const keeper = createAgentTokenKeeper({
    userId: "u1",
    nowMs: () => NOW_MS,
    storage: {
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => void storage.set(key, value),
      removeItem: (key) => void storage.delete(key),
    },
    fetchToken: () => {
      state.fetched++;
      if (state.fail) return Promise.reject(new Error("down"));
      return Promise.resolve({ token: jwt(CLAIMS) });
    },
  });
  return { keeper, storage, state };
}

Deno.test("isUsableToken: takes an agent's token of this user that has not expired", () => {
  const usable = (claims: unknown) => isUsableToken(jwt(claims), "u1", NOW_MS);
  assert.equal(usable(CLAIMS), true);
  assert.equal(usable({ ...CLAIMS, username: "Zoë ✓" }), true);
  assert.equal(usable({ ...CLAIMS, id: "u2" }), false);
  assert.equal(usable({ ...CLAIMS, scope: "session" }), false);
  assert.equal(usable({ ...CLAIMS, exp: NOW_SECONDS - 1 }), false);
  assert.equal(usable({ ...CLAIMS, exp: undefined }), false);
  assert.equal(usable(null), false);
});

Deno.test("isUsableToken: takes no other text", () => {
  for (const text of [null, "", "undefined", "a.b.c", "a.!!!.c", "..."]) {
    assert.equal(isUsableToken(text, "u1", NOW_MS), false, String(text));
  }
});

Deno.test("ensure: leaves a usable token and replaces any other", async () => {
  const good = keeperUnderTest(jwt(CLAIMS));
  await good.keeper.ensure();
  assert.equal(good.state.fetched, 0);
  for (const bad of [null, jwt({ ...CLAIMS, id: "u2" })]) {
    const { keeper, storage, state } = keeperUnderTest(bad);
    await keeper.ensure();
    assert.equal(state.fetched, 1);
    assert.equal(storage.get(TOKEN_KEY), jwt(CLAIMS));
  }
});

Deno.test("ensure: asks once at a time, and again after a failure", async () => {
  const { keeper, storage, state } = keeperUnderTest(null);
  state.fail = true;
  await Promise.all([keeper.ensure(), keeper.ensure()]);
  assert.equal(state.fetched, 1);
  assert.equal(storage.has(TOKEN_KEY), false);
  state.fail = false;
  await keeper.ensure();
  assert.equal(storage.has(TOKEN_KEY), true);
});

Deno.test("clear: forgets the token and one that is still on its way", async () => {
  const { keeper, storage } = keeperUnderTest(null);
  const onItsWay = keeper.renew();
  keeper.clear();
  await onItsWay;
  await keeper.ensure();
  assert.equal(storage.has(TOKEN_KEY), false);
});

Deno.test("renew: gives the token also where the browser stores nothing", async () => {
  const refuse = () => {
    throw new DOMException("denied", "SecurityError");
  };
  const keeper = createAgentTokenKeeper({
    userId: "u1",
    nowMs: () => NOW_MS,
    storage: { getItem: refuse, setItem: refuse, removeItem: refuse },
    fetchToken: () => Promise.resolve({ token: "t" }),
  });
  assert.equal(await keeper.renew(), "t");
  await keeper.ensure();
  keeper.clear();
});

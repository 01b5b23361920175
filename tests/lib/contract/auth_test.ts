import assert from "node:assert/strict";
import { loginRequest, registerRequest } from "@/lib/contract/auth.ts";
import { refusals, refusedPaths } from "./refusals.ts";

function registration(fields: Record<string, unknown> = {}) {
  return {
    username: "alice",
    email: "alice@example.org",
    password: "correct horse",
    confirmPassword: "correct horse",
    ...fields,
  };
}

/** A registration whose two passwords are this one. */
function withPassword(password: unknown) {
  return registration({ password, confirmPassword: password });
}

Deno.test("registerRequest: takes a registration, names trimmed and the password as typed", () => {
  const parsed = registerRequest.parse({
    ...withPassword("  pass word  "),
    username: " Alice ",
    email: " alice@example.org ",
  });
  assert.deepEqual(parsed, {
    username: "Alice",
    email: "alice@example.org",
    password: "  pass word  ",
    confirmPassword: "  pass word  ",
  });
});

Deno.test("registerRequest: names every missing field", () => {
  assert.deepEqual(refusals(registerRequest, {}), [
    "username: username must be a string",
    "email: email must be a string",
    "password: password must be a string",
    "confirmPassword: confirmPassword must be a string",
  ]);
});

Deno.test("registerRequest: names every empty field", () => {
  assert.deepEqual(
    refusals(registerRequest, {
      username: " ",
      email: "",
      password: "",
      confirmPassword: "",
    }),
    [
      "username: username must not be empty",
      "email: email must not be empty",
      "password: password must have at least 6 characters",
      "confirmPassword: confirmPassword must not be empty",
    ],
  );
});

Deno.test("registerRequest: refuses passwords that differ", () => {
  assert.deepEqual(
    refusals(registerRequest, registration({ confirmPassword: "other" })),
    ["confirmPassword: confirmPassword must equal password"],
  );
});

Deno.test("registerRequest: asks for the confirmation before it compares", () => {
  assert.deepEqual(
    refusals(registerRequest, registration({ confirmPassword: "" })),
    ["confirmPassword: confirmPassword must not be empty"],
  );
});

Deno.test("registerRequest: says that passwords differ beside other bad fields", () => {
  assert.deepEqual(
    refusals(registerRequest, {
      username: "_",
      email: "nobody",
      password: "short",
      confirmPassword: "other",
    }),
    [
      "username: username may hold letters, digits, spaces and . _ @ + - and starts with a letter or digit",
      "email: email must be an e-mail address",
      "password: password must have at least 6 characters",
      "confirmPassword: confirmPassword must equal password",
    ],
  );
});

Deno.test("registerRequest: counts a password's least length in characters", () => {
  for (const password of ["123456", "éèêëēė", "🔑🔑🔑🔑🔑🔑"]) {
    assert.deepEqual(refusals(registerRequest, withPassword(password)), []);
  }
  for (const password of ["12345", "🔑🔑🔑🔑🔑"]) {
    assert.deepEqual(refusals(registerRequest, withPassword(password)), [
      "password: password must have at least 6 characters",
    ]);
  }
});

Deno.test("registerRequest: counts a password's greatest length in bytes", () => {
  const good = [
    "a".repeat(72),
    "é".repeat(36),
    "電".repeat(24),
    "🔑".repeat(18),
  ];
  for (const password of good) {
    assert.deepEqual(refusals(registerRequest, withPassword(password)), []);
    assert.deepEqual(refusals(registerRequest, withPassword(`${password}a`)), [
      "password: password must have at most 72 bytes",
    ]);
  }
});

Deno.test("registerRequest: takes user names of any script", () => {
  for (
    const username of ["a", "Zoë", "счётчик.1", "電力", "a b_c@d+e-f", "7"]
  ) {
    assert.deepEqual(
      refusals(registerRequest, registration({ username })),
      [],
      username,
    );
  }
});

Deno.test("registerRequest: refuses user names that mislead or break markup", () => {
  const bad = [
    "_alice",
    "-alice",
    "<alice>",
    "alice/bob",
    "alice\u202e",
    "ali\u200bce",
    "alice\ud800",
    "x".repeat(65),
    7,
  ];
  for (const username of bad) {
    assert.deepEqual(
      refusedPaths(registerRequest, registration({ username })),
      ["username"],
      String(username),
    );
  }
});

Deno.test("registerRequest: refuses what is no e-mail address", () => {
  const bad = [
    "alice",
    "alice@",
    "@example.org",
    "alice@example",
    "a b@example.org",
    "alice@example.org\nbcc: bob@example.org",
    `${"a".repeat(250)}@example.org`,
  ];
  for (const email of bad) {
    assert.deepEqual(
      refusedPaths(registerRequest, registration({ email })),
      ["email"],
      email,
    );
  }
});

Deno.test("registerRequest: refuses bodies that are no object", () => {
  for (const body of [null, [], "alice", 1]) {
    assert.deepEqual(refusedPaths(registerRequest, body), [""]);
  }
});

Deno.test("loginRequest: takes any non-empty pair, since only the store can judge it", () => {
  const request = { username: "_x", password: "1" };
  assert.deepEqual(loginRequest.parse(request), request);
});

Deno.test("loginRequest: names missing, empty and endless fields", () => {
  assert.deepEqual(refusals(loginRequest, {}), [
    "username: username must be a string",
    "password: password must be a string",
  ]);
  assert.deepEqual(refusals(loginRequest, { username: "", password: "" }), [
    "username: username must not be empty",
    "password: password must not be empty",
  ]);
  const endless = { username: "x".repeat(255), password: "x".repeat(4097) };
  assert.deepEqual(refusals(loginRequest, endless), [
    "username: username must have at most 254 characters",
    "password: password must have at most 4096 characters",
  ]);
});

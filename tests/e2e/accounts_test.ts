import assert from "node:assert/strict";
import {
  call,
  registerAccount,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

const LOGINS = 20;

Deno.test("POST /api/auth/login: 20 at once do not stall other requests", async () => {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  await registerAccount(server.url, "alice");
  let loggedIn = 0;
  let answeredMeanwhile = 0;
  const logins = Array.from({ length: LOGINS }, async () => {
    const { status } = await call(`${server.url}/api/auth/login`, "POST", {
      username: "alice",
      password: "a password of the tests",
    });
    assert.equal(status, 200);
    loggedIn++;
  });
  while (loggedIn < LOGINS) {
    assert.equal((await call(`${server.url}/healthz`, "GET")).status, 200);
    answeredMeanwhile++;
  }
  await Promise.all(logins);
  // Behind the hashes, one request would be answered for each of them.
  assert.ok(
    answeredMeanwhile > 2 * LOGINS,
    `${answeredMeanwhile} answers during ${LOGINS} logins`,
  );
});

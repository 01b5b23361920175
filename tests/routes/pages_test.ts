import assert from "node:assert/strict";
import { connection, report, testApp } from "@/tests/support/app.ts";
import { ownPath } from "@/routes/login.tsx";

function form(fields: Record<string, string>, cookie?: string): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: {
      accept: "text/html",
      ...(cookie === undefined ? {} : { cookie }),
    },
  };
}

const ALICE = {
  username: "alice",
  email: "alice@example.org",
  password: "secret-1",
  confirmPassword: "secret-1",
};

Deno.test("/: leads to the login, and with a session to the dashboard", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const stranger = await app.request("/");
  assert.equal(stranger.status, 302);
  assert.equal(stranger.headers.get("location"), "/login");
  const known = await app.request("/", {
    headers: { cookie: `session=${alice.session}` },
  });
  assert.equal(known.headers.get("location"), "/dashboard");
});

Deno.test("/register and /login: work as plain forms with an HttpOnly, SameSite cookie", async () => {
  await using app = await testApp();
  const registered = await app.request("/register", form(ALICE));
  assert.equal(registered.status, 303);
  assert.equal(registered.headers.get("location"), "/dashboard");
  const loggedIn = await app.request(
    "/login",
    form({ ...ALICE, next: "/dashboard?q=a" }),
  );
  assert.equal(loggedIn.status, 303);
  assert.equal(loggedIn.headers.get("location"), "/dashboard?q=a");
  const cookie = loggedIn.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^session=[^;]+;/);
  for (const attribute of ["HttpOnly", "SameSite=Lax", "Path=/"]) {
    assert.ok(cookie.includes(attribute), attribute);
  }
  assert.doesNotMatch(cookie, /Secure/);
  const page = await app.request("/dashboard", {
    headers: { cookie: cookie.split(";")[0] ?? "" },
  });
  assert.equal(page.status, 200);
});

Deno.test("/login: under https its cookie is Secure", async () => {
  await using app = await testApp({
    config: { publicUrl: "https://meters.example" },
  });
  const registered = await app.request("/register", form(ALICE));
  assert.match(registered.headers.get("set-cookie") ?? "", /Secure/);
});

Deno.test("/login: a wrong password keeps the name and says so, without the password", async () => {
  await using app = await testApp();
  await app.request("/register", form(ALICE));
  const response = await app.request(
    "/login",
    form({ username: "alice", password: "wrong-one", next: "/dashboard?q=a" }),
  );
  assert.equal(response.status, 401);
  const page = await response.text();
  assert.match(page, /role="alert"/);
  assert.match(page, /the user name or the password is wrong/);
  assert.match(page, /value="alice"/);
  assert.match(page, /value="\/dashboard\?q=a"/);
  assert.doesNotMatch(page, /wrong-one/);
});

Deno.test("/register: names each field at fault and keeps what was typed", async () => {
  await using app = await testApp();
  const response = await app.request(
    "/register",
    form({
      username: '"><script>alert(1)</script>',
      email: "al ice",
      password: "12345",
      confirmPassword: "123456",
    }),
  );
  assert.equal(response.status, 400);
  const page = await response.text();
  for (const name of ["username", "email", "password", "confirmPassword"]) {
    const inQuotes = `(?:[^>"]|"[^"]*")*`;
    const input = new RegExp(`<input${inQuotes} name="${name}"${inQuotes}>`)
      .exec(page)?.[0];
    assert.match(input ?? "", /aria-invalid(="true")?/, name);
    assert.match(input ?? "", /aria-describedby="/, name);
  }
  assert.match(page, /value="al ice"/);
  assert.doesNotMatch(page, /<script>alert/);
  assert.doesNotMatch(page, /value="12345/);
});

Deno.test("/register: says 409 where the name is taken", async () => {
  await using app = await testApp();
  await app.account("alice");
  const response = await app.request(
    "/register",
    form({ ...ALICE, email: "other@example.org" }),
  );
  assert.equal(response.status, 409);
  assert.match(await response.text(), /this username has an account already/);
});

Deno.test("/login and /register: lead on where somebody is logged in already", async () => {
  await using app = await testApp();
  const { session } = await app.account("alice");
  for (const path of ["/login", "/register"]) {
    const response = await app.request(path, {
      headers: { cookie: `session=${session}` },
    });
    assert.equal(response.headers.get("location"), "/dashboard", path);
  }
});

Deno.test("/dashboard: without a session leads to the login and back", async () => {
  await using app = await testApp();
  const { agent } = await app.account("alice");
  for (const cookie of ["", "session=nonsense", `session=${agent}`]) {
    const response = await app.request("/dashboard?status=online&device=1", {
      headers: { cookie },
    });
    assert.equal(response.status, 302);
    assert.equal(
      response.headers.get("location"),
      "/login?next=%2Fdashboard%3Fstatus%3Donline%26device%3D1",
    );
  }
});

Deno.test("/dashboard: shows devices and details without any script", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice, "</script><img src=x onerror=a()>");
  await app.send(
    "POST",
    "/api/monitor/reports",
    report(deviceId, 1, [connection({ processName: "<b>evil</b>" })]),
    alice.agent,
  );
  const response = await app.request(`/dashboard?device=${deviceId}`, {
    headers: { cookie: `session=${alice.session}` },
  });
  assert.equal(response.status, 200);
  const page = await response.text();
  assert.doesNotMatch(page, /<img src=x/);
  assert.doesNotMatch(page, /<b>evil/);
  assert.match(page, /&lt;b>evil|&lt;b&gt;evil/);
  assert.match(page, /10\.20\.0\.7/);
  assert.match(page, /DLMS\/COSEM/);
  assert.doesNotMatch(page, /\sstyle="/);
  assert.doesNotMatch(page, /<script(?![^>]*(src=|application\/json))/);
});

Deno.test("/dashboard: an address that asks for nonsense shows the first page", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  await app.device(alice, "meter-1");
  for (const query of ["sort=nonsense&limit=x", "cursor=AAAA", "device=no"]) {
    const response = await app.request(`/dashboard?${query}`, {
      headers: { cookie: `session=${alice.session}` },
    });
    assert.equal(response.status, 200, query);
    assert.match(await response.text(), /meter-1/);
  }
});

Deno.test("/logout: ends the session's cookie and leads to the login", async () => {
  await using app = await testApp();
  const response = await app.request("/logout", { method: "POST" });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/login");
  assert.match(
    response.headers.get("set-cookie") ?? "",
    /^session=;.*Max-Age=0/,
  );
});

Deno.test("ownPath: lets no one be led to another site", () => {
  const foreign = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "",
    undefined,
  ];
  for (const next of foreign) {
    assert.equal(ownPath(next), "/dashboard", JSON.stringify(next));
  }
  assert.equal(ownPath("/dashboard?device=1#x"), "/dashboard?device=1");
});

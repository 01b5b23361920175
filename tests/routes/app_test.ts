import assert from "node:assert/strict";
import { connection, report, testApp } from "@/tests/support/app.ts";

const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; " +
  "connect-src 'self'; img-src 'self' data:; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

async function problemOf(response: Response) {
  assert.equal(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  const problem = await response.json();
  assert.equal(problem.status, response.status);
  assert.equal(problem.type, "about:blank");
  for (const field of ["title", "detail", "code"]) {
    assert.equal(typeof problem[field], "string", field);
  }
  return problem;
}

Deno.test("createApp: a body over 1 MiB is 413, with and without its length", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const text = JSON.stringify(report(deviceId, 1, [connection()]))
    .padEnd(1_048_577);
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${alice.agent}`,
  };
  const bodies: RequestInit[] = [
    { body: text, headers: { ...headers, "content-length": "1048577" } },
    { body: new Blob([text]).stream(), headers },
  ];
  for (const init of bodies) {
    const response = await app.request("/api/monitor/reports", {
      method: "POST",
      ...init,
    });
    assert.equal(response.status, 413);
    assert.equal((await problemOf(response)).code, "body_too_large");
  }
  const presence = await app.kv.get(["presence", deviceId]);
  assert.equal(presence.value, null);
});

Deno.test("createApp: a body of 1 MiB is read", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const deviceId = await app.device(alice);
  const body = JSON.stringify(report(deviceId, 1, [connection()]))
    .padEnd(1_048_576);
  const response = await app.request("/api/monitor/reports", {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${alice.agent}`,
    },
  });
  assert.equal(response.status, 200);
});

Deno.test("createApp: bad JSON is 400, a wrong content type 415", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const post = (contentType: string | null, body: string) =>
    app.request("/api/monitor/register", {
      method: "POST",
      body: new TextEncoder().encode(body),
      headers: {
        authorization: `Bearer ${alice.agent}`,
        ...(contentType ? { "content-type": contentType } : {}),
      },
    });
  const cases: [string | null, string, number, string][] = [
    ["application/json", '{"deviceName":', 400, "bad_json"],
    ["application/json", "", 400, "bad_json"],
    ["application/json", "[]", 400, "fields_invalid"],
    ["application/json", "null", 400, "fields_invalid"],
    ["text/plain", '{"deviceName":"a"}', 415, "media_type_unsupported"],
    [null, '{"deviceName":"a"}', 415, "media_type_unsupported"],
    ["application/jsonp", '{"deviceName":"a"}', 415, "media_type_unsupported"],
  ];
  for (const [contentType, body, status, code] of cases) {
    const response = await post(contentType, body);
    assert.equal(response.status, status, `${contentType} ${body}`);
    assert.equal((await problemOf(response)).code, code);
  }
  const rows = await Array.fromAsync(app.kv.list({ prefix: ["device"] }));
  assert.deepEqual(rows, []);
  const fine = await post(
    "application/json; charset=utf-8",
    '{"deviceName":"a"}',
  );
  assert.equal(fine.status, 200);
});

Deno.test("createApp: a wrong method is 405 and names the right ones, an unknown path 404", async () => {
  await using app = await testApp();
  const wrong = await app.request("/api/monitor/reports");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST");
  assert.equal((await problemOf(wrong)).code, "method_not_allowed");
  const id = await app.request("/api/dashboard/user/abc", { method: "PUT" });
  assert.equal(id.status, 405);
  assert.deepEqual(
    id.headers.get("allow")?.split(", ").sort(),
    ["DELETE", "GET", "HEAD", "PATCH"],
  );
  for (const path of ["/api/nothing", "/nothing", "/api/monitor/reports/1"]) {
    const unknown = await app.request(path, { method: "POST" });
    assert.equal(unknown.status, 404, path);
    assert.equal((await problemOf(unknown)).code, "not_found");
  }
});

Deno.test("createApp: people get an error page, with the same status and headers", async () => {
  await using app = await testApp();
  const response = await app.request("/nothing", {
    headers: { accept: "text/html,application/xhtml+xml" },
  });
  assert.equal(response.status, 404);
  assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
  const page = await response.text();
  assert.match(page, /there is nothing at \/nothing/);
  const hostile = await app.request("/%3Cimg%20src=x%20onerror=alert(1)%3E", {
    headers: { accept: "text/html" },
  });
  assert.doesNotMatch(await hostile.text(), /<img src=x/);
});

Deno.test("createApp: what breaks inside is logged, not sent", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  app.fleet.list = () => {
    throw new Error("the secret inside");
  };
  const response = await app.send(
    "GET",
    "/api/dashboard/users",
    undefined,
    alice.session,
  );
  assert.equal(response.status, 500);
  const problem = await problemOf(response);
  assert.equal(problem.code, "internal");
  assert.doesNotMatch(JSON.stringify(problem), /secret inside/);
  assert.match(String(app.errors[0]), /the secret inside/);
});

Deno.test("createApp: every answer carries the strict headers", async () => {
  await using app = await testApp({ config: { dev: false } });
  for (const path of ["/login", "/register", "/api/nothing", "/healthz"]) {
    const response = await app.request(path);
    await response.body?.cancel();
    const { headers } = response;
    assert.equal(headers.get("content-security-policy"), CSP, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("x-frame-options"), "DENY", path);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("strict-transport-security"), null, path);
  }
});

Deno.test("createApp: under https it asks browsers to stay there", async () => {
  await using app = await testApp({
    config: { publicUrl: "https://meters.example" },
  });
  const response = await app.request("/healthz");
  assert.match(
    response.headers.get("strict-transport-security") ?? "",
    /max-age=\d{7}/,
  );
});

Deno.test("createApp: unsafe requests from another site's page are refused", async () => {
  await using app = await testApp({
    config: { publicUrl: "https://meters.example" },
  });
  const post = (origin: string | null) =>
    app.request("http://localhost/logout", {
      method: "POST",
      headers: origin === null ? { host: "localhost" } : {
        origin,
        host: "localhost",
      },
    });
  for (const origin of ["https://evil.example", "null", "http://localhost:1"]) {
    const refused = await post(origin);
    assert.equal(refused.status, 403, origin);
    assert.equal((await problemOf(refused)).code, "forbidden");
  }
  const own = ["https://meters.example", "http://localhost", null];
  for (const origin of own) {
    assert.equal((await post(origin)).status, 303, String(origin));
  }
});

Deno.test("createApp: /healthz and /readyz answer", async () => {
  await using app = await testApp();
  for (const path of ["/healthz", "/readyz"]) {
    const response = await app.request(path);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: "ok" });
  }
});

Deno.test("createApp: /openapi.json has every route of the contract", async () => {
  await using app = await testApp();
  const response = await app.request("/openapi.json");
  const { openapi, paths, components } = await response.json();
  assert.equal(openapi, "3.1.0");
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method} ${path}`)
  );
  assert.deepEqual(routes.sort(), [
    "delete /api/dashboard/user/{id}",
    "get /api/dashboard/events",
    "get /api/dashboard/user/{id}",
    "get /api/dashboard/users",
    "get /healthz",
    "get /readyz",
    "patch /api/dashboard/user/{id}",
    "post /api/auth/agent-token",
    "post /api/auth/login",
    "post /api/auth/register",
    "post /api/monitor/connections",
    "post /api/monitor/register",
    "post /api/monitor/reports",
  ]);
  const report = paths["/api/monitor/reports"].post;
  assert.deepEqual(
    Object.keys(report.responses).sort(),
    ["200", "400", "401", "403", "404", "413", "415", "429"],
  );
  assert.ok(components.schemas.ReportRequest.properties.connections);
  assert.ok(components.schemas.Problem);
});

import assert from "node:assert/strict";
import {
  type ClientOptions,
  createClient,
  parseRetryAfter,
} from "@/agent/client.ts";
import type { AgentError } from "@/agent/errors.ts";
import type { ReportRequest } from "@/lib/contract/monitor.ts";

const SECRET = "secret.token";
const { signal } = new AbortController();
const REGISTRATION = { deviceName: "meter", os: "linux", intervalSeconds: 10 };
const REPORT: ReportRequest = {
  deviceId: "d1",
  session: "s1",
  sequence: 1,
  scannedAt: "2026-01-31T12:00:00.000Z",
  intervalSeconds: 10,
  connections: [],
};

/** A client of a server that answers every request like this, and the requests it gets. */
function clientOf(
  answer: (request: Request) => Response | Promise<Response>,
  options: Partial<ClientOptions> = {},
) {
  const requests: Request[] = [];
  const client = createClient({
    serverUrl: "https://monitor.example/base",
    token: SECRET,
    timeoutMs: 10_000,
    now: () => Date.parse("2026-01-31T12:00:00Z"),
    fetch: (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      return Promise.resolve(answer(request));
    },
    ...options,
  });
  return { client, requests };
}

function problem(status: number, code: string, extra = {}, headers = {}) {
  const body = {
    type: "about:blank",
    title: "x",
    status,
    detail: "so it is",
    code,
    ...extra,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** The error with which a report fails. */
async function failureOf(
  answer: () => Response | Promise<Response>,
  options?: Partial<ClientOptions>,
): Promise<AgentError> {
  const { client } = clientOf(answer, options);
  return await client.report(REPORT, signal).then(
    () => assert.fail("the report did not fail"),
    (error) => error,
  );
}

Deno.test("register: posts what the contract says and gives the device id", async () => {
  const { client, requests } = clientOf(() =>
    Response.json({ deviceId: "d1", deviceName: "meter", created: true })
  );
  assert.deepEqual(await client.register(REGISTRATION, signal), {
    deviceId: "d1",
  });
  const [request = assert.fail()] = requests;
  assert.equal(
    request.url,
    "https://monitor.example/base/api/monitor/register",
  );
  assert.equal(request.method, "POST");
  assert.equal(request.headers.get("authorization"), `Bearer ${SECRET}`);
  assert.equal(request.headers.get("content-type"), "application/json");
  assert.equal(request.redirect, "manual");
  assert.deepEqual(await request.json(), REGISTRATION);
});

Deno.test("report: posts the report as it is", async () => {
  const { client, requests } = clientOf(() =>
    Response.json({ accepted: 0, sequence: 1, outcome: "stored" })
  );
  await client.report(REPORT, signal);
  assert.equal(
    requests[0]?.url,
    "https://monitor.example/base/api/monitor/reports",
  );
  assert.deepEqual(await requests[0]?.json(), REPORT);
});

Deno.test("report: turns each refusal into its code", async () => {
  const codes: [number, string][] = [
    [301, "report_refused"],
    [400, "report_refused"],
    [401, "token_refused"],
    [403, "token_refused"],
    [404, "device_missing"],
    [409, "report_refused"],
    [413, "report_too_large"],
    [415, "report_refused"],
    [429, "server_busy"],
    [500, "server_failed"],
    [502, "server_failed"],
    [503, "server_busy"],
  ];
  for (const [status, code] of codes) {
    const error = await failureOf(() => problem(status, "any"));
    assert.equal(error.code, code, String(status));
    assert.match(error.message, new RegExp(`\\(${status}\\): so it is$`));
  }
});

Deno.test("register: a 404 or 400 is the registration's", async () => {
  for (const status of [400, 404]) {
    const { client } = clientOf(() => problem(status, "any"));
    await assert.rejects(client.register(REGISTRATION, signal), {
      code: "registration_refused",
    });
  }
});

Deno.test("report: hands on the server's field errors, and only such", async () => {
  const field = {
    path: "connections[3].destPort",
    message: "must be a number",
  };
  const errors = [field, { path: 7 }, null, "x"];
  const error = await failureOf(() =>
    problem(400, "fields_invalid", { errors })
  );
  assert.deepEqual(error.fields, [field]);
  const odd = await failureOf(() => problem(400, "x", { errors: "none" }));
  assert.deepEqual(odd.fields, []);
});

Deno.test("report: says so where something else than the server answered", async () => {
  const html = { "content-type": "text/html" };
  const refused = await failureOf(() =>
    new Response("<h1>no</h1>", { status: 502, headers: html })
  );
  assert.match(refused.message, /failed \(502\): without saying why$/);
  const portal = await failureOf(() => new Response("<h1>Log in</h1>"));
  assert.equal(portal.code, "answer_unintelligible");
  const moved = await failureOf(() =>
    new Response(null, {
      status: 308,
      headers: { location: "https://new.example/api" },
    })
  );
  assert.match(moved.message, /\(308\): it is at https:\/\/new.example\/api$/);
});

Deno.test("register: an answer without a device id is no answer", async () => {
  for (const answer of [{}, [], null, { deviceId: 7 }]) {
    const { client } = clientOf(() => Response.json(answer));
    await assert.rejects(client.register(REGISTRATION, signal), {
      code: "answer_unintelligible",
    });
  }
});

Deno.test("report: reads Retry-After", async () => {
  const error = await failureOf(() =>
    problem(429, "overloaded", {}, { "retry-after": "7" })
  );
  assert.equal(error.retryAfterMs, 7000);
  const none = await failureOf(() => problem(503, "overloaded"));
  assert.equal(none.retryAfterMs, null);
});

Deno.test("report: a connection that fails is a server out of reach", async () => {
  const cause = new Error(
    "tcp connect error: Connection refused (os error 111)",
  );
  const error = await failureOf(() => {
    throw new TypeError("fetch failed", { cause });
  });
  assert.equal(error.code, "server_unreachable");
  assert.equal(
    error.message,
    "cannot reach https://monitor.example/base: Connection refused (os error 111)",
  );
});

/** An answer that comes only to be cut off by the request's signal. */
function silence(request: Request): Promise<Response> {
  return new Promise((_, reject) =>
    request.signal.addEventListener(
      "abort",
      () => reject(request.signal.reason),
    )
  );
}

Deno.test("report: a server that does not answer in time is out of reach", async () => {
  const { client } = clientOf(silence, { timeoutMs: 20 });
  await assert.rejects(client.report(REPORT, signal), {
    code: "server_unreachable",
    message: /: no answer within 0.02 s$/,
  });
});

Deno.test("report: ends at once where stop aborts, before or during the request", async () => {
  const stop = new AbortController();
  const { client, requests } = clientOf(silence);
  const sent = client.report(REPORT, stop.signal);
  stop.abort();
  await assert.rejects(sent, { name: "AbortError" });
  await assert.rejects(client.report(REPORT, stop.signal), {
    name: "AbortError",
  });
  assert.equal(requests.length, 1);
});

Deno.test("report: a missing permission is no outage to wait for", async () => {
  const denied = new Deno.errors.NotCapable("Requires net access");
  const error = await failureOf(() => {
    throw denied;
  });
  assert.equal(error as Error, denied);
});

Deno.test("report: no failure names the token", async () => {
  const answers: (() => Response)[] = [
    () => problem(401, "unauthenticated"),
    () => new Response("?"),
    () => {
      throw new TypeError("fetch failed");
    },
  ];
  for (const answer of answers) {
    const error = await failureOf(answer);
    assert.ok(!Deno.inspect(error, { depth: 9 }).includes(SECRET));
  }
});

Deno.test("parseRetryAfter: reads seconds and dates, gives null for neither", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");
  assert.equal(parseRetryAfter("0", now), 0);
  assert.equal(parseRetryAfter(" 120 ", now), 120_000);
  assert.equal(parseRetryAfter("Sat, 31 Jan 2026 12:00:30 GMT", now), 30_000);
  assert.equal(parseRetryAfter("Sat, 31 Jan 2026 11:00:00 GMT", now), 0);
  assert.equal(parseRetryAfter("soon", now), null);
  assert.equal(parseRetryAfter("", now), null);
  assert.equal(parseRetryAfter(null, now), null);
});

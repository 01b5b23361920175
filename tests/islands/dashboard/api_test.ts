import assert from "node:assert/strict";
import {
  type Api,
  ApiError,
  createApi,
  UnreachableError,
} from "@/islands/dashboard/api.ts";
import { deviceView, QUERY } from "@/tests/components/views.ts";
import { problem } from "@/tests/islands/dashboard/fake_browser.ts";

const SIGNAL = new AbortController().signal;

interface Sent {
  path: string;
  init: RequestInit;
}

/** An API whose every request gets one answer. */
function apiUnderTest(answer: () => Response) {
  const sent: Sent[] = [];
  const seen = { sessionEnds: 0, serverTimes: [] as number[] };
  const api: Api = createApi({
    fetch: (input, init) => {
      sent.push({ path: String(input), init: init ?? {} });
      return Promise.try(answer);
    },
    onSessionEnd: () => seen.sessionEnds++,
    onServerTime: (ms) => seen.serverTimes.push(ms),
  });
  return { api, sent, seen };
}

Deno.test("createApi: asks for devices by the query without its defaults", async () => {
  const { api, sent } = apiUnderTest(() => Response.json({ devices: [] }));
  await api.listDevices({ ...QUERY, q: "a&b", order: "desc" }, SIGNAL);
  assert.equal(sent[0]?.path, "/api/dashboard/users?q=a%26b&order=desc");
  assert.equal(sent[0]?.init.signal, SIGNAL);
});

Deno.test("createApi: an id cannot reach another path", async () => {
  const { api, sent } = apiUnderTest(() => Response.json({}));
  await api.deviceDetail("../x?y", SIGNAL);
  assert.equal(sent[0]?.path, "/api/dashboard/user/..%2Fx%3Fy");
});

Deno.test("createApi: renames by PATCH and gives the device as it is now", async () => {
  const device = deviceView({ deviceName: "new" });
  const { api, sent } = apiUnderTest(() => Response.json({ device }));
  assert.deepEqual(await api.renameDevice("d1", "new"), device);
  assert.equal(sent[0]?.init.method, "PATCH");
  assert.equal(sent[0]?.init.body, '{"deviceName":"new"}');
  const headers = new Headers(sent[0]?.init.headers);
  assert.equal(headers.get("content-type"), "application/json");
  assert.ok(sent[0]?.init.signal, "it does not wait for ever");
});

Deno.test("createApi: deletes, which has no body", async () => {
  const { api, sent } = apiUnderTest(() => new Response(null, { status: 204 }));
  await api.deleteDevice("d1");
  assert.equal(sent[0]?.init.method, "DELETE");
});

Deno.test("createApi: a refusal carries the fields at fault", async () => {
  const fields = [{ path: "deviceName", message: "is taken" }];
  const { api } = apiUnderTest(() => problem(409, "the name is taken", fields));
  await assert.rejects(api.renameDevice("d1", "x"), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 409);
    assert.equal(error.message, "the name is taken");
    assert.deepEqual(error.fields, fields);
    return true;
  });
});

Deno.test("createApi: an answer that is no problem+json is a refusal too", async () => {
  const { api } = apiUnderTest(() =>
    new Response("<h1>Bad Gateway</h1>", { status: 502 })
  );
  await assert.rejects(api.agentToken(), {
    name: "ApiError",
    message: "the server answered with status 502",
  });
});

Deno.test("createApi: a 401 ends the session", async () => {
  const { api, seen } = apiUnderTest(() => problem(401, "log in"));
  await assert.rejects(api.listDevices(QUERY, SIGNAL), ApiError);
  assert.equal(seen.sessionEnds, 1);
});

Deno.test("createApi: no answer is an UnreachableError", async () => {
  const { api, seen } = apiUnderTest(() => {
    throw new TypeError("Failed to fetch");
  });
  await assert.rejects(api.listDevices(QUERY, SIGNAL), UnreachableError);
  assert.deepEqual(seen, { sessionEnds: 0, serverTimes: [] });
});

Deno.test("createApi: tells the server's time", async () => {
  const { api, seen } = apiUnderTest(() =>
    Response.json({ token: "t" }, {
      headers: { date: "Sat, 31 Jan 2026 12:00:00 GMT" },
    })
  );
  await api.agentToken();
  assert.deepEqual(seen.serverTimes, [Date.parse("2026-01-31T12:00:00Z")]);
});

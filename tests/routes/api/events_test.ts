import assert from "node:assert/strict";
import { deviceChange, deviceList } from "@/lib/contract/dashboard.ts";
import {
  type Account,
  connection,
  report,
  type TestApp,
  testApp,
} from "@/tests/support/app.ts";
import { eventually } from "@/tests/support/processes.ts";

interface ServerSentEvent {
  event: string;
  id: string;
  // deno-lint-ignore no-explicit-any -- a test asserts on what it picks out of the data
  data: any;
}

/** Opens an event stream and reads it event by event. */
async function open(
  app: TestApp,
  token: string,
  { search = "", headers = {} }: {
    search?: string;
    headers?: Record<string, string>;
  } = {},
) {
  const response = await app.request(`/api/dashboard/events${search}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  assert.equal(response.status, 200);
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<ServerSentEvent> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream has ended");
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? "";
      if (field("event") === "") continue;
      return {
        event: field("event"),
        id: field("id"),
        data: JSON.parse(field("data")),
      };
    }
  };
  return {
    response,
    next,
    [Symbol.asyncDispose]: () => reader.cancel(),
  };
}

async function send(app: TestApp, { agent }: Account, id: string, n: number) {
  const body = report(id, n, [connection()]);
  const answer = await app.send("POST", "/api/monitor/reports", body, agent);
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
}

Deno.test("GET /api/dashboard/events sends the list and then a report's change", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const id = await app.device(alice);
  await using stream = await open(app, alice.session);
  const first = await stream.next();
  assert.equal(first.event, "list");
  assert.equal(deviceList.parse(first.data).devices[0]?.id, id);
  await send(app, alice, id, 1);
  const second = await stream.next();
  assert.equal(second.event, "change");
  const { devices, stats } = deviceChange.parse(second.data);
  assert.equal(devices[0]?.status, "online");
  assert.equal(stats.connections, 1);
});

Deno.test("GET /api/dashboard/events is a stream that nothing holds back or keeps", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  await using stream = await open(app, alice.session);
  const { headers } = stream.response;
  assert.equal(headers.get("content-type"), "text/event-stream");
  assert.equal(headers.get("cache-control"), "no-store, no-transform");
});

Deno.test("GET /api/dashboard/events resumes after Last-Event-ID", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  const id = await app.device(alice);
  await app.device(alice, "meter-2");
  let lastEventId: string;
  {
    await using before = await open(app, alice.session);
    lastEventId = (await before.next()).id;
  }
  await send(app, alice, id, 1);
  await using stream = await open(app, alice.session, {
    headers: { "last-event-id": lastEventId },
  });
  const { event, data } = await stream.next();
  assert.equal(event, "change");
  assert.deepEqual(data.devices.map((d: { id: string }) => d.id), [id]);
});

Deno.test("GET /api/dashboard/events takes the list's query and refuses a bad one", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  await app.device(alice, "meter-1");
  await app.device(alice, "boiler");
  await using stream = await open(app, alice.session, { search: "?q=boil" });
  const { data } = await stream.next();
  assert.equal(data.matched, 1);
  for (const search of ["?sort=nonsense", "?cursor=nonsense"]) {
    const response = await app.send(
      "GET",
      `/api/dashboard/events${search}`,
      undefined,
      alice.session,
    );
    assert.equal(response.status, 400);
    assert.equal((await response.json()).code, "fields_invalid");
  }
});

Deno.test("GET /api/dashboard/events tells nobody of another's devices, nor an agent of any", async () => {
  await using app = await testApp();
  await app.account("root");
  const alice = await app.account("alice");
  const bob = await app.account("bob");
  const id = await app.device(alice);
  await using stream = await open(app, bob.session);
  assert.deepEqual((await stream.next()).data.devices, []);
  await send(app, alice, id, 1);
  const own = await app.device(bob, "bobs");
  await send(app, bob, own, 1);
  const { data } = await stream.next();
  assert.deepEqual(data.devices, []);
  assert.equal(data.stats.total, 1);
  for (const token of [undefined, alice.agent]) {
    const path = "/api/dashboard/events";
    const response = await app.send("GET", path, undefined, token);
    assert.equal(response.status, token === undefined ? 401 : 403);
    await response.body?.cancel();
  }
});

Deno.test("GET /api/dashboard/events forgets a reader that left", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  {
    await using stream = await open(app, alice.session);
    await stream.next();
    assert.equal(app.fleet.subscriberCount, 1);
  }
  assert.equal(app.fleet.subscriberCount, 0);
});

Deno.test("GET /api/dashboard/events lets go of a reader that takes nothing, with all that waits for it", async () => {
  await using app = await testApp();
  const alice = await app.account("alice");
  // More than may wait for a reader.
  for (let n = 0; n < 200; n++) await app.device(alice, `meter-${n}`);
  const response = await app.send(
    "GET",
    "/api/dashboard/events?limit=500",
    undefined,
    alice.session,
  );
  assert.equal(app.fleet.subscriberCount, 1);
  // The first tick notices that the reader is not ready, a later one that it stayed so.
  await eventually("the slow reader's end", () => {
    app.clock.advance(1);
    return app.fleet.subscriberCount === 0;
  });
  await assert.rejects(response.text(), /too slow/);
});

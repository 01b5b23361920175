import assert from "node:assert/strict";
import { Hono } from "hono";
import { asDomainError, problemResponse } from "@/routes/problem.ts";
import type { Principal } from "@/lib/domain/user.ts";
import type { AppEnv } from "@/routes/deps.ts";
import { admitReport } from "@/routes/middleware/admit_report.ts";
import { MAX_BODY_BYTES } from "@/routes/middleware/read_body.ts";

const PATH = "/api/monitor/reports";
const ALICE: Principal = {
  user: { id: "1", username: "alice", email: "a@example.org", role: "user" },
  scope: "agent",
  expiresAt: Infinity,
};

/** Reports that are taken in wait until the test answers them. */
function setUp({ hasRoom = true } = {}) {
  const at = {
    hasRoom,
    /** The connections that the fleet was asked to have room for. */
    asked: [] as number[],
    waiting: [] as PromiseWithResolvers<Response>[],
  };
  const app = new Hono<AppEnv>();
  app.use(admitReport({
    authenticator: { kept: (token) => token === "alice's" ? ALICE : null },
    fleet: {
      hasRoomFor: (count) => {
        at.asked.push(count);
        return at.hasRoom;
      },
    },
  }));
  app.post(PATH, () => {
    const answer = Promise.withResolvers<Response>();
    at.waiting.push(answer);
    return answer.promise;
  });
  app.onError((error, c) => problemResponse(c, asDomainError(error)));
  const send = (bytes: number | null, token?: string) =>
    app.request(PATH, {
      method: "POST",
      headers: {
        ...(bytes === null ? {} : { "content-length": `${bytes}` }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: "{}",
    });
  return { app, at, send };
}

async function assertRefused(response: Response | Promise<Response>) {
  const { status, headers, body } = await response;
  await body?.cancel();
  assert.equal(status, 429);
  assert.equal(headers.get("retry-after"), "2");
}

Deno.test("admitReport: refuses what the fleet has no room for, by the length of the body", async () => {
  const { at, send } = setUp({ hasRoom: false });
  await assertRefused(send(8_000, "alice's"));
  await assertRefused(send(800_000, "alice's"));
  assert.deepEqual(at.asked, [50, 5_000]);
  assert.equal(at.waiting.length, 0);
});

Deno.test("admitReport: reads what it refuses to its end, whether it is small or large", async () => {
  const { app } = setUp({ hasRoom: false });
  for (const length of [100, 500_000]) {
    const body = new TextEncoder().encode("x".repeat(length));
    let read = 0;
    const request = new Request(`http://localhost${PATH}`, {
      method: "POST",
      headers: { "content-length": `${length}` },
      body: new ReadableStream({
        pull(controller) {
          if (read === length) return controller.close();
          const part = body.subarray(read, read + 50_000);
          read += part.length;
          controller.enqueue(part);
        },
      }, { highWaterMark: 0 }),
    });
    await assertRefused(app.request(request));
    assert.equal(read, length);
  }
});

Deno.test("admitReport: large bodies are taken in a few at a time, and small ones beside them", async () => {
  const { at, send } = setUp();
  const large = Array.from(
    { length: 8 },
    () => send(MAX_BODY_BYTES, "alice's"),
  );
  await assertRefused(send(MAX_BODY_BYTES, "alice's"));
  await assertRefused(send(70_000, "alice's"));
  const small = send(60_000, "alice's");
  at.waiting[0]?.resolve(new Response("stored"));
  assert.equal((await large[0])?.status, 200);
  const next = send(MAX_BODY_BYTES, "alice's");
  await assertRefused(send(70_000, "alice's"));
  // Room comes back where the report is refused, too.
  at.waiting[1]?.reject(new Error("the disk is full"));
  assert.equal((await large[1])?.status, 500);
  const last = send(70_000, "alice's");
  for (const { resolve } of at.waiting) resolve(new Response("stored"));
  for (const answer of [small, next, last]) {
    assert.equal((await answer).status, 200);
  }
});

Deno.test("admitReport: what small bodies take together is bounded", async () => {
  const { at, send } = setUp();
  const each = 65_536;
  const taken = Array.from({ length: 512 }, () => send(each, "alice's"));
  await assertRefused(send(1, "alice's"));
  at.waiting[0]?.resolve(new Response("stored"));
  await taken[0];
  const next = send(each, "alice's");
  for (const { resolve } of at.waiting) resolve(new Response("stored"));
  assert.equal((await next).status, 200);
});

Deno.test("admitReport: strangers cannot take the room of those with a known token", async () => {
  const { at, send } = setUp();
  // A body that does not say its length may come to the most.
  const strangers = [null, null, null, null, null, null, null, null]
    .map((bytes, i) => send(bytes, i % 2 === 0 ? undefined : "false"));
  await assertRefused(send(100));
  await assertRefused(send(100, "false"));
  const known = [send(100, "alice's"), send(MAX_BODY_BYTES, "alice's")];
  for (const { resolve } of at.waiting) resolve(new Response("stored"));
  for (const answer of [...strangers, ...known]) {
    assert.equal((await answer).status, 200);
  }
});

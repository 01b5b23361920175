import assert from "node:assert/strict";
import {
  eventually,
  registerAccount,
  startServer,
  temporaryFolder,
} from "@/tests/support/processes.ts";

Deno.test("event streams: SIGTERM ends them in order, and the server with them", async () => {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  const token = await registerAccount(server.url);
  const response = await fetch(`${server.url}/api/dashboard/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /retry: \d+/);
  const exitCode = server.stop("SIGTERM");
  // A line that was cut off would throw here.
  while (!(await reader.read()).done);
  assert.equal(await exitCode, 0);
});

Deno.test("event streams: a reader that goes away is forgotten, and /metrics counts those that stay", async () => {
  using folder = temporaryFolder();
  await using server = await startServer(folder.path);
  const token = await registerAccount(server.url);
  const open = async () => {
    const leave = new AbortController();
    const response = await fetch(`${server.url}/api/dashboard/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leave.signal,
    });
    return { response, leave };
  };
  const streams = [await open(), await open(), await open()];
  const count = async () =>
    /^monitor_event_streams (\d+)$/m.exec(
      await (await fetch(`${server.url}/metrics`)).text(),
    )?.[1];
  assert.equal(await count(), "3");
  streams[0]?.leave.abort();
  await eventually("two readers", async () => await count() === "2");
  for (const { response, leave } of streams) {
    leave.abort();
    await response.body?.cancel().catch(() => {});
  }
  await eventually("no reader", async () => await count() === "0");
});

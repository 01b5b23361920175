import assert from "node:assert/strict";
import { createFeed, type Feed } from "@/islands/dashboard/feed.ts";
import {
  FakeTimers,
  FakeVisibility,
  settled,
} from "@/tests/islands/dashboard/fake_browser.ts";

interface Request {
  signal: AbortSignal;
  resolve(value: string): void;
  reject(error: unknown): void;
}

/** A feed whose requests the test answers by hand. */
function feedUnderTest() {
  const timers = new FakeTimers();
  const visibility = new FakeVisibility();
  const requests: Request[] = [];
  const values: string[] = [];
  const failures: unknown[] = [];
  const feed: Feed = createFeed<string>({
    intervalMs: 5000,
    timeoutMs: 10_000,
    timers,
    visibility,
    load: (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      signal.addEventListener("abort", () => reject(signal.reason));
      requests.push({ signal, resolve, reject });
      return promise;
    },
    onValue: (value) => values.push(value),
    onFailure: (error) => failures.push(error),
  });
  const answer = async (value: string) => {
    requests.at(-1)?.resolve(value);
    await settled();
  };
  return { timers, visibility, requests, values, failures, feed, answer };
}

Deno.test("createFeed: asks at once or after an interval, as it is told", async () => {
  const now = feedUnderTest();
  now.feed.start("now");
  assert.equal(now.requests.length, 1);

  const later = feedUnderTest();
  later.feed.start("later");
  await later.timers.pass(4999);
  assert.equal(later.requests.length, 0);
  await later.timers.pass(1);
  assert.equal(later.requests.length, 1);
});

Deno.test("createFeed: asks an interval after each answer, never before it", async () => {
  const { timers, requests, values, feed, answer } = feedUnderTest();
  feed.start("now");
  await timers.pass(9000);
  assert.equal(requests.length, 1, "no second request beside the first");
  await answer("a");
  assert.deepEqual(values, ["a"]);
  await timers.pass(4999);
  assert.equal(requests.length, 1);
  await timers.pass(1);
  assert.equal(requests.length, 2);
});

Deno.test("createFeed: gives up a request without an answer, and goes on", async () => {
  const { timers, requests, failures, feed, answer, values } = feedUnderTest();
  feed.start("now");
  await timers.pass(10_000);
  assert.equal(requests[0]?.signal.aborted, true);
  assert.equal((failures[0] as DOMException).name, "TimeoutError");
  await timers.pass(5000);
  assert.equal(requests.length, 2);
  await answer("back");
  assert.deepEqual(values, ["back"]);
});

Deno.test("createFeed: tells a failure and tries again", async () => {
  const { timers, requests, failures, feed } = feedUnderTest();
  feed.start("now");
  requests[0]?.reject(new Error("down"));
  await timers.pass(5000);
  assert.equal(failures.length, 1);
  assert.equal(requests.length, 2);
});

Deno.test("createFeed: refresh gives up the request under way, whose answer counts no more", async () => {
  const { requests, values, failures, feed } = feedUnderTest();
  feed.start("now");
  feed.refresh();
  assert.equal(requests.length, 2);
  assert.equal(requests[0]?.signal.aborted, true);
  requests[0]?.resolve("old");
  requests[1]?.resolve("new");
  await settled();
  assert.deepEqual(values, ["new"]);
  assert.deepEqual(failures, []);
});

Deno.test("createFeed: a nudge asks at once, but lets the request under way be", async () => {
  const { timers, requests, feed, answer } = feedUnderTest();
  feed.nudge();
  assert.equal(requests.length, 0, "not before the start");
  feed.start("later");
  feed.nudge();
  feed.nudge();
  assert.equal(requests.length, 1);
  await timers.pass(4_000);
  await answer("a");
  await timers.pass(4_000);
  assert.equal(requests.length, 1, "the interval counts from the answer");
  feed.nudge();
  assert.equal(requests.length, 2);
});

Deno.test("createFeed: rests while the page is hidden and catches up when it is seen", async () => {
  const { timers, visibility, requests, feed, answer } = feedUnderTest();
  feed.start("now");
  await answer("a");
  visibility.set(true);
  await timers.pass(60_000);
  assert.equal(requests.length, 1);
  visibility.set(false);
  assert.equal(requests.length, 2, "at once");
});

Deno.test("createFeed: an answer that comes while hidden starts nothing", async () => {
  const { timers, visibility, requests, values, feed, answer } =
    feedUnderTest();
  feed.start("now");
  visibility.set(true);
  await answer("a");
  await timers.pass(60_000);
  assert.deepEqual(values, ["a"]);
  assert.equal(requests.length, 1);
});

Deno.test("createFeed: seen again during a request, it asks no second time", () => {
  const { visibility, requests, feed } = feedUnderTest();
  feed.start("now");
  visibility.set(true);
  visibility.set(false);
  assert.equal(requests.length, 1);
});

Deno.test("createFeed: after a stop nothing is asked or told, until the next start", async () => {
  const { timers, visibility, requests, values, failures, feed } =
    feedUnderTest();
  feed.start("now");
  feed.stop();
  requests[0]?.resolve("late");
  feed.refresh();
  visibility.set(false);
  await timers.pass(60_000);
  assert.deepEqual([values, failures, requests.length], [[], [], 1]);
  feed.start("now");
  assert.equal(requests.length, 2);
});

Deno.test("createFeed: starting twice is starting once", async () => {
  const { timers, requests, feed } = feedUnderTest();
  feed.start("later");
  feed.start("later");
  await timers.pass(5000);
  assert.equal(requests.length, 1);
});

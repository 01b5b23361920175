import assert from "node:assert/strict";
import {
  createLiveFeed,
  type FeedMode,
  RELOAD_PAUSE_MS,
  STREAM_MAX_AGE_MS,
  STREAM_RETRY_MS,
} from "@/islands/dashboard/live_feed.ts";
import {
  FakeStreams,
  FakeTimers,
  FakeVisibility,
  settled,
} from "@/tests/islands/dashboard/fake_browser.ts";

/** A feed of texts whose streams and requests the test plays the server of. */
function feedUnderTest() {
  const timers = new FakeTimers();
  const visibility = new FakeVisibility();
  const streams = new FakeStreams();
  const asked = { query: "q1" };
  const seen = {
    values: [] as string[],
    changes: [] as string[],
    failures: [] as unknown[],
    modes: [] as FeedMode[],
    requests: 0,
  };
  /** What the next requests are answered with; null: they fail. */
  const server = { answer: "polled" as string | Promise<string> | null };
  const feed = createLiveFeed<string, string>({
    intervalMs: 5_000,
    timeoutMs: 10_000,
    timers,
    visibility,
    openStream: streams.open,
    streamHref: () => `/events?${asked.query}`,
    load: () => {
      seen.requests++;
      return server.answer === null
        ? Promise.reject(new Error("down"))
        : Promise.resolve(server.answer);
    },
    onValue: (value) => seen.values.push(value),
    onChange(change) {
      seen.changes.push(change);
      return change.startsWith("outdated");
    },
    onFailure: (error) => seen.failures.push(error),
    onMode(mode) {
      if (seen.modes.at(-1) !== mode) seen.modes.push(mode);
    },
  });
  const list = (value: string) => streams.latest.onEvent("list", value);
  const change = (value: string) => streams.latest.onEvent("change", value);
  return {
    timers,
    visibility,
    streams,
    asked,
    seen,
    server,
    feed,
    list,
    change,
  };
}

/** The same, started and live. */
function liveFeedUnderTest() {
  const test = feedUnderTest();
  test.feed.start();
  test.list("first");
  return test;
}

Deno.test("createLiveFeed: follows the stream, and asks for nothing", async () => {
  const { timers, streams, seen, list, change, feed } = feedUnderTest();
  feed.start();
  assert.equal(streams.latest.href, "/events?q1");
  assert.deepEqual(seen.modes, [], "unknown before the first event");
  list("a");
  await timers.pass(20_000);
  change("b");
  await timers.pass(20_000);
  assert.deepEqual(seen.values, ["a"]);
  assert.deepEqual(seen.changes, ["b"]);
  assert.deepEqual(seen.modes, ["live"]);
  assert.equal(seen.requests, 0);
  assert.equal(streams.opened.length, 1);
});

Deno.test("createLiveFeed: polls while the stream is silent, until its first event", async () => {
  const { timers, seen, list, feed } = feedUnderTest();
  feed.start();
  await timers.pass(4_999);
  assert.equal(seen.requests, 0);
  await timers.pass(5_001);
  assert.deepEqual(seen.modes, ["polling"]);
  assert.deepEqual(seen.values, ["polled", "polled"]);
  list("live");
  await timers.pass(20_000);
  assert.deepEqual(seen.modes, ["polling", "live"]);
  assert.equal(seen.requests, 2);
});

Deno.test("createLiveFeed: polls while the stream is broken, until it delivers again", async () => {
  const { timers, streams, seen, change } = liveFeedUnderTest();
  streams.latest.onBroken();
  assert.deepEqual(seen.modes, ["live", "polling"]);
  streams.latest.onBroken();
  await timers.pass(10_000);
  assert.equal(seen.requests, 2, "however often it breaks");
  assert.equal(streams.opened.length, 1, "the browser connects again");
  change("resumed");
  await timers.pass(20_000);
  assert.deepEqual(seen.modes, ["live", "polling", "live"]);
  assert.deepEqual(seen.changes, ["resumed"]);
  assert.equal(seen.requests, 2);
});

Deno.test("createLiveFeed: an answer that comes after the stream is back counts no more", async () => {
  const { timers, streams, seen, server, list } = liveFeedUnderTest();
  const { promise, resolve } = Promise.withResolvers<string>();
  server.answer = promise;
  streams.latest.onBroken();
  await timers.pass(5_000);
  assert.equal(seen.requests, 1);
  list("newer");
  resolve("older");
  await settled();
  assert.deepEqual(seen.values, ["first", "newer"]);
});

Deno.test("createLiveFeed: after a refusal polls at once, and tries a new stream after a while", async () => {
  const { timers, streams, seen, list } = liveFeedUnderTest();
  streams.latest.onRefused();
  await settled();
  assert.deepEqual(seen.values, ["first", "polled"]);
  assert.equal(seen.requests, 1);
  await timers.pass(STREAM_RETRY_MS - 1);
  assert.equal(streams.opened.length, 1);
  await timers.pass(1);
  assert.equal(streams.opened.length, 2);
  const { requests } = seen;
  assert.ok(requests > 1);
  list("again");
  await timers.pass(20_000);
  assert.deepEqual(seen.modes, ["live", "polling", "live"]);
  assert.equal(seen.requests, requests);
});

Deno.test("createLiveFeed: tells that polling fails too, and recovers by the stream", async () => {
  const { timers, streams, seen, server, list } = liveFeedUnderTest();
  server.answer = null;
  streams.latest.onBroken();
  await timers.pass(10_000);
  assert.equal(seen.failures.length, 2);
  list("back");
  await timers.pass(20_000);
  assert.equal(seen.failures.length, 2);
  assert.deepEqual(seen.values, ["first", "back"]);
});

Deno.test("createLiveFeed: a hidden page holds no stream and asks for nothing", async () => {
  const { timers, visibility, streams, seen, list } = liveFeedUnderTest();
  visibility.set(true);
  assert.equal(streams.openCount, 0);
  await timers.pass(10 * 60_000);
  assert.equal(streams.opened.length, 1);
  assert.equal(seen.requests, 0);
  visibility.set(false);
  assert.equal(streams.openCount, 1);
  list("anew");
  assert.deepEqual(seen.values, ["first", "anew"]);
  assert.deepEqual(seen.modes, ["live"]);
  assert.equal(seen.requests, 0);
});

Deno.test("createLiveFeed: hidden while it polls, it asks at once when it is seen", async () => {
  const { timers, visibility, streams, seen } = liveFeedUnderTest();
  streams.latest.onRefused();
  await settled();
  visibility.set(true);
  await timers.pass(10 * 60_000);
  assert.equal(seen.requests, 1);
  visibility.set(false);
  assert.equal(seen.requests, 2);
  assert.equal(streams.openCount, 1);
});

Deno.test("createLiveFeed: started in a hidden page, it begins when it is seen", () => {
  const { visibility, streams, feed } = feedUnderTest();
  visibility.set(true);
  feed.start();
  assert.equal(streams.opened.length, 0);
  visibility.set(false);
  assert.equal(streams.openCount, 1);
});

Deno.test("createLiveFeed: another question closes the stream and opens its own", async () => {
  const { timers, streams, asked, seen, feed, list } = liveFeedUnderTest();
  asked.query = "q2";
  feed.reload();
  assert.equal(streams.openCount, 1);
  assert.equal(streams.latest.href, "/events?q2");
  list("second");
  await timers.pass(20_000);
  assert.deepEqual(seen.values, ["first", "second"]);
  assert.deepEqual(seen.modes, ["live"]);
  assert.equal(seen.requests, 0);
});

Deno.test("createLiveFeed: what an old stream still says counts for nothing", async () => {
  const { timers, streams, seen, feed, list } = liveFeedUnderTest();
  const old = streams.latest;
  feed.reload();
  list("new");
  old.onEvent("list", "late");
  old.onEvent("change", "late");
  old.onBroken();
  old.onRefused();
  await timers.pass(20_000);
  assert.deepEqual(seen.values, ["first", "new"]);
  assert.deepEqual(seen.changes, []);
  assert.deepEqual(seen.modes, ["live"]);
  assert.equal(seen.requests, 0);
});

Deno.test("createLiveFeed: a pause before the question counts from the latest one", async () => {
  const { timers, streams, feed } = liveFeedUnderTest();
  feed.reload(200);
  assert.equal(streams.openCount, 0, "the old question is not followed");
  await timers.pass(150);
  feed.reload(200);
  await timers.pass(199);
  assert.equal(streams.openCount, 0);
  await timers.pass(1);
  assert.equal(streams.openCount, 1);
  assert.equal(streams.opened.length, 2);
});

Deno.test("createLiveFeed: where it polls, another question is asked by both ways", async () => {
  const { streams, seen, server, feed } = liveFeedUnderTest();
  streams.latest.onBroken();
  server.answer = "second";
  feed.reload();
  await settled();
  assert.deepEqual(seen.values, ["first", "second"]);
  assert.equal(streams.opened.length, 2);
});

Deno.test("createLiveFeed: a live question that gets no event is polled", async () => {
  const { timers, seen, feed } = liveFeedUnderTest();
  feed.reload();
  await timers.pass(5_000);
  await settled();
  assert.deepEqual(seen.values, ["first", "polled"]);
  assert.deepEqual(seen.modes, ["live", "polling"]);
});

Deno.test("createLiveFeed: asks again for what is out of date, at most once in a while", async () => {
  const { timers, streams, change, list } = liveFeedUnderTest();
  change("outdated 1");
  change("outdated 2");
  await timers.pass(RELOAD_PAUSE_MS - 1);
  assert.equal(streams.opened.length, 1);
  await timers.pass(1);
  assert.equal(streams.opened.length, 2);
  list("fresh");
  // An outdating change every second: in 10 pauses 10 new lists, not 50.
  for (let ms = 0; ms < 10 * RELOAD_PAUSE_MS; ms += 1_000) {
    change("outdated");
    await timers.pass(1_000);
    list("fresh");
  }
  assert.ok(streams.opened.length <= 12, `${streams.opened.length} streams`);
  assert.equal(streams.openCount, 1);
});

Deno.test("createLiveFeed: a list at rest is asked for again at once when it is out of date", async () => {
  const { timers, streams, seen, change } = liveFeedUnderTest();
  await timers.pass(RELOAD_PAUSE_MS);
  change("outdated");
  await timers.pass(0);
  assert.equal(streams.opened.length, 2);
  assert.equal(seen.requests, 0);
});

Deno.test("createLiveFeed: a hidden page asks for nothing that is out of date", async () => {
  const { timers, visibility, streams, change } = liveFeedUnderTest();
  change("outdated");
  visibility.set(true);
  await timers.pass(10 * 60_000);
  assert.equal(streams.opened.length, 1);
});

Deno.test("createLiveFeed: follows no stream for ever, since the line may be dead", async () => {
  const { timers, streams, seen } = liveFeedUnderTest();
  await timers.pass(STREAM_MAX_AGE_MS);
  assert.equal(streams.opened.length, 2);
  assert.equal(streams.openCount, 1);
  await timers.pass(5_000);
  assert.deepEqual(seen.modes, ["live", "polling"]);
});

Deno.test("createLiveFeed: after a stop nothing goes on, until the next start", async () => {
  const { timers, visibility, streams, seen, feed, list } = liveFeedUnderTest();
  feed.start();
  assert.equal(streams.opened.length, 1, "starting twice is starting once");
  feed.stop();
  assert.equal(streams.openCount, 0);
  list("late");
  feed.reload();
  visibility.set(true);
  visibility.set(false);
  await timers.pass(10 * 60_000);
  assert.deepEqual(seen.values, ["first"]);
  assert.equal(streams.opened.length, 1);
  assert.equal(seen.requests, 0);
  feed.start();
  assert.equal(streams.openCount, 1);
});

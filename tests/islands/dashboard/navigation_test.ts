import assert from "node:assert/strict";
import { createNavigation, sameQuery } from "@/islands/dashboard/navigation.ts";
import { parseView, type View } from "@/islands/dashboard/url.ts";
import { QUERY } from "@/tests/components/views.ts";
import { FakeHistory } from "@/tests/islands/dashboard/fake_browser.ts";

/** A navigation over a history; `changes` are the views that were left. */
function navigationUnderTest(href = "/dashboard", state: unknown = null) {
  const history = new FakeHistory(href, state);
  const changes: View[] = [];
  const navigation = createNavigation({
    initial: parseView(history.search()),
    history,
    onChange: (before) => changes.push(before),
  });
  navigation.start();
  return { navigation, history, changes };
}

Deno.test("choose: is a step of the history, and begins at the first page", () => {
  const { navigation, history } = navigationUnderTest("/dashboard?cursor=c");
  navigation.choose({ status: "offline" });
  assert.equal(history.href(), "/dashboard?status=offline");
  assert.equal(history.entries.length, 2);
  assert.deepEqual(navigation.pagesBefore.value, []);
});

Deno.test("search: typing leaves one entry of the history", () => {
  const { navigation, history } = navigationUnderTest();
  for (const q of ["m", "me", "met"]) navigation.search(q);
  assert.equal(history.href(), "/dashboard?q=met");
  assert.equal(history.entries.length, 1);
});

Deno.test("openDevice: keeps the query, and closing leads back to it", () => {
  const { navigation, history, changes } = navigationUnderTest(
    "/dashboard?q=a",
  );
  navigation.openDevice("d1");
  assert.equal(history.href(), "/dashboard?q=a&device=d1");
  navigation.openDevice(null);
  assert.equal(history.href(), "/dashboard?q=a");
  navigation.openDevice(null);
  assert.equal(history.entries.length, 3, "closing twice is closing once");
  assert.deepEqual(changes.map((view) => view.deviceId), [null, "d1"]);
});

Deno.test("nextPage, previousPage: go forth and back by the cursors", () => {
  const { navigation, history } = navigationUnderTest();
  navigation.nextPage("c2");
  navigation.nextPage("c3");
  assert.equal(history.href(), "/dashboard?cursor=c3");
  assert.deepEqual(navigation.pagesBefore.value, ["", "c2"]);
  navigation.previousPage();
  assert.equal(history.href(), "/dashboard?cursor=c2");
  assert.deepEqual(navigation.pagesBefore.value, [""]);
  navigation.previousPage();
  assert.equal(history.href(), "/dashboard");
  assert.deepEqual(navigation.pagesBefore.value, []);
});

Deno.test("start: the browser's back and forth show what was shown", () => {
  const { navigation, history, changes } = navigationUnderTest();
  navigation.choose({ sort: "lastSeen", order: "desc" });
  navigation.nextPage("c2");
  history.step(-1);
  assert.equal(navigation.view.value.query.sort, "lastSeen");
  assert.equal(navigation.view.value.query.cursor, "");
  history.step(-1);
  assert.deepEqual(navigation.view.value.query, QUERY);
  history.step(2);
  assert.equal(navigation.view.value.query.cursor, "c2");
  assert.deepEqual(navigation.pagesBefore.value, [""]);
  assert.equal(changes.length, 5);
});

Deno.test("start: after a reload on a later page the pages before are known", () => {
  const { navigation } = navigationUnderTest("/dashboard?cursor=c3", {
    pagesBefore: ["", "c2"],
  });
  assert.deepEqual(navigation.pagesBefore.value, ["", "c2"]);
});

Deno.test("start: by a shared link, or with a strange history, they are not", () => {
  for (
    const state of [null, 7, {}, { pagesBefore: [] }, { pagesBefore: [1] }]
  ) {
    const { navigation } = navigationUnderTest("/dashboard?cursor=c3", state);
    assert.equal(navigation.pagesBefore.value, null);
    navigation.nextPage("c4");
    assert.equal(navigation.pagesBefore.value, null);
  }
});

Deno.test("sameQuery: compares what the API would be asked", () => {
  assert.equal(sameQuery(QUERY, { ...QUERY }), true);
  assert.equal(sameQuery(QUERY, { ...QUERY, q: "a" }), false);
});

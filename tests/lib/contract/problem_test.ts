import assert from "node:assert/strict";
import { problem, PROBLEM_MEDIA_TYPE } from "@/lib/contract/problem.ts";
import { refusedPaths } from "./refusals.ts";

Deno.test("problem: is RFC 9457's object with our code", () => {
  assert.equal(PROBLEM_MEDIA_TYPE, "application/problem+json");
  assert.deepEqual(refusedPaths(problem, {}), [
    "type",
    "title",
    "status",
    "detail",
    "code",
  ]);
});

Deno.test("problem: names bad fields by path and message", () => {
  const value = {
    type: "about:blank",
    title: "Bad Request",
    status: 400,
    detail: "the request has 1 bad field: connections[3].destPort",
    code: "fields_invalid",
    errors: [{ path: "connections[3].destPort", message: "must be a port" }],
  };
  assert.deepEqual(problem.parse(value), value);
  assert.deepEqual(
    refusedPaths(problem, { ...value, errors: [{ path: "x" }] }),
    ["errors[0].message"],
  );
});

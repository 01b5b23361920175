import assert from "node:assert/strict";
import { DomainError, fieldError } from "@/lib/domain/errors.ts";

Deno.test("DomainError: carries code and message, and nothing it was not given", () => {
  const error = new DomainError("not_found", "no device has this id");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "DomainError");
  assert.equal(error.code, "not_found");
  assert.equal(error.message, "no device has this id");
  assert.deepEqual(error.fields, []);
  assert.equal(error.retryAfterSeconds, null);
  assert.deepEqual(error.allow, []);
  assert.equal(error.cause, undefined);
});

Deno.test("DomainError: carries every detail it was given", () => {
  const cause = new Error("disk full");
  const fields = [{ path: "destPort", message: "must be from 0 to 65535" }];
  const error = new DomainError("overloaded", "cannot store the report", {
    cause,
    fields,
    retryAfterSeconds: 5,
    allow: ["GET"],
  });
  assert.equal(error.cause, cause);
  assert.deepEqual(error.fields, fields);
  assert.equal(error.retryAfterSeconds, 5);
  assert.deepEqual(error.allow, ["GET"]);
});

Deno.test("fieldError: names the one field at fault", () => {
  const error = fieldError("email_taken", "email", "email is taken");
  assert.equal(error.code, "email_taken");
  assert.equal(error.message, "email is taken");
  assert.deepEqual(error.fields, [
    { path: "email", message: "email is taken" },
  ]);
});

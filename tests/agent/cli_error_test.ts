import assert from "node:assert/strict";
import { errorLine, exitCode, oneLine, reasonOf } from "@/agent/cli_error.ts";
import { AgentError } from "@/agent/errors.ts";

Deno.test("errorLine: names the fields at fault, five at most", () => {
  const fields = Array.from({ length: 7 }, (_, i) => ({
    path: `connections[${i}].destPort`,
    message: "must be from 0 to 65535",
  }));
  const error = new AgentError("report_refused", "refused (400)", { fields });
  assert.equal(
    errorLine(error),
    "refused (400): " +
      fields.slice(0, 5).map((f) => `${f.path} ${f.message}`).join(", ") +
      " and 2 more",
  );
});

Deno.test("errorLine: advises where one can do something about it", () => {
  assert.match(errorLine(new AgentError("usage", "no token")), /; see --help$/);
  assert.match(
    errorLine(new AgentError("token_refused", "refused")),
    /^refused; get a new token from the dashboard/,
  );
  assert.equal(errorLine(new AgentError("scan_failed", "no ss")), "no ss");
});

Deno.test("errorLine: shows failures that nobody foresaw", () => {
  assert.equal(
    errorLine(new TypeError("x is not a function")),
    "unexpected failure: x is not a function",
  );
});

Deno.test("exitCode: tells usage, a refused token and other failures apart", () => {
  assert.equal(exitCode(new AgentError("usage", "")), 2);
  assert.equal(exitCode(new AgentError("token_refused", "")), 3);
  assert.equal(exitCode(new AgentError("server_unreachable", "")), 1);
  assert.equal(exitCode(new Error("")), 1);
});

Deno.test("oneLine: a server's words cannot forge lines or colours, nor fill the log", () => {
  assert.equal(oneLine("a\r\nb\u001b[31mc\u2028d"), "a b [31mc d");
  assert.equal(oneLine("x".repeat(9999)).length, 500);
});

Deno.test("reasonOf: gives the innermost reason of a chain", () => {
  const cause = new Error(
    "error sending request for url (http://a.example/): client error (Connect): tcp connect error: Connection refused (os error 111)",
  );
  assert.equal(
    reasonOf(new TypeError("fetch failed", { cause })),
    "Connection refused (os error 111)",
  );
  assert.equal(reasonOf("odd"), "odd");
  assert.equal(reasonOf(new RangeError("")), "RangeError");
});

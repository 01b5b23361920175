import assert from "node:assert/strict";
import { parseFlags } from "@/agent/flags.ts";

const parse = (...args: string[]) =>
  parseFlags(args, ["--once"], ["--token", "--device"]);
const complaint = (message: RegExp) => ({
  name: "AgentError",
  code: "usage",
  message,
});

Deno.test("parseFlags: takes values behind a blank or an equals sign, and switches", () => {
  const flags = parse("--token", "a", "--once", "--device=b=c");
  assert.deepEqual([...flags.values], [["--token", "a"], ["--device", "b=c"]]);
  assert.deepEqual([...flags.switches], ["--once"]);
});

Deno.test("parseFlags: the last of a repeated flag counts, and a value may begin with one dash", () => {
  const flags = parse("--device", "a", "--device", "-b");
  assert.deepEqual([...flags.values], [["--device", "-b"]]);
});

Deno.test("parseFlags: an empty value is a value", () => {
  assert.equal(parse("--device=").values.get("--device"), "");
  assert.equal(parse("--device", "").values.get("--device"), "");
});

Deno.test("parseFlags: says which flag is unknown or lacks its value", () => {
  assert.throws(() => parse("--tokn=x"), complaint(/^unknown flag --tokn$/));
  assert.throws(() => parse("--token"), complaint(/^--token needs a value$/));
  assert.throws(
    () => parse("--token", "--once"),
    complaint(/^--token needs a value$/),
  );
  assert.throws(
    () => parse("--once=yes"),
    complaint(/^--once takes no value$/),
  );
});

Deno.test("parseFlags: never quotes a stray argument, which may be a token", () => {
  const stray = (...args: string[]) => () => parse(...args);
  const message = /^argument 2 belongs to no flag/;
  assert.throws(stray("--once", "secret"), complaint(message));
  assert.throws(stray("--tokn=secret"), (error: Error) => {
    return !error.message.includes("secret");
  });
});

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AgentWay,
  connectCommand,
  shellQuote,
} from "@/islands/dashboard/connect_command.ts";

const OPTIONS = {
  serverUrl: "https://meters.example.org",
  token: "aaa.bbb-c.d_e",
  deviceName: "meter 7's",
};

/** Runs a command with stand-ins for the programs it calls; answers what they were given. */
async function runWithStandIns(command: string): Promise<string> {
  const standIn = (name: string) =>
    `${name}() { printf '%s\\n' "${name}" "$@"; cat; ` +
    `printf 'token=%s\\n' "$MONITOR_AUTH_TOKEN"; }\n`;
  const script = standIn("deno") + standIn("npx") + standIn("curl");
  const { success, stdout, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", `${script}${command}`],
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

const skipWithoutShell = { ignore: Deno.build.os === "windows" };

Deno.test({
  name:
    "connectCommand: a shell hands the agent its flags, and the token by the environment",
  ...skipWithoutShell,
  async fn() {
    const agent = [
      "task",
      "agent",
      "--server",
      OPTIONS.serverUrl,
      "--device",
      OPTIONS.deviceName,
      `token=${OPTIONS.token}`,
    ];
    const expected: [AgentWay, string[]][] = [
      ["deno", ["deno", ...agent]],
      ["npx", ["npx", "-y", "deno@2.9.6", ...agent]],
    ];
    for (const [way, lines] of expected) {
      const output = await runWithStandIns(connectCommand(way, OPTIONS));
      assert.deepEqual(output.trimEnd().split("\n"), lines);
    }
  },
});

Deno.test({
  name: "connectCommand: curl gets the token by a pipe, not as an argument",
  ...skipWithoutShell,
  async fn() {
    const output = await runWithStandIns(connectCommand("curl", OPTIONS));
    assert.deepEqual(output.trimEnd().split("\n"), [
      "curl",
      "-H",
      "@-",
      "-H",
      "Content-Type: application/json",
      "-d",
      JSON.stringify({ deviceName: OPTIONS.deviceName }),
      "https://meters.example.org/api/monitor/register",
      `Authorization: Bearer ${OPTIONS.token}token=`,
    ]);
  },
});

Deno.test("shellQuote: leaves plain words alone and quotes the rest", () => {
  assert.equal(shellQuote("http://localhost:3000"), "http://localhost:3000");
  assert.equal(shellQuote(""), "''");
  assert.equal(shellQuote("a b"), "'a b'");
  assert.equal(shellQuote("it's $HOME"), `'it'\\''s $HOME'`);
});

Deno.test("shellQuote: whatever it leaves alone holds no character that a shell reads", () => {
  fc.assert(fc.property(fc.string(), (word) => {
    const quoted = shellQuote(word);
    if (quoted === word) assert.doesNotMatch(word, /[\s'"\\$`&|;<>()*?[#~!{}]/);
    else assert.match(quoted, /^'[^]*'$/);
  }));
});

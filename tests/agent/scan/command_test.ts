import assert from "node:assert/strict";
import { decodeText, runCommand } from "@/agent/scan/command.ts";

const { signal } = new AbortController();

/** Runs code in a Deno of its own, as a command that exists wherever the tests run. */
function runDeno(code: string, stop = signal) {
  return runCommand(Deno.execPath(), ["eval", code], stop);
}

Deno.test("runCommand: gives what a command printed and how it ended", async () => {
  assert.deepEqual(
    await runDeno("console.log('rows'); console.error('no'); Deno.exit(4)"),
    { success: false, stdout: "rows\n", stderr: "no\n" },
  );
});

Deno.test("runCommand: runs commands in the C locale", async () => {
  const output = await runDeno("console.log(Deno.env.get('LC_ALL'))");
  assert.equal(output?.stdout, "C\n");
});

Deno.test("runCommand: gives null for a command that is missing", async () => {
  assert.equal(await runCommand("no-such-command-here", [], signal), null);
});

Deno.test("runCommand: throws the reason at once where stop aborts", async () => {
  const stop = new AbortController();
  const endless = runDeno("setInterval(() => {}, 1000)", stop.signal);
  stop.abort();
  await assert.rejects(endless, { name: "AbortError" });
  await assert.rejects(runDeno("", stop.signal), { name: "AbortError" });
});

Deno.test("decodeText: reads UTF-8, UTF-16 with its mark, and survives other code pages", () => {
  assert.equal(decodeText(new TextEncoder().encode("\ufeffZähler")), "Zähler");
  assert.equal(
    decodeText(Uint8Array.of(0xff, 0xfe, 0x5a, 0, 0xe4, 0)),
    "Zä",
  );
  assert.equal(decodeText(Uint8Array.of(0x5a, 0x84)), "Z\ufffd");
});

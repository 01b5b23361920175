import assert from "node:assert/strict";
import { createScanner, osName } from "@/agent/scan/mod.ts";

Deno.test("createScanner: has one for each known system, which reads nothing yet", () => {
  for (const os of ["linux", "darwin", "windows"]) {
    assert.equal(createScanner(os).describe(), "not scanned yet");
  }
});

Deno.test("createScanner: refuses other systems by name", () => {
  assert.throws(() => createScanner("freebsd"), {
    code: "os_unsupported",
    message: /freebsd/,
  });
});

Deno.test("osName: says macos for Deno's darwin", () => {
  assert.equal(osName("darwin"), "macos");
  assert.equal(osName("linux"), "linux");
});

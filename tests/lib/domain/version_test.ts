import assert from "node:assert/strict";
import denoJson from "@/deno.json" with { type: "json" };
import { VERSION } from "@/lib/domain/version.ts";

Deno.test("VERSION: is deno.json's", () => {
  assert.equal(VERSION, denoJson.version);
});

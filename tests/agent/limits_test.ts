import assert from "node:assert/strict";
import * as limits from "@/agent/limits.ts";
import { AGENT_VERSION } from "@/agent/version.ts";
import * as fields from "@/lib/contract/fields.ts";
import * as monitor from "@/lib/contract/monitor.ts";

Deno.test("limits: are the contract's", () => {
  assert.deepEqual({ ...limits }, {
    MAX_CONNECTIONS_PER_REPORT: monitor.MAX_CONNECTIONS_PER_REPORT,
    MAX_DEVICE_NAME_LENGTH: fields.MAX_DEVICE_NAME_LENGTH,
    MAX_PROCESS_NAME_LENGTH: fields.MAX_PROCESS_NAME_LENGTH,
  });
});

Deno.test("AGENT_VERSION: is the product's", async () => {
  const url = new URL("../../deno.json", import.meta.url);
  const { version } = JSON.parse(await Deno.readTextFile(url));
  assert.equal(AGENT_VERSION, version);
});

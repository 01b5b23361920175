import assert from "node:assert/strict";
import { deviceNames } from "@/lib/domain/device.ts";

Deno.test("deviceNames: is one name until somebody renames the device", () => {
  assert.deepEqual(
    deviceNames({ agentName: "meter-1", deviceName: "meter-1" }),
    ["meter-1"],
  );
});

Deno.test("deviceNames: finds a renamed device by its agent's name too", () => {
  assert.deepEqual(
    deviceNames({ agentName: "meter-1", deviceName: "hall 3" }),
    ["meter-1", "hall 3"],
  );
});

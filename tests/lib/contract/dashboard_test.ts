import assert from "node:assert/strict";
import {
  DEVICE_SORTS,
  deviceQuery,
  renameDeviceRequest,
} from "@/lib/contract/dashboard.ts";
import { refusals } from "./refusals.ts";

Deno.test("deviceQuery: is all devices by name where nothing is asked", () => {
  assert.deepEqual(deviceQuery.parse({}), {
    q: "",
    status: "",
    sort: "deviceName",
    order: "asc",
    limit: 100,
    cursor: "",
  });
});

Deno.test("deviceQuery: takes each choice as the address bar gives it", () => {
  for (const sort of DEVICE_SORTS) {
    assert.equal(deviceQuery.parse({ sort }).sort, sort);
  }
  for (const status of ["", "online", "offline"] as const) {
    assert.equal(deviceQuery.parse({ status }).status, status);
  }
  const query = deviceQuery.parse({ q: "10.20", order: "desc", limit: "500" });
  assert.equal(query.q, "10.20");
  assert.equal(query.order, "desc");
  assert.equal(query.limit, 500);
});

Deno.test("deviceQuery: names every bad choice", () => {
  assert.deepEqual(
    refusals(deviceQuery, {
      q: "x".repeat(201),
      status: "asleep",
      sort: "password",
      order: "up",
      limit: "501",
      cursor: "x".repeat(1025),
    }),
    [
      "q: must have at most 200 characters",
      "status: must be online or offline",
      `sort: must be one of ${DEVICE_SORTS.join(", ")}`,
      "order: must be asc or desc",
      "limit: must be at most 500",
      "cursor: must have at most 1024 characters",
    ],
  );
});

Deno.test("deviceQuery: refuses limits that are no count", () => {
  const message = (limit: string) => refusals(deviceQuery, { limit });
  assert.deepEqual(message("0"), ["limit: must be at least 1"]);
  assert.deepEqual(message("-5"), ["limit: must be at least 1"]);
  assert.deepEqual(message("1.5"), ["limit: must be a whole number"]);
  assert.deepEqual(message("many"), ["limit: must be a number"]);
});

Deno.test("renameDeviceRequest: takes what registering takes", () => {
  assert.deepEqual(renameDeviceRequest.parse({ deviceName: " hall 3 " }), {
    deviceName: "hall 3",
  });
  assert.deepEqual(refusals(renameDeviceRequest, { deviceName: "\t" }), [
    "deviceName: deviceName must not be empty",
  ]);
});

import assert from "node:assert/strict";
import { type DeviceRegistration, DeviceStore } from "@/lib/store/devices.ts";
import { keys } from "@/lib/store/keys.ts";
import { allKeys, hookedKv, testKv } from "./support.ts";

function registration(
  deviceName: string,
  overrides: Partial<DeviceRegistration> = {},
): DeviceRegistration {
  return {
    ownerId: "alice",
    deviceName,
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 10,
    ...overrides,
  };
}

/** Registers a device and answers its id. */
async function registered(
  devices: DeviceStore,
  deviceName: string,
  ownerId = "alice",
): Promise<string> {
  const { device } = await devices.register(
    registration(deviceName, { ownerId }),
    1_000,
  );
  return device.id;
}

Deno.test("DeviceStore.register: makes a device that is found again", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv, undefined, () => "id-1");
  const { device, created } = await devices.register(
    registration("meter-1"),
    1_000,
  );
  assert.equal(created, true);
  assert.deepEqual(device, {
    id: "id-1",
    ownerId: "alice",
    agentName: "meter-1",
    deviceName: "meter-1",
    os: "linux",
    agentVersion: "0.1.0",
    intervalSeconds: 10,
    registeredAt: 1_000,
  });
  assert.deepEqual(await devices.find("id-1"), device);
  assert.deepEqual(await Array.fromAsync(devices.all()), [device]);
});

Deno.test("DeviceStore.register: the same name of the same owner is the same device, with what its agent says now", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const first = await devices.register(registration("meter-1"), 1_000);
  const again = await devices.register(
    registration("meter-1", {
      os: null,
      agentVersion: "0.2.0",
      intervalSeconds: 60,
    }),
    2_000,
  );
  assert.equal(again.created, false);
  assert.deepEqual(again.device, {
    ...first.device,
    os: null,
    agentVersion: "0.2.0",
    intervalSeconds: 60,
  });
  assert.deepEqual(await devices.find(first.device.id), again.device);
  assert.equal((await Array.fromAsync(devices.all())).length, 1);
});

Deno.test("DeviceStore.register: the same name of another owner is another device", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const ofAlice = await registered(devices, "meter-1", "alice");
  const ofBob = await registered(devices, "meter-1", "bob");
  assert.notEqual(ofAlice, ofBob);
});

Deno.test("DeviceStore.register: of registrations at once one makes the device and the others find it", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const results = await Promise.all(
    Array.from(
      { length: 50 },
      () => devices.register(registration("meter-1"), 1_000),
    ),
  );
  assert.equal(new Set(results.map(({ device }) => device.id)).size, 1);
  assert.equal(results.filter(({ created }) => created).length, 1);
  assert.equal((await allKeys(kv)).length, 3);
});

Deno.test("DeviceStore.latestOf: the device that the account registered last, also anew", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  assert.equal(await devices.latestOf("alice"), null);
  const first = await registered(devices, "meter-1");
  const second = await registered(devices, "meter-2");
  await registered(devices, "meter-3", "bob");
  assert.equal(await devices.latestOf("alice"), second);
  await registered(devices, "meter-1");
  assert.equal(await devices.latestOf("alice"), first);
});

Deno.test("DeviceStore.find: null for a device that does not exist", async () => {
  await using kv = await testKv();
  assert.equal(await new DeviceStore(kv).find("nothing"), null);
});

Deno.test("DeviceStore.rename: both the agent's name and the new one lead to the device", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const id = await registered(devices, "meter-1");
  const renamed = await devices.rename(id, "Cellar");
  assert.equal(renamed.deviceName, "Cellar");
  assert.equal(renamed.agentName, "meter-1");
  assert.deepEqual(await devices.find(id), renamed);
  assert.equal(await registered(devices, "meter-1"), id);
  assert.equal(await registered(devices, "Cellar"), id);
  assert.equal((await devices.find(id))?.deviceName, "Cellar");
});

Deno.test("DeviceStore.rename: a name that was shown before is free again", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const first = await registered(devices, "meter-1");
  await devices.rename(first, "Cellar");
  await devices.rename(first, "Attic");
  const second = await registered(devices, "Cellar");
  assert.notEqual(second, first);
  assert.equal(await registered(devices, "meter-1"), first);
});

Deno.test("DeviceStore.rename: back to the agent's name leaves one name", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const id = await registered(devices, "meter-1");
  const before = await allKeys(kv);
  await devices.rename(id, "Cellar");
  await devices.rename(id, "meter-1");
  assert.deepEqual(await allKeys(kv), before);
  assert.equal(await registered(devices, "meter-1"), id);
});

Deno.test("DeviceStore.rename: to the name it has changes nothing", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const id = await registered(devices, "meter-1");
  const before = await devices.find(id);
  assert.deepEqual(await devices.rename(id, "meter-1"), before);
});

for (const taken of ["meter-2", "Attic"]) {
  Deno.test(`DeviceStore.rename: refuses another device's ${taken === "Attic" ? "shown" : "agent's"} name`, async () => {
    await using kv = await testKv();
    const devices = new DeviceStore(kv);
    const first = await registered(devices, "meter-1");
    const second = await registered(devices, "meter-2");
    await devices.rename(second, "Attic");
    await assert.rejects(devices.rename(first, taken), {
      code: "device_name_taken",
      fields: [{
        path: "deviceName",
        message: `another device has the name "${taken}"`,
      }],
    });
    assert.equal((await devices.find(first))?.deviceName, "meter-1");
    assert.equal(await registered(devices, taken), second);
  });
}

Deno.test("DeviceStore.rename: another owner's names do not matter", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const ofAlice = await registered(devices, "meter-1", "alice");
  await registered(devices, "meter-2", "bob");
  assert.equal((await devices.rename(ofAlice, "meter-2")).id, ofAlice);
});

Deno.test("DeviceStore.rename: throws not_found for a device that does not exist", async () => {
  await using kv = await testKv();
  await assert.rejects(new DeviceStore(kv).rename("nothing", "Cellar"), {
    code: "not_found",
  });
  assert.deepEqual(await allKeys(kv), []);
});

Deno.test("DeviceStore.rename: of two devices that want one name at once one gets it", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const ids = [
    await registered(devices, "meter-1"),
    await registered(devices, "meter-2"),
  ];
  const results = await Promise.allSettled(
    ids.map((id) => devices.rename(id, "Cellar")),
  );
  const refused = results.filter((result) => result.status === "rejected");
  assert.deepEqual(refused.map(({ reason }) => reason.code), [
    "device_name_taken",
  ]);
  const names = await Promise.all(
    ids.map(async (id) => (await devices.find(id))?.deviceName),
  );
  assert.equal(names.filter((name) => name === "Cellar").length, 1);
});

Deno.test("DeviceStore.rename: a registration under the new name at the same time makes no second one", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const id = await registered(devices, "meter-1");
  const [renamed, second] = await Promise.allSettled([
    devices.rename(id, "Cellar"),
    registered(devices, "Cellar"),
  ]);
  const all = await Array.fromAsync(devices.all());
  const inCellar = all.filter(({ deviceName }) => deviceName === "Cellar");
  assert.equal(inCellar.length, 1);
  assert.equal(second.status, "fulfilled");
  assert.equal(all.length, renamed.status === "fulfilled" ? 1 : 2);
});

Deno.test("DeviceStore.remove: leaves no key behind", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const kept = await registered(devices, "meter-0");
  const before = await allKeys(kv);
  const id = await registered(devices, "meter-1");
  await devices.rename(id, "Cellar");
  await kv.set(keys.presence(id), { chunkCount: 3 });
  for (const n of [0, 1, 2]) await kv.set(keys.connections(id, n), n);
  await devices.remove(id);
  // The account's latest device was this one, and is none now.
  assert.deepEqual(
    await allKeys(kv),
    before.filter(([kind]) => kind !== "latest_device"),
  );
  assert.equal(await devices.latestOf("alice"), null);
  assert.notEqual(await devices.find(kept), null);
  assert.notEqual(await registered(devices, "meter-1"), id);
});

Deno.test("DeviceStore.remove: another latest device stays the latest", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const first = await registered(devices, "meter-1");
  const second = await registered(devices, "meter-2");
  await devices.remove(first);
  assert.equal(await devices.latestOf("alice"), second);
});

Deno.test("DeviceStore.remove: throws not_found for a device that does not exist", async () => {
  await using kv = await testKv();
  const devices = new DeviceStore(kv);
  const id = await registered(devices, "meter-1");
  const results = await Promise.allSettled([
    devices.remove(id),
    devices.remove(id),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), [
    "fulfilled",
    "rejected",
  ]);
  await assert.rejects(devices.remove(id), { code: "not_found" });
});

Deno.test("DeviceStore.remove: a report that comes in between leaves no rows", async () => {
  await using kv = await testKv();
  const id = await registered(new DeviceStore(kv), "meter-1");
  let reports = 2;
  const devices = new DeviceStore(hookedKv(kv, {
    beforeCommit: async () => {
      if (reports-- <= 0) return;
      await kv.atomic().set(keys.presence(id), { chunkCount: 1 })
        .set(keys.connections(id, reports), new Uint8Array(1)).commit();
    },
  }));
  await devices.remove(id);
  assert.deepEqual(await allKeys(kv), []);
});

Deno.test("DeviceStore.remove: a device renamed in between leaves no name", async () => {
  await using kv = await testKv();
  const others = new DeviceStore(kv);
  const id = await registered(others, "meter-1");
  let renames = 1;
  const devices = new DeviceStore(hookedKv(kv, {
    beforeCommit: async () => {
      if (renames-- > 0) await others.rename(id, "Cellar");
    },
  }));
  await devices.remove(id);
  assert.deepEqual(await allKeys(kv), []);
});

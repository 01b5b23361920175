/** Devices in Deno KV. The two names of a device (see `deviceNames`) are index entries that hold its id. */
import { type Device, deviceNames } from "@/lib/domain/device.ts";
import { DomainError, fieldError } from "@/lib/domain/errors.ts";
import { ChangeLog } from "@/lib/store/change_log.ts";
import { keys } from "@/lib/store/keys.ts";
import {
  commit,
  CONFLICT,
  getMany,
  KV_LIST_BATCH,
  KV_MAX_MUTATIONS_PER_COMMIT,
  retry,
} from "@/lib/store/open.ts";

/** What an agent says of its device when it registers. */
export interface DeviceRegistration {
  ownerId: string;
  deviceName: string;
  os: string | null;
  agentVersion: string | null;
  intervalSeconds: number;
}

export class DeviceStore {
  readonly #kv: Deno.Kv;
  readonly #log: ChangeLog;
  readonly #newId: () => string;

  constructor(
    kv: Deno.Kv,
    log: ChangeLog = new ChangeLog(kv),
    newId: () => string = () => crypto.randomUUID(),
  ) {
    this.#kv = kv;
    this.#log = log;
    this.#newId = newId;
  }

  /** Finds the owner's device of this name, or makes it; either way it is now the owner's latest. */
  register(
    registration: DeviceRegistration,
    nowMs: number,
  ): Promise<{ device: Device; created: boolean }> {
    const { ownerId, deviceName, ...reported } = registration;
    const byName = keys.deviceByName(ownerId, deviceName);
    return retry(async () => {
      const named = await this.#kv.get<string>(byName);
      const known = named.value === null
        ? null
        : await this.#kv.get<Device>(keys.device(named.value));
      const device: Device = known?.value ? { ...known.value, ...reported } : {
        id: this.#newId(),
        ownerId,
        agentName: deviceName,
        deviceName,
        registeredAt: nowMs,
        ...reported,
      };
      const operation = this.#kv.atomic().check(named)
        .set(byName, device.id)
        .set(keys.device(device.id), device)
        .set(keys.latestDevice(ownerId), device.id);
      if (known) operation.check(known);
      this.#log.add(operation, { devices: [device.id] });
      if (!(await commit(operation)).ok) return CONFLICT;
      return { device, created: !known?.value };
    });
  }

  /** The id of the device that this account registered last. */
  async latestOf(ownerId: string): Promise<string | null> {
    return (await this.#kv.get<string>(keys.latestDevice(ownerId))).value;
  }

  async find(id: string): Promise<Device | null> {
    return (await this.#kv.get<Device>(keys.device(id))).value;
  }

  /** Those of the devices that exist. */
  async findMany(ids: readonly string[]): Promise<Device[]> {
    const found = await getMany<Device>(this.#kv, ids.map(keys.device));
    return found.flatMap(({ value }) => value ? [value] : []);
  }

  /** Every device, for building the read model. */
  async *all(): AsyncGenerator<Device> {
    const list = this.#kv.list<Device>({ prefix: keys.devices() }, {
      batchSize: KV_LIST_BATCH,
    });
    for await (const entry of list) yield entry.value;
  }

  /** Gives a device another name to be shown. Throws `not_found`, or `device_name_taken` where the owner has another one of that name. */
  rename(id: string, deviceName: string): Promise<Device> {
    return retry(async () => {
      const entry = await this.#kv.get<Device>(keys.device(id));
      if (!entry.value) throw deviceNotFound();
      const before = entry.value;
      const after: Device = { ...before, deviceName };
      const named = await this.#kv.get<string>(
        keys.deviceByName(before.ownerId, deviceName),
      );
      if (named.value !== null && named.value !== id) {
        throw fieldError(
          "device_name_taken",
          "deviceName",
          `another device has the name ${JSON.stringify(deviceName)}`,
        );
      }
      const operation = this.#kv.atomic().check(entry, named)
        .set(keys.device(id), after);
      const kept = new Set(deviceNames(after));
      for (const name of deviceNames(before)) {
        if (!kept.has(name)) {
          operation.delete(keys.deviceByName(before.ownerId, name));
        }
      }
      for (const name of kept) {
        operation.set(keys.deviceByName(before.ownerId, name), id);
      }
      this.#log.add(operation, { devices: [id] });
      return (await commit(operation)).ok ? after : CONFLICT;
    });
  }

  /** Removes a device with its names, its presence and its connections. Throws `not_found`. */
  remove(id: string): Promise<void> {
    return retry(async () => {
      const device = await this.#kv.get<Device>(keys.device(id));
      if (!device.value) throw deviceNotFound();
      const { ownerId } = device.value;
      const [presence, latest] = await this.#kv.getMany<[unknown, string]>([
        keys.presence(id),
        keys.latestDevice(ownerId),
      ]);
      // The presence is checked too, so that a report on its way cannot leave rows behind.
      const operation = this.#kv.atomic().check(device, presence, latest)
        .delete(keys.device(id))
        .delete(keys.presence(id));
      for (const name of deviceNames(device.value)) {
        operation.delete(keys.deviceByName(ownerId, name));
      }
      if (latest.value === id) operation.delete(keys.latestDevice(ownerId));
      const chunks = this.#kv.list({ prefix: keys.connectionsOf(id) }, {
        limit: KV_MAX_MUTATIONS_PER_COMMIT / 2,
      });
      for await (const chunk of chunks) operation.delete(chunk.key);
      this.#log.add(operation, { devices: [id] });
      return (await commit(operation)).ok ? undefined : CONFLICT;
    });
  }
}

/** The one answer for a device that does not exist or is somebody else's. */
export function deviceNotFound(): DomainError {
  return new DomainError("not_found", "no such device");
}

/** The fleet: what agents tell goes in, what viewers may see comes out. */
import type {
  DeviceDetail,
  DeviceList,
  DeviceQuery,
  DeviceView,
  FleetStats,
} from "@/lib/contract/dashboard.ts";
import type { Report, ReportResponse } from "@/lib/contract/monitor.ts";
import type { Connection } from "@/lib/domain/connection.ts";
import type { Device } from "@/lib/domain/device.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import type { ReportOutcome } from "@/lib/domain/report_order.ts";
import type { User, Viewer } from "@/lib/domain/user.ts";
import {
  deviceNotFound,
  type DeviceRegistration,
  DeviceStore,
} from "@/lib/store/devices.ts";
import { ChangeLog } from "@/lib/store/change_log.ts";
import { SnapshotStore } from "@/lib/store/snapshots.ts";
import { UserStore } from "@/lib/store/users.ts";
import { byTimer, type Every } from "@/lib/fleet/every.ts";
import { Follower } from "@/lib/fleet/follow.ts";
import { Ingest } from "@/lib/fleet/ingest.ts";
import { Live, type LiveSink, type Subscription } from "@/lib/fleet/live.ts";
import { type FleetDevice, FleetModel } from "@/lib/fleet/model.ts";
import { Orders } from "@/lib/fleet/orders.ts";
import { addedConnections, wholePicture } from "@/lib/fleet/update.ts";
import { deviceDetail, deviceView } from "@/lib/fleet/views.ts";

export interface FleetOptions {
  kv: Deno.Kv;
  /** How long a connection counts after its last sighting. */
  connectionTtlMs: number;
  /** Whole ms since the epoch. */
  now: () => number;
  /** By what it does things again and again; by the system's timer where absent. */
  every?: Every;
  /** Of reports; more than one helps where a commit waits for a network. */
  commitsAtOnce?: number;
  /** Takes what goes wrong between requests. */
  logError?: (error: unknown) => void;
}

/** So often are orders let go that nobody uses any more. */
const TIDY_MS = 60_000;

type Owner = Pick<User, "id" | "username">;

export class Fleet {
  /** Whole-picture reports answered since the start, by outcome. */
  readonly reportCounts: Record<ReportOutcome, number> = {
    stored: 0,
    duplicate: 0,
    stale: 0,
  };
  readonly #devices: DeviceStore;
  readonly #snapshots: SnapshotStore;
  readonly #users: UserStore;
  readonly #model: FleetModel;
  readonly #orders: Orders;
  readonly #ingest: Ingest;
  readonly #live: Live;
  readonly #follower: Follower;
  readonly #now: () => number;
  #stopTidying = () => {};

  private constructor(
    {
      kv,
      connectionTtlMs,
      now,
      every = byTimer,
      logError = console.error,
      commitsAtOnce = 1,
    }: FleetOptions,
  ) {
    const processId = crypto.randomUUID();
    const log = new ChangeLog(kv, processId);
    this.#devices = new DeviceStore(kv, log);
    this.#snapshots = new SnapshotStore(kv, log);
    this.#users = new UserStore(kv);
    this.#model = new FleetModel(connectionTtlMs);
    this.#orders = new Orders(this.#model);
    this.#ingest = new Ingest({
      model: this.#model,
      devices: this.#devices,
      snapshots: this.#snapshots,
      connectionTtlMs,
      now,
      commitsAtOnce,
    });
    this.#live = new Live({
      model: this.#model,
      select: (viewer, query) => this.#select(viewer, query),
      now,
      every,
      processId,
    });
    this.#follower = new Follower({
      log,
      devices: this.#devices,
      snapshots: this.#snapshots,
      users: this.#users,
      model: this.#model,
      now,
      every,
      logError,
    });
    this.#now = now;
  }

  /** Builds the read model from the database, and follows what other processes write to it. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.#follower.start();
    const { every = byTimer, now } = options;
    fleet.#stopTidying = every(
      TIDY_MS,
      () => fleet.#orders.dropUnused(now()),
    );
    return fleet;
  }

  /** Finds the owner's device of this name, or makes it. */
  async registerDevice(
    owner: Owner,
    registration: Omit<DeviceRegistration, "ownerId">,
  ): Promise<{ device: Device; created: boolean }> {
    const registered = await this.#devices.register(
      { ...registration, ownerId: owner.id },
      this.#now(),
    );
    this.#model.putDevice(registered.device, owner.username);
    return registered;
  }

  /** Takes a device's whole picture; resolves after it is stored. Throws `not_found` for a device that is not the owner's. */
  async report(ownerId: string, report: Report): Promise<ReportResponse> {
    await this.#ownDevice(ownerId, report.deviceId);
    const answer = await this.#ingest.submit(
      report.deviceId,
      report.connections.length,
      wholePicture(report),
    );
    this.reportCounts[answer.outcome]++;
    return answer;
  }

  /**
   * Adds or refreshes connections of a device; closes nothing. Without a device they go to the one that
   * the owner registered last, or made last where that one was removed. Throws `device_missing` where
   * there is none, else as `report` does.
   */
  async addConnections(
    ownerId: string,
    deviceId: string | undefined,
    connections: readonly Connection[],
  ): Promise<{ accepted: number }> {
    const id = deviceId ?? await this.#devices.latestOf(ownerId) ??
      this.#model.newestOf(ownerId);
    if (id === null) {
      throw new DomainError(
        "device_missing",
        "this account has registered no device: register one first",
      );
    }
    await this.#ownDevice(ownerId, id);
    return await this.#ingest.submit(
      id,
      connections.length,
      addedConnections(connections),
    );
  }

  /** False where a report of so many connections would be refused now, since too much waits. */
  hasRoomFor(connectionCount: number): boolean {
    return this.#ingest.hasRoomFor(connectionCount);
  }

  list(viewer: Viewer, query: DeviceQuery): DeviceList {
    return this.#select(viewer, query).list;
  }

  /**
   * Sends a list and then what changes about its devices, until the returned function is called.
   * Throws `overloaded` where too many do this, and `fields_invalid` for a bad cursor.
   */
  subscribe(subscription: Subscription, sink: LiveSink): () => void {
    return this.#live.subscribe(subscription, sink);
  }

  /** How many are subscribed. */
  get subscriberCount(): number {
    return this.#live.size;
  }

  stats(viewer: Viewer): FleetStats {
    this.#model.advance(this.#now());
    return this.#model.stats(viewer);
  }

  /** A device with its connections. Throws `not_found` for one that the viewer may not see. */
  detail(viewer: Viewer, id: string): DeviceDetail {
    const nowMs = this.#now();
    this.#model.advance(nowMs);
    const found = this.#visibleDevice(viewer, id);
    return deviceDetail(found, this.#model.connections(found, nowMs));
  }

  /** Renames a device. Throws `not_found` or `device_name_taken`. */
  async rename(
    viewer: Viewer,
    id: string,
    deviceName: string,
  ): Promise<DeviceView> {
    const found = this.#visibleDevice(viewer, id);
    const device = await this.#forgetIfGone(
      id,
      this.#devices.rename(id, deviceName),
    );
    this.#model.putDevice(device, found.username);
    this.#model.advance(this.#now());
    return deviceView(found);
  }

  /** Removes a device and its connections. Throws `not_found`. */
  async remove(viewer: Viewer, id: string): Promise<void> {
    this.#visibleDevice(viewer, id);
    await this.#forgetIfGone(id, this.#devices.remove(id));
    this.#model.remove(id);
  }

  /** Resolves where the database answers; throws what it says otherwise. */
  async checkStore(): Promise<void> {
    await this.#users.hasAny();
  }

  /** Resolves once what other processes wrote, and is being taken over, is there. */
  async following(): Promise<void> {
    await this.#follower.idle();
  }

  /** Ends all subscriptions, so that requests that live by them end. */
  endSubscriptions(): void {
    this.#live.close();
  }

  /** Resolves once everything that was taken in is stored. */
  async close(): Promise<void> {
    this.#live.close();
    this.#stopTidying();
    await this.#follower.stop();
    await this.#ingest.idle();
  }

  #select(viewer: Viewer, query: DeviceQuery) {
    const nowMs = this.#now();
    this.#model.advance(nowMs);
    const page = this.#orders.page(viewer, query, nowMs);
    const list: DeviceList = {
      devices: page.devices.map(deviceView),
      stats: this.#model.stats(viewer),
      matched: page.matched,
      nextCursor: page.nextCursor,
    };
    return { list, shown: page.devices };
  }

  /** A device that the store no longer has, since another process removed it, leaves the model too. */
  async #forgetIfGone<T>(id: string, change: Promise<T>): Promise<T> {
    try {
      return await change;
    } catch (error) {
      if (error instanceof DomainError && error.code === "not_found") {
        this.#model.remove(id);
      }
      throw error;
    }
  }

  /** Throws where the device is not the owner's. One that is new here may have registered with another process. */
  async #ownDevice(ownerId: string, id: string): Promise<void> {
    if (!this.#model.get(id)) await this.#follower.refreshDevices([id]);
    if (this.#model.get(id)?.device.ownerId !== ownerId) throw deviceNotFound();
  }

  #visibleDevice(viewer: Viewer, id: string): FleetDevice {
    const found = this.#model.get(id);
    if (!found || !(viewer.seesAll || found.device.ownerId === viewer.userId)) {
      throw deviceNotFound();
    }
    return found;
  }
}

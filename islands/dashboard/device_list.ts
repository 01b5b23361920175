/** The devices on the page: kept fresh, and held in place while somebody points at them. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { DeviceList, DeviceView } from "@/lib/contract/dashboard.ts";
import { type Failure, failureAfter } from "@/islands/dashboard/failure.ts";
import {
  createFeed,
  type FeedOptions,
  type Timers,
  type Visibility,
} from "@/islands/dashboard/feed.ts";
import {
  freshRows,
  type HeldRow,
  holdRows,
} from "@/islands/dashboard/row_order.ts";

const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 10_000;

export interface LiveDeviceListOptions {
  initial: DeviceList;
  loadedAtMs: number;
  load: FeedOptions<DeviceList>["load"];
  /** After each list that came. */
  onLoaded: () => void;
  /** True while the pointer or the focus is on the rows. */
  isHeld: () => boolean;
  timers: Timers;
  visibility: Visibility;
}

export interface LiveDeviceList {
  list: ReadonlySignal<DeviceList>;
  rows: ReadonlySignal<HeldRow<DeviceView>[]>;
  updatedAtMs: ReadonlySignal<number>;
  failure: ReadonlySignal<Failure | null>;
  /** True from a change of choice until its devices are there. */
  busy: ReadonlySignal<boolean>;
  start(): void;
  stop(): void;
  refresh(): void;
  /** Asks for another choice of devices, after a pause; its order applies even where rows are held. */
  reload(pauseMs?: number): void;
  /** Brings the rows into the list's order unless they are still held. */
  settle(): void;
  /** Shows a device as a change made here left it. */
  replace(device: DeviceView): void;
  /** Drops a device that was deleted here. */
  remove(deviceId: string): void;
}

export function createLiveDeviceList(
  options: LiveDeviceListOptions,
): LiveDeviceList {
  const { timers, isHeld } = options;
  const list = signal(options.initial);
  const rows = signal(freshRows(options.initial.devices));
  const updatedAtMs = signal(options.loadedAtMs);
  const failure = signal<Failure | null>(null);
  const busy = signal(false);
  let cancelReload = () => {};

  const arrange = (held: boolean) => {
    const { devices } = list.value;
    rows.value = held
      ? holdRows(rows.value, devices, (device) => device.id)
      : freshRows(devices);
  };

  const feed = createFeed<DeviceList>({
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    timers,
    visibility: options.visibility,
    load: options.load,
    onValue(fresh) {
      batch(() => {
        list.value = fresh;
        arrange(isHeld() && !busy.value);
        updatedAtMs.value = timers.nowMs();
        failure.value = null;
        busy.value = false;
      });
      options.onLoaded();
    },
    onFailure(error) {
      failure.value = failureAfter(failure.value, error, timers.nowMs());
    },
  });

  const change = (devices: DeviceView[]) =>
    batch(() => {
      list.value = { ...list.value, devices };
      arrange(false);
    });

  return {
    list,
    rows,
    updatedAtMs,
    failure,
    busy,
    start: () => feed.start("later"),
    stop: feed.stop,
    refresh: feed.refresh,
    reload(pauseMs = 0) {
      busy.value = true;
      cancelReload();
      if (pauseMs === 0) feed.refresh();
      else cancelReload = timers.after(pauseMs, feed.refresh);
    },
    settle() {
      if (!isHeld()) arrange(false);
    },
    replace: (device) =>
      change(list.value.devices.map((d) => d.id === device.id ? device : d)),
    remove: (deviceId) =>
      change(list.value.devices.filter((d) => d.id !== deviceId)),
  };
}

/** The devices on the page: kept fresh, and held in place while somebody points at them. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type {
  DeviceChange,
  DeviceList,
  DeviceQuery,
  DeviceView,
} from "@/lib/contract/dashboard.ts";
import { type Failure, failureAfter } from "@/islands/dashboard/failure.ts";
import type {
  FeedOptions,
  Timers,
  Visibility,
} from "@/islands/dashboard/feed.ts";
import { changedList, isOutdatedBy } from "@/islands/dashboard/list_change.ts";
import {
  createLiveFeed,
  type FeedMode,
  type OpenStream,
} from "@/islands/dashboard/live_feed.ts";
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
  /** What is asked for at present. */
  query: () => DeviceQuery;
  load: FeedOptions<DeviceList>["load"];
  openStream: OpenStream;
  streamHref: () => string;
  /** After each list that came. */
  onLoaded: () => void;
  /** After each change that the server told of. */
  onChange: (change: DeviceChange) => void;
  /** True while the pointer or the focus is on the rows. */
  isHeld: () => boolean;
  timers: Timers;
  visibility: Visibility;
}

export interface LiveDeviceList {
  list: ReadonlySignal<DeviceList>;
  rows: ReadonlySignal<HeldRow<DeviceView>[]>;
  updatedAtMs: ReadonlySignal<number>;
  /** What keeps the devices fresh; null until that is known. */
  mode: ReadonlySignal<FeedMode | null>;
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
  const mode = signal<FeedMode | null>(null);
  const busy = signal(false);

  const arrange = (held: boolean) => {
    const { devices } = list.value;
    rows.value = held
      ? holdRows(rows.value, devices, (device) => device.id)
      : freshRows(devices);
  };

  const show = (fresh: DeviceList) =>
    batch(() => {
      list.value = fresh;
      arrange(isHeld() && !busy.value);
      updatedAtMs.value = timers.nowMs();
      failure.value = null;
      busy.value = false;
    });

  const feed = createLiveFeed<DeviceList, DeviceChange>({
    ...options,
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    onMode: (next) => mode.value = next,
    onValue(fresh) {
      show(fresh);
      options.onLoaded();
    },
    onChange(change) {
      const before = list.value;
      show(changedList(before, change));
      options.onChange(change);
      return isOutdatedBy(before, change, options.query());
    },
    onFailure(error) {
      failure.value = failureAfter(failure.value, error, timers.nowMs());
    },
  });

  const changeHere = (devices: DeviceView[]) =>
    batch(() => {
      list.value = { ...list.value, devices };
      arrange(false);
    });

  return {
    list,
    rows,
    updatedAtMs,
    mode,
    failure,
    busy,
    start: feed.start,
    stop: feed.stop,
    refresh: () => feed.reload(),
    reload(pauseMs) {
      busy.value = true;
      feed.reload(pauseMs);
    },
    settle() {
      if (!isHeld()) arrange(false);
    },
    replace: (device) =>
      changeHere(
        list.value.devices.map((d) => d.id === device.id ? device : d),
      ),
    remove: (deviceId) =>
      changeHere(list.value.devices.filter((d) => d.id !== deviceId)),
  };
}

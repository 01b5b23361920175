/** The device whose details are open: loaded, kept fresh, and said so when it is gone. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { DeviceDetail, DeviceView } from "@/lib/contract/dashboard.ts";
import { ApiError } from "@/islands/dashboard/api.ts";
import { type Failure, failureAfter } from "@/islands/dashboard/failure.ts";
import {
  createFeed,
  type Feed,
  type Timers,
  type Visibility,
} from "@/islands/dashboard/feed.ts";

const INTERVAL_MS = 3_000;
const TIMEOUT_MS = 10_000;

export interface ShownDevice {
  deviceId: string;
  /** Known from the list before the details come; null where only the id is known. */
  device: DeviceView | null;
  detail: DeviceDetail | null;
  /** When the details came; null before that. */
  updatedAtMs: number | null;
  /** The server knows no such device (any more). */
  missing: boolean;
  failure: Failure | null;
}

export interface LiveDeviceDetailsOptions {
  load(deviceId: string, signal: AbortSignal): Promise<DeviceDetail>;
  timers: Timers;
  visibility: Visibility;
}

export interface LiveDeviceDetails {
  shown: ReadonlySignal<ShownDevice | null>;
  autoRefresh: ReadonlySignal<boolean>;
  /** Shows a device, with as much of it as is known. */
  show(known: Pick<ShownDevice, "deviceId"> & Partial<ShownDevice>): void;
  hide(): void;
  /** Keeps what is shown fresh from now on. */
  start(): void;
  /** Asks at once if the device is shown and kept fresh: something is new about it. */
  hint(deviceId: string): void;
  setAutoRefresh(on: boolean): void;
  /** Shows the device as a change made here left it. */
  replace(device: DeviceView): void;
}

export function createLiveDeviceDetails(
  { load, timers, visibility }: LiveDeviceDetailsOptions,
): LiveDeviceDetails {
  const shown = signal<ShownDevice | null>(null);
  const autoRefresh = signal(true);
  let feed: Feed | null = null;

  const update = (change: Partial<ShownDevice>) => {
    if (shown.value) shown.value = { ...shown.value, ...change };
  };

  const restUnlessAuto = () => {
    if (!autoRefresh.value) feed?.stop();
  };

  const feedOf = (deviceId: string) =>
    createFeed<DeviceDetail>({
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      timers,
      visibility,
      load: (signal) => load(deviceId, signal),
      onValue(detail) {
        update({
          detail,
          device: detail.device,
          updatedAtMs: timers.nowMs(),
          missing: false,
          failure: null,
        });
        restUnlessAuto();
      },
      onFailure(error) {
        if (error instanceof ApiError && error.status === 404) {
          feed?.stop();
          return update({ missing: true, failure: null });
        }
        const before = shown.value?.failure ?? null;
        update({ failure: failureAfter(before, error, timers.nowMs()) });
      },
    });

  return {
    shown,
    autoRefresh,
    show(known) {
      feed?.stop();
      feed = feedOf(known.deviceId);
      shown.value = {
        device: known.detail?.device ?? null,
        detail: null,
        updatedAtMs: null,
        missing: false,
        failure: null,
        ...known,
      };
    },
    hide() {
      feed?.stop();
      feed = null;
      shown.value = null;
    },
    start() {
      if (shown.value?.missing) return;
      feed?.start(shown.value?.detail ? "later" : "now");
    },
    hint(deviceId) {
      if (shown.value?.deviceId === deviceId) feed?.nudge();
    },
    setAutoRefresh(on) {
      autoRefresh.value = on;
      if (on) feed?.start("now");
      else if (shown.value?.detail) feed?.stop();
    },
    replace(device) {
      const detail = shown.value?.detail;
      update({ device, detail: detail ? { ...detail, device } : null });
    },
  };
}

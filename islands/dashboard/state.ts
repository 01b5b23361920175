/** The dashboard's state: what it shows, and what a person can do. Components only read and call it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { UserView } from "@/lib/contract/auth.ts";
import type {
  DeviceDetail,
  DeviceList,
  DeviceQuery,
} from "@/lib/contract/dashboard.ts";
import type { Clock } from "@/components/clock.tsx";
import {
  type AgentTokenKeeper,
  createAgentTokenKeeper,
} from "@/islands/dashboard/agent_token.ts";
import { createApi, deviceEventsHref } from "@/islands/dashboard/api.ts";
import type { Browser } from "@/islands/dashboard/browser.ts";
import {
  createLiveDeviceDetails,
  type LiveDeviceDetails,
} from "@/islands/dashboard/device_details.ts";
import {
  createLiveDeviceList,
  type LiveDeviceList,
} from "@/islands/dashboard/device_list.ts";
import {
  createNavigation,
  type Navigation,
  sameQuery,
} from "@/islands/dashboard/navigation.ts";
import { type View, viewHref } from "@/islands/dashboard/url.ts";

export interface DashboardProps {
  list: DeviceList;
  query: DeviceQuery;
  /** The details of `deviceId`; null where there is no such device. */
  detail: DeviceDetail | null;
  deviceId: string | null;
  user: UserView;
  /** Where agents reach this server. */
  serverUrl: string;
  /** The time of the rendering, ISO 8601. */
  now: string;
}

export interface Dashboard {
  clock: ReadonlySignal<Clock>;
  navigation: Navigation;
  devices: LiveDeviceList;
  details: LiveDeviceDetails;
  agentToken: AgentTokenKeeper;
  /** Begins to live; returns what ends that. */
  start(): () => void;
  renameDevice(deviceId: string, deviceName: string): Promise<void>;
  deleteDevice(deviceId: string): Promise<void>;
}

export interface DashboardOptions {
  props: DashboardProps;
  browser: Browser;
  /** True while the pointer or the focus is on the rows of devices. */
  isHeld: () => boolean;
}

const CLOCK_STEP_MS = 1_000;
/** Answers tell the server's time in whole seconds and arrive late: less than this is no difference. */
const CLOCK_TOLERANCE_MS = 2_000;
/** Typing rests this long before the server is asked. */
const TYPING_PAUSE_MS = 200;

/** Nothing happens before `start`, so the server can render it too. */
export function createDashboard(
  { props, browser, isHeld }: DashboardOptions,
): Dashboard {
  const { timers, visibility } = browser;
  const { clock, onServerTime, startClock } = createClock(props.now, browser);
  const api = createApi({
    fetch: browser.fetch,
    onServerTime,
    onSessionEnd() {
      const here = viewHref(navigation.view.value);
      browser.goTo(`/login?next=${encodeURIComponent(here)}`);
    },
  });
  const agentToken = createAgentTokenKeeper({
    storage: browser.storage,
    fetchToken: api.agentToken,
    userId: props.user.id,
    nowMs: () => clock.value.nowMs,
  });
  const navigation = createNavigation({
    initial: { query: props.query, deviceId: props.deviceId },
    history: browser.history,
    onChange,
  });
  const query = () => navigation.view.value.query;
  const devices = createLiveDeviceList({
    initial: props.list,
    loadedAtMs: Date.parse(props.now),
    query,
    load: (signal) => api.listDevices(query(), signal),
    openStream: browser.openStream,
    streamHref: () => deviceEventsHref(query()),
    onLoaded: () => void agentToken.ensure(),
    onChange(change) {
      for (const { id } of change.devices) details.hint(id);
      change.removed.forEach(details.hint);
    },
    isHeld,
    timers,
    visibility,
  });
  const details = createLiveDeviceDetails({
    load: api.deviceDetail,
    timers,
    visibility,
  });
  if (props.deviceId !== null) {
    details.show({
      deviceId: props.deviceId,
      detail: props.detail,
      updatedAtMs: Date.parse(props.now),
      missing: props.detail === null,
    });
  }

  function onChange(before: View) {
    const { query, deviceId } = navigation.view.value;
    if (!sameQuery(before.query, query)) {
      const isTyping = before.query.q !== query.q;
      devices.reload(isTyping ? TYPING_PAUSE_MS : 0);
    }
    if (before.deviceId === deviceId) return;
    if (deviceId === null) return details.hide();
    const row = devices.rows.value.find(({ value }) => value.id === deviceId);
    details.show({ deviceId, device: row?.value ?? null });
    details.start();
  }

  return {
    clock,
    navigation,
    devices,
    details,
    agentToken,
    start() {
      const ends = [startClock(), navigation.start(), devices.stop];
      devices.start();
      details.start();
      void agentToken.ensure();
      return () => {
        ends.forEach((end) => end());
        details.hide();
      };
    },
    async renameDevice(deviceId, deviceName) {
      const device = await api.renameDevice(deviceId, deviceName);
      devices.replace(device);
      if (details.shown.value?.deviceId === deviceId) details.replace(device);
      devices.refresh();
    },
    async deleteDevice(deviceId) {
      await api.deleteDevice(deviceId);
      devices.remove(deviceId);
      if (navigation.view.value.deviceId === deviceId) {
        navigation.openDevice(null);
      }
      devices.refresh();
    },
  };
}

/** A clock that shows the server's time, so that "2 min ago" holds where this machine's clock is wrong. */
function createClock(now: string, browser: Browser) {
  const { timers, timeZone } = browser;
  const clock = signal<Clock>({ nowMs: Date.parse(now), timeZone: "UTC" });
  let offsetMs = 0;

  const startClock = () => {
    const zone = timeZone();
    onServerTime(Date.parse(now), browser.receivedAtMs());
    let cancel = () => {};
    const tick = () => {
      clock.value = { nowMs: timers.nowMs() + offsetMs, timeZone: zone };
      cancel = timers.after(CLOCK_STEP_MS, tick);
    };
    tick();
    return () => cancel();
  };

  /** The server's time, and this machine's when it was told. */
  const onServerTime = (serverMs: number, atMs = timers.nowMs()) => {
    const difference = serverMs - atMs;
    offsetMs = Math.abs(difference) < CLOCK_TOLERANCE_MS ? 0 : difference;
  };

  return { clock, onServerTime, startClock };
}

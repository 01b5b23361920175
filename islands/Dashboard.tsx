import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { ClockContext } from "@/components/clock.tsx";
import { Freshness } from "@/components/Freshness.tsx";
import { GetForm } from "@/components/GetForm.tsx";
import { PlusIcon, RefreshIcon } from "@/components/icons.tsx";
import { StatCards } from "@/components/StatCards.tsx";
import { createBrowser } from "@/islands/dashboard/browser.ts";
import { connectCommand } from "@/islands/dashboard/connect_command.ts";
import { ConnectDialog } from "@/islands/dashboard/ConnectDialog.tsx";
import { ConnectPanel } from "@/islands/dashboard/ConnectPanel.tsx";
import { DetailsDialog } from "@/islands/dashboard/DetailsDialog.tsx";
import { DevicesPanel } from "@/islands/dashboard/DevicesPanel.tsx";
import { isPointedAt } from "@/islands/dashboard/pointing.ts";
import {
  createDashboard,
  type Dashboard,
  type DashboardProps,
} from "@/islands/dashboard/state.ts";
import { viewFields } from "@/islands/dashboard/url.ts";

/** The live dashboard: the fleet's figures, its devices, and the details of one. */
export default function DashboardIsland(props: DashboardProps) {
  const { serverUrl } = props;
  const bodyRef = useRef<HTMLTableSectionElement>(null);
  const isConnecting = useSignal(false);
  // The props are those of the page as it was rendered; from there on the state lives by itself.
  const dashboard = useMemo(() =>
    createDashboard({
      props,
      browser: createBrowser(),
      isHeld: () => isPointedAt(bodyRef.current),
    }), []);
  useEffect(() => dashboard.start(), []);
  useEffect(() => forgetTokenAtLogout(dashboard), []);

  const { devices, details, clock } = dashboard;
  const shown = details.shown.value;
  useFocusAfterDetails(shown?.deviceId ?? null);
  const hasDevices = devices.list.value.stats.total > 0;
  const renewToken = dashboard.agentToken.renew;
  return (
    <ClockContext.Provider value={clock}>
      <main
        id="main"
        tabIndex={-1}
        class={`page-width dashboard ${devices.failure.value ? "stale" : ""}`}
      >
        <Heading
          dashboard={dashboard}
          onConnect={() => isConnecting.value = true}
        />
        <StatCards stats={devices.list.value.stats} />
        {hasDevices
          ? <DevicesPanel dashboard={dashboard} bodyRef={bodyRef} />
          : <FirstDevice serverUrl={serverUrl} renewToken={renewToken} />}
      </main>
      {shown && (
        <DetailsDialog
          key={shown.deviceId}
          dashboard={dashboard}
          shown={shown}
          onClose={() => dashboard.navigation.openDevice(null)}
        />
      )}
      {isConnecting.value && (
        <ConnectDialog
          serverUrl={serverUrl}
          renewToken={renewToken}
          onClose={() => isConnecting.value = false}
        />
      )}
    </ClockContext.Provider>
  );
}

function Heading(
  { dashboard, onConnect }: { dashboard: Dashboard; onConnect: () => void },
) {
  const { devices, navigation } = dashboard;
  return (
    <div class="dashboard-heading">
      <h1 class="text-xl font-semibold tracking-tight">Fleet</h1>
      <Freshness
        updatedAtMs={devices.updatedAtMs.value}
        mode={devices.mode.value}
        failure={devices.failure.value}
      />
      <div class="flex gap-2">
        <GetForm
          fields={viewFields(navigation.view.value)}
          onSubmit={devices.refresh}
        >
          <button type="submit" class="button button-quiet h-9">
            <RefreshIcon /> <span class="max-sm:sr-only">Refresh</span>
          </button>
        </GetForm>
        <button
          type="button"
          class="button button-primary with-scripts h-9"
          aria-haspopup="dialog"
          onClick={onConnect}
        >
          <PlusIcon /> Connect a device
        </button>
      </div>
    </div>
  );
}

/** What an account without devices sees in the place of the table. */
function FirstDevice(
  props: { serverUrl: string; renewToken: () => Promise<string> },
) {
  return (
    <section class="panel first-device" aria-labelledby="first-title">
      <div class="grid content-start gap-3">
        <h2 id="first-title" class="text-lg font-semibold tracking-tight">
          Connect your first device
        </h2>
        <p class="text-sm text-muted">
          Start the agent on a meter, a gateway or this very machine. It reports
          the connections it sees every few seconds.
        </p>
        <p class="flex items-center gap-2 text-sm text-muted with-scripts">
          <span class="waiting-dot" aria-hidden="true" />
          Waiting for the first report
        </p>
      </div>
      <div class="with-scripts">
        <ConnectPanel {...props} />
      </div>
      <div class="without-scripts command">
        <p class="text-sm text-muted">
          Scripts are off, so put in the token yourself: the one that{" "}
          <code>POST /api/auth/login</code> answers with.
        </p>
        <pre><code>{connectCommand("deno", {
          serverUrl: props.serverUrl,
          token: "TOKEN",
          deviceName: "meter-1",
        })}</code></pre>
      </div>
    </section>
  );
}

/**
 * The dialog gives the focus back to its opener. Where there is none, as after a deep link or a
 * deletion, it goes to the device's row, or to the page.
 */
function useFocusAfterDetails(deviceId: string | null) {
  const before = useRef<string | null>(null);
  useEffect(() => {
    const closed = before.current;
    before.current = deviceId;
    if (deviceId !== null || closed === null) return;
    if (document.activeElement !== document.body) return;
    const row = document.querySelector<HTMLElement>(
      `[data-device="${CSS.escape(closed)}"]`,
    );
    (row ?? document.getElementById("main"))?.focus({ preventScroll: true });
  }, [deviceId]);
}

/** The logout's form is a part of the page around the island. */
function forgetTokenAtLogout({ agentToken }: Dashboard): () => void {
  const onSubmit = ({ target }: Event) => {
    const isLogout = target instanceof HTMLFormElement &&
      new URL(target.action).pathname === "/logout";
    if (isLogout) agentToken.clear();
  };
  document.addEventListener("submit", onSubmit);
  return () => document.removeEventListener("submit", onSubmit);
}

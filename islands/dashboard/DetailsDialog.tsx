import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { PencilIcon, TrashIcon } from "@/components/icons.tsx";
import { StatusBadge } from "@/components/badges.tsx";
import { DeviceFacts, DeviceTotals } from "@/components/DeviceSummary.tsx";
import { Freshness } from "@/components/Freshness.tsx";
import { CloseButton, Modal } from "@/components/Modal.tsx";
import { ConnectionsPanel } from "@/islands/dashboard/ConnectionsPanel.tsx";
import { DeleteDevice } from "@/islands/dashboard/DeleteDevice.tsx";
import type { ShownDevice } from "@/islands/dashboard/device_details.ts";
import { RenameDevice } from "@/islands/dashboard/RenameDevice.tsx";
import type { Dashboard } from "@/islands/dashboard/state.ts";

export interface DetailsDialogProps {
  dashboard: Dashboard;
  shown: ShownDevice;
  onClose: () => void;
}

/** What a person is about to do to the device. */
type Task = "rename" | "delete" | null;

/** All about one device, and what one can do to it. */
export function DetailsDialog(
  { dashboard, shown, onClose }: DetailsDialogProps,
) {
  const { deviceId, device, detail, missing } = shown;
  const task = useSignal<Task>(null);
  const endTask = () => task.value = null;
  const header = useRef<HTMLElement>(null);
  useFocusAfterTask(task.value, header);
  const changeable = device !== null && !missing;
  return (
    <Modal labelledBy="device-title" class="modal-large" onClose={onClose}>
      <header ref={header} class="details-header">
        <div class="details-title">
          {changeable && task.value === "rename"
            ? (
              <RenameDevice
                deviceName={device.deviceName}
                rename={(name) => dashboard.renameDevice(deviceId, name)}
                onEnd={endTask}
              />
            )
            : (
              <h2 id="device-title" title={device?.deviceName}>
                {missing ? "No such device" : device?.deviceName ?? "Loading…"}
              </h2>
            )}
          {changeable && task.value !== "rename" && (
            <StatusBadge status={device.status} />
          )}
        </div>
        <div class="flex items-center gap-1">
          {changeable && task.value !== "rename" && (
            <TaskButtons onChoose={(next) => task.value = next} />
          )}
          <CloseButton />
        </div>
      </header>
      <div class={`details-body ${shown.failure ? "stale" : ""}`}>
        {changeable && task.value === "delete" && (
          <DeleteDevice
            deviceName={device.deviceName}
            remove={() => dashboard.deleteDevice(deviceId)}
            onEnd={endTask}
          />
        )}
        {missing
          ? (
            <p class="callout callout-warn m-5">
              This device was deleted, or it belongs to somebody else.
            </p>
          )
          : (
            <>
              <DeviceFacts device={device} />
              <DeviceTotals stats={detail?.stats ?? null} />
              <RefreshBar dashboard={dashboard} shown={shown} />
              <ConnectionsPanel
                connections={detail?.connections ?? null}
              />
            </>
          )}
      </div>
    </Modal>
  );
}

/** When a task ends, what had the focus is gone: it goes to the button that the task began with. */
function useFocusAfterTask(task: Task, header: RefObject<HTMLElement | null>) {
  const before = useRef<Task>(null);
  useLayoutEffect(() => {
    if (task === null && before.current !== null) {
      header.current?.querySelector<HTMLElement>(
        `[data-task="${before.current}"]`,
      )?.focus();
    }
    before.current = task;
  }, [task]);
}

function TaskButtons({ onChoose }: { onChoose: (task: Task) => void }) {
  return (
    <>
      <button
        type="button"
        class="button button-plain button-small with-scripts"
        data-task="rename"
        onClick={() => onChoose("rename")}
      >
        <PencilIcon class="size-3.5" />
        <span class="max-sm:sr-only">Rename</span>
      </button>
      <button
        type="button"
        class="button button-plain button-small with-scripts"
        data-task="delete"
        onClick={() => onChoose("delete")}
      >
        <TrashIcon class="size-3.5" />
        <span class="max-sm:sr-only">Delete</span>
      </button>
    </>
  );
}

/** How fresh the details are, and the switch that keeps them so. */
function RefreshBar(
  { dashboard, shown }: { dashboard: Dashboard; shown: ShownDevice },
) {
  const { autoRefresh, setAutoRefresh } = dashboard.details;
  return (
    <div class="details-bar">
      <Freshness updatedAtMs={shown.updatedAtMs} failure={shown.failure} />
      <label class="switch with-scripts">
        <input
          type="checkbox"
          role="switch"
          checked={autoRefresh.value}
          onChange={(event) => setAutoRefresh(event.currentTarget.checked)}
        />
        Auto refresh
      </label>
    </div>
  );
}

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { AlertIcon } from "@/components/icons.tsx";

export interface DeleteDeviceProps {
  deviceName: string;
  /** Rejects where the server does not delete; the dialog closes where it does. */
  remove: () => Promise<void>;
  /** Given up. */
  onEnd: () => void;
}

/** Asks before a device is deleted, and says what goes with it. */
export function DeleteDevice({ deviceName, remove, onEnd }: DeleteDeviceProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  useLayoutEffect(() => cancel.current?.focus(), []);

  const onDelete = async () => {
    if (busy.value) return;
    busy.value = true;
    try {
      await remove();
    } catch (cause) {
      error.value = cause instanceof Error ? cause.message : String(cause);
    } finally {
      busy.value = false;
    }
  };

  return (
    <section
      role="group"
      aria-labelledby="delete-title"
      aria-describedby="delete-text"
      class="callout callout-off m-5 mb-0"
    >
      <AlertIcon class="mt-0.5 size-4" />
      <div class="grid gap-3">
        <h3 id="delete-title" class="font-semibold break-words">
          Delete {deviceName}?
        </h3>
        <p id="delete-text" class="text-ink">
          Its connections are deleted too. An agent that still runs on it will
          register it anew.
        </p>
        {error.value !== null && (
          <p role="alert">Could not delete: {error.value}</p>
        )}
        <div class="flex gap-2">
          <button
            type="button"
            class="button button-danger h-9"
            aria-disabled={busy.value}
            onClick={onDelete}
          >
            Delete device
          </button>
          <button
            ref={cancel}
            type="button"
            class="button button-quiet h-9"
            onClick={onEnd}
          >
            Cancel
          </button>
        </div>
      </div>
    </section>
  );
}

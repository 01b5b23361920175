import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { FieldError } from "@/lib/domain/errors.ts";
import { FieldMessage } from "@/components/FormField.tsx";
import { ApiError } from "@/islands/dashboard/api.ts";

export interface RenameDeviceProps {
  deviceName: string;
  /** Rejects where the server refuses the name. */
  rename: (deviceName: string) => Promise<void>;
  /** Renamed, or given up. */
  onEnd: () => void;
}

const LABEL = "Device name";

/** The device's name as a field, in the place of the name. Escape gives up. */
export function RenameDevice(
  { deviceName, rename, onEnd }: RenameDeviceProps,
) {
  const input = useRef<HTMLInputElement>(null);
  const errors = useSignal<FieldError[]>([]);
  const busy = useSignal(false);
  useLayoutEffect(() => input.current?.select(), []);

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (busy.value || !input.current) return;
    busy.value = true;
    try {
      await rename(input.current.value);
      onEnd();
    } catch (error) {
      errors.value = fieldErrors(error);
      input.current?.focus();
    } finally {
      busy.value = false;
    }
  };

  return (
    <form class="min-w-0 flex-1" noValidate onSubmit={onSubmit}>
      {/* The dialog's name, while the heading is away. */}
      <h2 id="device-title" class="sr-only">Rename {deviceName}</h2>
      <div class="flex gap-2">
        <input
          ref={input}
          aria-label={LABEL}
          class="input h-9 min-w-0 flex-1 sm:max-w-md"
          defaultValue={deviceName}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={errors.value.length > 0 ? "true" : undefined}
          aria-describedby={errors.value.length > 0
            ? "rename-error"
            : undefined}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            // Else it would close the dialog as well.
            event.preventDefault();
            onEnd();
          }}
        />
        <button type="submit" class="button button-primary h-9">Save</button>
        <button type="button" class="button button-quiet h-9" onClick={onEnd}>
          Cancel
        </button>
      </div>
      <div role="alert" class="mt-1.5 empty:hidden">
        {errors.value.length > 0 && (
          <FieldMessage
            id="rename-error"
            errors={errors.value}
            label={LABEL}
          />
        )}
      </div>
    </form>
  );
}

function fieldErrors(error: unknown): FieldError[] {
  if (error instanceof ApiError && error.fields.length > 0) {
    return error.fields;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return [{ path: "deviceName", message: reason }];
}

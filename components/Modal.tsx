import type { ComponentChildren } from "preact";
import { CloseIcon } from "@/components/icons.tsx";
import { useLayoutEffect, useRef } from "preact/hooks";

const ON_SERVER = typeof document === "undefined";

export interface ModalProps {
  /** The id of the heading that names the dialog. */
  labelledBy: string;
  class?: string;
  onClose: () => void;
  children: ComponentChildren;
}

/**
 * A modal dialog, open for as long as it is rendered. The browser's own `<dialog>` keeps the focus
 * inside, closes on Escape and gives the focus back to where it was. From the server it comes as an
 * open dialog that is not modal, which also shows where scripts are off.
 */
export function Modal(
  { labelledBy, class: className, onClose, children }: ModalProps,
) {
  const ref = useRef<HTMLDialogElement>(null);
  const isLeaving = useRef(false);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    // By the attribute: close() would tell onClose.
    dialog.removeAttribute("open");
    dialog.showModal();
    // Not its first button: so its name is read, and Enter does nothing by surprise.
    dialog.focus();
    return () => {
      // Closing gives the focus back. The event for it comes when the next dialog may be open.
      isLeaving.current = true;
      dialog.close();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      open={ON_SERVER}
      tabIndex={-1}
      aria-labelledby={labelledBy}
      class={`modal ${className ?? ""}`}
      onClose={() => !isLeaving.current && onClose()}
      onClick={(event) => {
        // The dialog itself is only hit beside its content, on the backdrop.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      {children}
    </dialog>
  );
}

/** Closes the dialog that it is in, without a script of ours. */
export function CloseButton() {
  return (
    <form method="dialog">
      <button type="submit" class="button button-icon" aria-label="Close">
        <CloseIcon />
      </button>
    </form>
  );
}

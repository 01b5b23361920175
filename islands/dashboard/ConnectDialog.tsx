import { CloseButton, Modal } from "@/components/Modal.tsx";
import {
  ConnectPanel,
  type ConnectPanelProps,
} from "@/islands/dashboard/ConnectPanel.tsx";

/** The command that connects a device, as a dialog. */
export function ConnectDialog(
  { onClose, ...panel }: ConnectPanelProps & { onClose: () => void },
) {
  return (
    <Modal labelledBy="connect-title" class="modal-small" onClose={onClose}>
      <div class="grid gap-4 p-5 sm:p-6">
        <header class="flex items-start justify-between gap-4">
          <h2 id="connect-title" class="text-lg font-semibold tracking-tight">
            Connect a device
          </h2>
          <CloseButton />
        </header>
        <ConnectPanel {...panel} />
      </div>
    </Modal>
  );
}

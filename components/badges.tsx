/** Small marks for what a device or a connection is. */
import type { Protocol } from "@/lib/domain/connection.ts";
import type { DeviceStatus } from "@/lib/domain/device_status.ts";

/** A status as a dot and a word: the colour is never the only sign. */
export function StatusBadge({ status }: { status: DeviceStatus }) {
  return (
    <span class={`status status-${status}`}>
      <span class="status-dot" aria-hidden="true" />
      {status === "online" ? "Online" : "Offline"}
    </span>
  );
}

export function ProtocolChip({ protocol }: { protocol: Protocol }) {
  return <span class={`chip chip-${protocol.toLowerCase()}`}>{protocol}</span>;
}

/** The protocols in use; a dash where there is no connection. */
export function ProtocolChips({ protocols }: { protocols: Protocol[] }) {
  if (protocols.length === 0) return <None label="none" />;
  return (
    <span class="inline-flex gap-1">
      {protocols.map((p) => <ProtocolChip key={p} protocol={p} />)}
    </span>
  );
}

/** A dash for the eye, a word for the ear. */
export function None({ label }: { label: string }) {
  return (
    <span class="text-faint">
      <span aria-hidden="true">–</span>
      <span class="sr-only">{label}</span>
    </span>
  );
}

/** What a device does not tell. */
export function Unknown() {
  return <span class="text-faint italic">unknown</span>;
}

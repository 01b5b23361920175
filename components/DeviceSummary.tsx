/** What there is to say of one device, above its connections. */
import type { ComponentChildren } from "preact";
import type { DeviceDetail, DeviceView } from "@/lib/contract/dashboard.ts";
import { None, Unknown } from "@/components/badges.tsx";
import { TimeAgo } from "@/components/clock.tsx";
import { formatBytes, formatCount } from "@/components/format.ts";
import { Stat } from "@/components/StatCards.tsx";

/** Whose the device is and what runs on it; dashes while that is on its way. */
export function DeviceFacts({ device }: { device: DeviceView | null }) {
  return (
    <dl class="facts">
      <Fact label="Owner">{device ? device.username : <Loading />}</Fact>
      <Fact label="Last seen">
        {!device
          ? <Loading />
          : device.lastSeen === null
          ? "never"
          : <TimeAgo iso={device.lastSeen} />}
      </Fact>
      <Fact label="Reports">
        {device ? `every ${device.intervalSeconds} s` : <Loading />}
      </Fact>
      <Fact label="OS">{device ? device.os ?? <Unknown /> : <Loading />}</Fact>
      <Fact label="Agent version">
        {device ? device.agentVersion ?? <Unknown /> : <Loading />}
      </Fact>
      <Fact label="Registered">
        {device ? <TimeAgo iso={device.registeredAt} /> : <Loading />}
      </Fact>
    </dl>
  );
}

function Fact(
  { label, children }: { label: string; children: ComponentChildren },
) {
  return (
    <div class="min-w-0">
      <dt class="text-xs text-muted">{label}</dt>
      <dd class="truncate text-sm">{children}</dd>
    </div>
  );
}

/** The device's connections in four figures; dashes while they are on their way. */
export function DeviceTotals(
  { stats }: { stats: DeviceDetail["stats"] | null },
) {
  return (
    <dl class="stats" aria-label="Totals">
      <Stat
        label="Total connections"
        figure={stats ? formatCount(stats.totalConnections) : <Loading />}
      />
      <BytesStat
        label="Bytes in"
        bytes={stats && stats.bytesIn}
        known={stats !== null}
      />
      <BytesStat
        label="Bytes out"
        bytes={stats && stats.bytesOut}
        known={stats !== null}
      />
      <Stat
        label="Unique destination IPs"
        figure={stats ? formatCount(stats.uniqueDestIps) : <Loading />}
      />
    </dl>
  );
}

function BytesStat(
  { label, bytes, known }: {
    label: string;
    bytes: number | null;
    known: boolean;
  },
) {
  if (!known) return <Stat label={label} figure={<Loading />} />;
  if (bytes === null) return <Stat label={label} figure={<Unknown />} />;
  return (
    <Stat
      label={label}
      figure={formatBytes(bytes)}
      title={`${formatCount(bytes)} bytes`}
    />
  );
}

const Loading = () => <None label="loading" />;

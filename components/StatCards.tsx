import type { ComponentChildren } from "preact";
import type { FleetStats } from "@/lib/contract/dashboard.ts";
import { formatCount } from "@/components/format.ts";

/** The fleet in four figures. */
export function StatCards({ stats }: { stats: FleetStats }) {
  const { total, online, offline, connections } = stats;
  return (
    <dl class="stats" aria-label="Statistics">
      <Stat label="Devices" figure={formatCount(total)}>
        <ShareBar part={online} whole={total} />
      </Stat>
      <Stat
        label="Online"
        figure={formatCount(online)}
        tone={online > 0 ? "ok" : undefined}
      >
        {share(online, total)}
      </Stat>
      <Stat
        label="Offline"
        figure={formatCount(offline)}
        tone={offline > 0 ? "off" : undefined}
      >
        {share(offline, total)}
      </Stat>
      <Stat label="Active connections" figure={formatCount(connections)}>
        {total > 0 &&
          `${
            formatCount(Math.round(connections / total * 10) / 10)
          } per device`}
      </Stat>
    </dl>
  );
}

export interface StatProps {
  label: string;
  figure: ComponentChildren;
  /** What a hover tells, such as the exact number behind a rounded one. */
  title?: string;
  tone?: "ok" | "off";
  /** A line below the figure; its room is kept where there is none. */
  children?: ComponentChildren;
}

/** One figure of a row of figures. */
export function Stat({ label, figure, title, tone, children }: StatProps) {
  return (
    <div class={tone ? `stat stat-${tone}` : "stat"}>
      <dt class="stat-label">{label}</dt>
      <dd class="stat-figure" title={title}>{figure}</dd>
      {children !== undefined && <dd class="stat-note">{children}</dd>}
    </div>
  );
}

/** `97.8 % of all`, never rounded up to all or down to none. */
function share(part: number, whole: number): string {
  if (whole === 0) return "";
  const percent = part / whole * 100;
  const bounded = percent > 99.9 && part < whole
    ? 99.9
    : percent < 0.1 && part > 0
    ? 0.1
    : percent;
  return `${Number(bounded.toFixed(1))} % of all`;
}

function ShareBar({ part, whole }: { part: number; whole: number }) {
  const percent = whole === 0 ? 0 : part / whole * 100;
  return (
    <svg class="share-bar" aria-hidden="true">
      <rect width="100%" height="100%" class="fill-line" />
      <rect width={`${percent.toFixed(2)}%`} height="100%" class="fill-ok" />
    </svg>
  );
}

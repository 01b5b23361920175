import { AlertIcon } from "@/components/icons.tsx";
import { TimeOfDay } from "@/components/clock.tsx";

/** What keeps what one sees fresh. */
const MODES = {
  live: { label: "Live", title: "The server tells of changes as they happen" },
  polling: {
    label: "Every 5 s",
    title: "The server is asked every 5 seconds: live updates do not come",
  },
};

export interface FreshnessProps {
  /** When what is shown came; null before anything did. */
  updatedAtMs: number | null;
  failure: { sinceMs: number; reason: string } | null;
  /** Null where it is not known yet; absent where it is not of interest. */
  mode?: keyof typeof MODES | null;
}

/** The dot beats at most this often: an animation that never rests keeps a machine busy. */
const BEAT_MS = 5_000;

/**
 * How fresh what one sees is: the time of the update and what brings the next one, or since when
 * updates fail. All have the same place, so that nothing moves; only the failure is announced.
 */
export function Freshness({ updatedAtMs, failure, mode }: FreshnessProps) {
  return (
    <div class="freshness">
      {failure === null && updatedAtMs !== null && (
        <p class="flex items-center gap-2 text-muted">
          {/* A new key restarts the dot's animation: a sign of life. */}
          <span
            key={Math.floor(updatedAtMs / BEAT_MS)}
            class="heartbeat"
            aria-hidden="true"
          />
          <span>
            Updated <TimeOfDay ms={updatedAtMs} />
          </span>
          {mode && <Mode mode={mode} />}
        </p>
      )}
      <div role="status">
        {failure !== null && (
          <p class="freshness-failure">
            <AlertIcon class="mt-0.5 size-3.5" />
            <span>
              {failure.reason} since <TimeOfDay ms={failure.sinceMs} />.
              {updatedAtMs !== null && (
                <>
                  {" "}Last updated <TimeOfDay ms={updatedAtMs} />.
                </>
              )} Trying again.
            </span>
          </p>
        )}
      </div>
    </div>
  );
}

function Mode({ mode }: { mode: keyof typeof MODES }) {
  const { label, title } = MODES[mode];
  return <span class={`mode mode-${mode}`} title={title}>{label}</span>;
}

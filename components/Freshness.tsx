import { AlertIcon } from "@/components/icons.tsx";
import { TimeOfDay } from "@/components/clock.tsx";

export interface FreshnessProps {
  /** When what is shown came; null before anything did. */
  updatedAtMs: number | null;
  failure: { sinceMs: number; reason: string } | null;
}

/**
 * How fresh what one sees is: the time of the update, or since when updates fail. Both have the same
 * place, so that nothing moves; only the failure is announced.
 */
export function Freshness({ updatedAtMs, failure }: FreshnessProps) {
  return (
    <div class="freshness">
      {failure === null && updatedAtMs !== null && (
        <p class="flex items-center gap-2 text-muted">
          {/* A new key restarts the dot's animation: a sign of life at each update. */}
          <span key={updatedAtMs} class="heartbeat" aria-hidden="true" />
          <span>
            Updated <TimeOfDay ms={updatedAtMs} />
          </span>
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

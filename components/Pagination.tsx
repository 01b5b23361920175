import { formatCount } from "@/components/format.ts";

export interface PaginationProps {
  /** How many devices are on the pages before; null where a shared link led into the middle. */
  before: number | null;
  shown: number;
  matched: number;
  firstHref: string;
  nextHref: string | null;
  onFirst: () => void;
  onPrevious: () => void;
  onNext: () => void;
}

/** Where one is in a long list, and the ways on. */
export function Pagination(props: PaginationProps) {
  const { before, nextHref } = props;
  const go = (action: () => void) => (event: MouseEvent) => {
    event.preventDefault();
    action();
  };
  return (
    <nav aria-label="Pages" class="pagination">
      <p class="tabular-nums">{rangeText(props)}</p>
      <div class="flex gap-2">
        {before !== 0 && (
          <a
            href={props.firstHref}
            class="button button-quiet button-small"
            onClick={go(props.onFirst)}
          >
            First page
          </a>
        )}
        {before !== null && before > 0 && (
          <button
            type="button"
            class="button button-quiet button-small with-scripts"
            onClick={props.onPrevious}
          >
            Previous
          </button>
        )}
        {nextHref !== null && (
          <a
            href={nextHref}
            class="button button-quiet button-small"
            onClick={go(props.onNext)}
          >
            Next
          </a>
        )}
      </div>
    </nav>
  );
}

/** `1–100 of 2,345`. */
export function rangeText(
  { before, shown, matched }: Pick<
    PaginationProps,
    "before" | "shown" | "matched"
  >,
): string {
  if (shown === 0) return `0 of ${formatCount(matched)}`;
  if (before === null) {
    return `${formatCount(shown)} of ${formatCount(matched)}`;
  }
  const first = formatCount(before + 1);
  const last = formatCount(before + shown);
  return `${first}–${last} of ${formatCount(matched)}`;
}

/** Line icons on a grid of 16, drawn here. They are decoration: the text beside one says the same. */
import type { ComponentChildren } from "preact";

function Icon(
  { children, class: className = "size-4" }: {
    children: ComponentChildren;
    class?: string;
  },
) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      class={`shrink-0 ${className}`}
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

interface IconProps {
  class?: string;
}

export const SearchIcon = (props: IconProps) => (
  <Icon {...props}>
    <circle cx="7" cy="7" r="4.25" />
    <path d="m10.25 10.25 3.25 3.25" />
  </Icon>
);

export const RefreshIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M13.25 8a5.25 5.25 0 1 1-1.6-3.75L13.25 5.8" />
    <path d="M13.25 2.75V5.8h-3.1" />
  </Icon>
);

export const PlusIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M8 3.25v9.5M3.25 8h9.5" />
  </Icon>
);

export const CloseIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);

export const CopyIcon = (props: IconProps) => (
  <Icon {...props}>
    <rect x="5.75" y="5.75" width="7.5" height="7.5" rx="1.25" />
    <path d="M10.25 5.75v-2c0-.55-.45-1-1-1h-5.5c-.55 0-1 .45-1 1v5.5c0 .55.45 1 1 1h2" />
  </Icon>
);

export const CheckIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m3.25 8.5 3.25 3.25 6.25-7" />
  </Icon>
);

export const AlertIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M8 2.5 14.25 13.25H1.75Z" />
    <path d="M8 6.75v2.75M8 11.4v.1" />
  </Icon>
);

export const PencilIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m10.5 3 2.5 2.5-7.25 7.25-3 .5.5-3Z" />
  </Icon>
);

export const TrashIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M2.75 4.25h10.5M6.25 4.25v-1.5h3.5v1.5M4.25 4.25l.5 9h6.5l.5-9" />
  </Icon>
);

/** The direction of a sorted column; both directions, faint, for one that is not sorted. */
export function SortIcon({ order }: { order: "asc" | "desc" | null }) {
  return (
    <svg
      viewBox="0 0 8 12"
      class="sort-icon h-3 w-2 shrink-0"
      aria-hidden="true"
    >
      {order !== "desc" && <path d="M4 1.5 7 5H1Z" fill="currentColor" />}
      {order !== "asc" && <path d="M4 10.5 1 7h6Z" fill="currentColor" />}
    </svg>
  );
}

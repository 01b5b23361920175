/** The mark: a meter's dial with its needle. Its colours are its own, so that it also serves as the favicon. */
export function LogoMark({ class: className }: { class?: string }) {
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 32 32"
      class={className}
      aria-hidden="true"
    >
      <rect width="32" height="32" rx="8" fill="#0b6b6b" />
      <path
        d="M7.34 23 A10 10 0 1 1 24.66 23"
        pathLength="36"
        fill="none"
        stroke="#c9efea"
        stroke-width="3.4"
        stroke-dasharray="1.4 3.543"
      />
      <path
        d="M16 18 L20.6 11.8"
        stroke="#ffc857"
        stroke-width="2.6"
        stroke-linecap="round"
      />
      <circle cx="16" cy="18" r="2.9" fill="#ffc857" />
    </svg>
  );
}

/** The mark with the product's name. */
export function Logo() {
  return (
    <span class="inline-flex items-center gap-2.5">
      <LogoMark class="size-7 shrink-0" />
      <span class="font-semibold tracking-tight whitespace-nowrap">
        Smart Meter Monitor
      </span>
    </span>
  );
}

/** A large dial as decoration, for the pages that have little else. */
export function DialArt({ class: className }: { class?: string }) {
  return (
    <svg viewBox="0 0 400 400" class={className} aria-hidden="true">
      <g fill="none" stroke="currentColor">
        <circle cx="200" cy="200" r="190" stroke-opacity="0.25" />
        <circle
          cx="200"
          cy="200"
          r="172"
          pathLength="400"
          stroke-width="8"
          stroke-dasharray="1 3"
          stroke-opacity="0.4"
        />
        <circle
          cx="200"
          cy="200"
          r="168"
          pathLength="400"
          stroke-width="18"
          stroke-dasharray="1 19"
          stroke-opacity="0.8"
        />
        <circle cx="200" cy="200" r="120" stroke-opacity="0.2" />
        <circle
          cx="200"
          cy="200"
          r="112"
          pathLength="100"
          stroke-width="3"
          stroke-dasharray="0.6 1.4"
          stroke-opacity="0.35"
        />
      </g>
      <path
        d="M200 200 L291 84"
        stroke="#ffc857"
        stroke-width="5"
        stroke-linecap="round"
      />
      <circle cx="200" cy="200" r="13" fill="#ffc857" />
      <circle cx="200" cy="200" r="5" fill="#0e2829" />
    </svg>
  );
}

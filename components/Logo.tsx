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

const DIAL_TICKS = 60;

/** The ticks of the dial around (200, 200) as one path; `each` picks every so many of them. */
function ticks(each: number, outerRadius: number, length: number): string {
  let path = "";
  for (let tick = 0; tick < DIAL_TICKS; tick += each) {
    const angle = tick / DIAL_TICKS * 2 * Math.PI;
    const at = (radius: number) =>
      `${(200 + radius * Math.cos(angle)).toFixed(1)} ${
        (200 + radius * Math.sin(angle)).toFixed(1)
      }`;
    path += `M${at(outerRadius)}L${at(outerRadius - length)}`;
  }
  return path;
}

/** A large dial as decoration, for the pages that have little else. */
export function DialArt({ class: className }: { class?: string }) {
  return (
    <svg viewBox="0 0 400 400" class={className} aria-hidden="true">
      <g fill="none" stroke="currentColor">
        <circle cx="200" cy="200" r="192" stroke-opacity="0.3" />
        <path d={ticks(1, 176, 9)} stroke-width="2" stroke-opacity="0.45" />
        <path d={ticks(5, 176, 20)} stroke-width="3.5" stroke-opacity="0.8" />
        <circle cx="200" cy="200" r="124" stroke-opacity="0.25" />
        <path d={ticks(1, 116, 4)} stroke-width="2" stroke-opacity="0.35" />
      </g>
      <path
        d="M213 218 L112 79"
        stroke="#ffc857"
        stroke-width="4.5"
        stroke-linecap="round"
      />
      <circle cx="200" cy="200" r="12" fill="#ffc857" />
      <circle cx="200" cy="200" r="4.5" fill="#0e2829" />
    </svg>
  );
}

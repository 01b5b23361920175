/**
 * Tells if the pointer is over an element or the focus inside it. A touch screen has no pointer that
 * rests: there `:hover` sticks to what was touched last, and counts for nothing.
 */
export function isPointedAt(element: Element | null): boolean {
  if (!element) return false;
  if (element.matches(":focus-within")) return true;
  return matchMedia("(hover: hover)").matches && element.matches(":hover");
}

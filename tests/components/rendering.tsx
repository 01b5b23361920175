/** Rendering for tests: components as text, and questions to that text. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import { ClockContext } from "@/components/clock.tsx";
import { NOW_MS } from "@/tests/components/views.ts";

/** Renders at NOW, in UTC. */
export function render(children: ComponentChildren): string {
  const clock = signal({ nowMs: NOW_MS, timeZone: "UTC" });
  return renderToString(
    <ClockContext.Provider value={clock}>{children}</ClockContext.Provider>,
  );
}

/** The text of rendered markup: without tags, entities as they are. */
export function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
}

/** The first start tag of that name whose attributes match; an empty text where there is none. */
export function tag(html: string, name: string, attributes: RegExp): string {
  const tags = html.match(new RegExp(`<${name}\\b[^>]*>`, "g")) ?? [];
  return tags.find((found) => attributes.test(found)) ?? "";
}

/** The client's entry: hydrates each island of the page with the props beside it. */
import "./style.css";
import { type ComponentType, h, hydrate } from "preact";

const islands = import.meta.glob<{ default: ComponentType }>("./*.tsx");

for (const element of document.querySelectorAll<HTMLElement>("[data-island]")) {
  const load = islands[`./${element.dataset.island}.tsx`];
  if (!load) throw new Error(`unknown island: ${element.dataset.island}`);
  const props = JSON.parse(element.nextElementSibling?.textContent ?? "{}");
  load().then(({ default: Island }) => {
    hydrate(h(Island, props), element);
    element.dataset.hydrated = "";
  });
}

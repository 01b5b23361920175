import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Assets, HeadAssets } from "@/lib/web/assets.ts";
import { IslandContext } from "@/lib/web/island.tsx";

export interface PageContent {
  /** What the page is about; the product's name follows it. */
  title: string;
  children: ComponentChildren;
}

/** A whole HTML document. Its body is rendered first, since the head depends on the islands in it. */
export function renderPage(
  assets: Assets,
  { title, children }: PageContent,
): string {
  const islands = new Set<string>();
  const body = renderToString(
    <IslandContext.Provider value={islands}>
      {children}
    </IslandContext.Provider>,
  );
  const document = (
    <Document title={title} head={assets.head(islands)} body={body} />
  );
  return `<!DOCTYPE html>${renderToString(document)}`;
}

function Document(
  { title, head, body }: { title: string; head: HeadAssets; body: string },
) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Smart Meter Monitor`}</title>
        <link rel="icon" type="image/svg+xml" href={head.icon} />
        {head.styles.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
        {head.preloads.map((href) => (
          <link key={href} rel="modulepreload" href={href} />
        ))}
        {head.scripts.map((src) => (
          <script
            key={src}
            type="module"
            src={src}
          />
        ))}
      </head>
      {/* deno-lint-ignore react-no-danger -- rendered by Preact above */}
      <body dangerouslySetInnerHTML={{ __html: body }} />
    </html>
  );
}

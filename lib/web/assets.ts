/** The built client: which files a page needs, and their bodies. */
import { join } from "node:path";
import { renderToString } from "preact-render-to-string";
import { LogoMark } from "@/components/Logo.tsx";

/** What goes into a page's `<head>`, as paths on this server. */
export interface HeadAssets {
  styles: string[];
  scripts: string[];
  /** Modules that the scripts will import. */
  preloads: string[];
  icon: string;
}

export interface Assets {
  /** The files that a page with these islands needs; a page without islands gets no script. */
  head(islands: Iterable<string>): HeadAssets;
  /** The answer for `/assets/<name>`, or null where there is no such asset. */
  serve(name: string): Response | null;
}

/** A part of Vite's manifest (https://vite.dev/guide/backend-integration). */
interface Chunk {
  file: string;
  css?: string[];
  imports?: string[];
}

interface Asset {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
}

interface ClientBuild {
  manifest: Record<string, Chunk>;
  assets: Map<string, Asset>;
}

const ENTRY = "islands/client.ts";
const FAVICON = "favicon.svg";
const FAVICON_MAX_AGE_SECONDS = 86_400;
const HASHED_MAX_AGE_SECONDS = 31_536_000;

const CONTENT_TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * The assets under `root`/dist/client, read at once and kept in memory; throws where there is no build. With `dev` the
 * pages name Vite's development server's modules instead, and nothing needs to be built.
 */
export function createAssets(
  { root, dev }: { root: string; dev: boolean },
): Assets {
  const build = dev ? null : readClientBuild(join(root, "dist", "client"));
  const favicon = new TextEncoder().encode(renderToString(LogoMark({})));
  return {
    head: (islands) =>
      build ? builtHead(build.manifest, islands) : devHead(islands),
    serve(name) {
      if (name === FAVICON) {
        return assetResponse(
          { body: favicon, contentType: "image/svg+xml" },
          `public, max-age=${FAVICON_MAX_AGE_SECONDS}`,
        );
      }
      const asset = build?.assets.get(name);
      if (!asset) return null;
      // The name holds a hash of the content, so the content never changes under it.
      return assetResponse(
        asset,
        `public, max-age=${HASHED_MAX_AGE_SECONDS}, immutable`,
      );
    },
  };
}

function assetResponse(asset: Asset, cacheControl: string): Response {
  return new Response(asset.body, {
    headers: {
      "content-type": asset.contentType,
      "cache-control": cacheControl,
    },
  });
}

function readClientBuild(folder: string): ClientBuild {
  try {
    const manifest = JSON.parse(
      Deno.readTextFileSync(join(folder, "manifest.json")),
    );
    const assets = new Map<string, Asset>();
    for (const { name } of Deno.readDirSync(join(folder, "assets"))) {
      const extension = name.slice(name.lastIndexOf(".") + 1);
      assets.set(name, {
        body: Deno.readFileSync(join(folder, "assets", name)),
        contentType: CONTENT_TYPES[extension] ?? "application/octet-stream",
      });
    }
    return { manifest, assets };
  } catch (cause) {
    throw new Error(
      `could not read the client build in ${folder}: run "deno task build"`,
      { cause },
    );
  }
}

function builtHead(
  manifest: Record<string, Chunk>,
  islands: Iterable<string>,
): HeadAssets {
  const entry = manifest[ENTRY];
  if (!entry) {
    throw new Error(
      `${ENTRY} is not in the client's manifest: run "deno task build"`,
    );
  }
  const head: HeadAssets = {
    styles: (entry.css ?? []).map((file) => `/${file}`),
    scripts: [],
    preloads: [],
    icon: `/assets/${FAVICON}`,
  };
  const keys = [...islands].map((name) => `islands/${name}.tsx`);
  if (keys.length === 0) return head;
  const files = filesOf(manifest, [ENTRY, ...keys]);
  head.scripts = [`/${entry.file}`];
  head.preloads = files.filter((file) => file !== entry.file)
    .map((file) => `/${file}`);
  return head;
}

/** The files of these chunks and of all that they import, each once. */
function filesOf(manifest: Record<string, Chunk>, keys: string[]): string[] {
  const files = new Set<string>();
  const collect = (key: string) => {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`${key} is not in the client's manifest`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(collect);
  };
  keys.forEach(collect);
  return [...files];
}

function devHead(islands: Iterable<string>): HeadAssets {
  const hasIslands = [...islands].length > 0;
  return {
    styles: ["/islands/style.css"],
    scripts: hasIslands ? ["/@vite/client", `/${ENTRY}`] : [],
    preloads: [],
    icon: `/assets/${FAVICON}`,
  };
}

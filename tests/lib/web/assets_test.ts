import assert from "node:assert/strict";
import { join } from "node:path";
import { createAssets } from "@/lib/web/assets.ts";

const MANIFEST = {
  "islands/client.ts": {
    file: "assets/client-1.js",
    css: ["assets/client-2.css"],
    imports: ["_shared.js"],
  },
  "islands/Dashboard.tsx": {
    file: "assets/Dashboard-3.js",
    imports: ["islands/client.ts", "_shared.js"],
  },
  "_shared.js": { file: "assets/shared-4.js" },
};

/** A root folder with a small client build in it. */
async function builtRoot(manifest: unknown = MANIFEST) {
  const root = await Deno.makeTempDir();
  const client = join(root, "dist", "client");
  await Deno.mkdir(join(client, "assets"), { recursive: true });
  await Deno.writeTextFile(
    join(client, "manifest.json"),
    JSON.stringify(manifest),
  );
  await Deno.writeTextFile(join(client, "assets", "client-1.js"), "import(1)");
  await Deno.writeTextFile(join(client, "assets", "client-2.css"), "a{}");
  return {
    root,
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

Deno.test("head: names the hashed files that an island needs, each once", async () => {
  await using built = await builtRoot();
  const assets = createAssets({ root: built.root, dev: false });
  assert.deepEqual(assets.head(["Dashboard"]), {
    styles: ["/assets/client-2.css"],
    scripts: ["/assets/client-1.js"],
    preloads: ["/assets/shared-4.js", "/assets/Dashboard-3.js"],
    icon: "/assets/favicon.svg",
  });
});

Deno.test("head: a page without islands gets no script", async () => {
  await using built = await builtRoot();
  const head = createAssets({ root: built.root, dev: false }).head([]);
  assert.deepEqual(head.scripts, []);
  assert.deepEqual(head.preloads, []);
  assert.deepEqual(head.styles, ["/assets/client-2.css"]);
});

Deno.test("head: an island that was not built is an error", async () => {
  await using built = await builtRoot();
  const assets = createAssets({ root: built.root, dev: false });
  assert.throws(() => assets.head(["Missing"]), /islands\/Missing\.tsx/);
});

Deno.test("createAssets: without a build it says what to do, unless developing", async () => {
  const root = await Deno.makeTempDir();
  try {
    assert.throws(
      () => createAssets({ root, dev: false }),
      /run "deno task build"/,
    );
    assert.ok(createAssets({ root, dev: true }));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("serve: gives a hashed file for a year", async () => {
  await using built = await builtRoot();
  const assets = createAssets({ root: built.root, dev: false });
  const script = assets.serve("client-1.js");
  assert.equal(
    script?.headers.get("content-type"),
    "text/javascript; charset=utf-8",
  );
  assert.equal(
    script?.headers.get("cache-control"),
    "public, max-age=31536000, immutable",
  );
  assert.equal(await script?.text(), "import(1)");
  assert.equal(
    assets.serve("client-2.css")?.headers.get("content-type"),
    "text/css; charset=utf-8",
  );
  await Deno.remove(join(built.root, "dist"), { recursive: true });
  assert.equal(
    await assets.serve("client-1.js")?.text(),
    "import(1)",
    "from memory",
  );
});

Deno.test("serve: has nothing outside of the assets' folder", async () => {
  await using built = await builtRoot();
  const assets = createAssets({ root: built.root, dev: false });
  for (const name of ["../manifest.json", "manifest.json", "", "constructor"]) {
    assert.equal(assets.serve(name), null, name);
  }
});

Deno.test("serve: has the product's mark as the favicon, also while developing", async () => {
  await using built = await builtRoot();
  for (const dev of [true, false]) {
    const icon = createAssets({ root: built.root, dev }).serve("favicon.svg");
    assert.equal(icon?.headers.get("content-type"), "image/svg+xml");
    assert.match(
      await icon?.text() ?? "",
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/,
    );
  }
});

Deno.test("head: while developing, pages name the development server's modules", () => {
  const assets = createAssets({ root: "/nowhere", dev: true });
  assert.deepEqual(assets.head(["Dashboard"]).scripts, [
    "/@vite/client",
    "/islands/client.ts",
  ]);
  assert.deepEqual(assets.head([]).scripts, []);
  assert.deepEqual(assets.head([]).styles, ["/islands/style.css"]);
  assert.equal(assets.serve("client-1.js"), null);
});

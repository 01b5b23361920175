import assert from "node:assert/strict";
import denoJson from "@/deno.json" with { type: "json" };
import { type ImportRules, violations } from "./import_rules.ts";

/** The arrows of the design: who may import whom, besides itself and packages. */
const RULES: ImportRules = {
  areas: {
    "lib/domain": [],
    "lib/contract": ["lib/domain"],
    "lib/config.ts": ["lib/domain", "deno.json"],
    "lib/store": ["lib/domain", "lib/contract", "type lib/config.ts"],
    "lib/auth": ["lib/domain", "lib/contract", "type lib/config.ts"],
    "lib/fleet": ["lib/store", "lib/domain", "lib/contract"],
    "lib/web": ["components"],
    // The contract's schemas would bring zod into the browser; its types cost nothing.
    "components": ["lib/domain", "type lib/contract"],
    "islands": ["components", "lib/domain", "type lib/contract"],
    "routes": [
      "components",
      "deno.json",
      "islands",
      "lib/auth",
      "lib/config.ts",
      "lib/contract",
      "lib/domain",
      "lib/fleet",
      "lib/store",
      "lib/web",
    ],
    "agent": ["lib/domain", "lib/contract", "deno.json"],
    "main.ts": [
      "deno.json",
      "lib/auth",
      "lib/config.ts",
      "lib/fleet",
      "lib/store",
      "routes",
    ],
    "vite.config.ts": [],
    "deno.json": [],
    "scripts": ["*"],
    "tests": ["*"],
  },
  packages: Object.keys(denoJson.imports).filter((name) => name !== "@/"),
  environmentReaders: ["lib/config.ts", "agent/config.ts"],
  maxLines: 400,
};

const ROOT = new URL("../", import.meta.url);

/** Every .ts and .tsx file of ours, by its path from the root. */
async function ownSources(): Promise<Map<string, string>> {
  const skipped = new Set([".git", ...denoJson.exclude]);
  const tree = new Map<string, string>();
  async function walk(folder: string) {
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder.slice("./".length)}${entry.name}`;
      if (skipped.has(path)) continue;
      if (entry.isDirectory) await walk(`./${path}/`);
      else if (/\.tsx?$/.test(path)) {
        tree.set(path, await Deno.readTextFile(new URL(path, ROOT)));
      }
    }
  }
  await walk("./");
  return tree;
}

/** What the rules say of one file. */
function said(path: string, source: string): string[] {
  return violations(new Map([[path, source]]), RULES);
}

Deno.test("the source keeps to the design's import directions", async () => {
  const tree = await ownSources();
  assert.ok(tree.has("lib/domain/address.ts"), "the walk finds our files");
  assert.ok(tree.has("tests/boundaries_test.ts"), "the walk finds this file");
  assert.deepEqual(violations(tree, RULES), []);
});

Deno.test("violations: finds a forbidden arrow in every notation", () => {
  const notations = [
    'import { open } from "@/lib/store/open.ts";',
    'import type { Store } from "@/lib/store/open.ts";',
    'import { type Store } from "@/lib/store/open.ts";',
    'import "@/lib/store/open.ts";',
    'export * from "@/lib/store/open.ts";',
    'export type { Store } from "@/lib/store/open.ts";',
    'const { open } = await import("@/lib/store/open.ts");',
    'type Store = import("@/lib/store/open.ts").Store;',
    'new Worker(new URL("@/lib/store/open.ts", import.meta.url));',
  ];
  for (const source of notations) {
    assert.deepEqual(said("lib/domain/x.ts", source), [
      "lib/domain/x.ts: may not import @/lib/store/open.ts",
    ], source);
  }
});

Deno.test("violations: passes allowed arrows, own folders and packages", () => {
  const tree = new Map([
    ["lib/store/users.ts", 'import { x } from "@/lib/domain/user.ts";'],
    ["lib/store/open.ts", 'import type { C } from "@/lib/config.ts";'],
    ["lib/store/keys.ts", 'import { x } from "./open.ts";'],
    ["routes/api/users.tsx", 'import { y } from "@/routes/app.ts";'],
    ["islands/Table.tsx", 'import { useState } from "preact/hooks";'],
    ["lib/auth/hash.ts", 'import { timingSafeEqual } from "node:crypto";'],
    ["lib/web/page.tsx", 'import { z } from "@hono/zod-openapi";'],
    ["scripts/demo.ts", 'import { run } from "@/agent/run.ts";'],
    ["tests/agent/run_test.ts", "const { env } = Deno;"],
  ]);
  assert.deepEqual(violations(tree, RULES), []);
});

Deno.test("violations: lets types through where only types may pass", () => {
  const path = "islands/Table.tsx";
  const types =
    'import type { DeviceView } from "@/lib/contract/dashboard.ts";';
  const values = 'import { DEVICE_SORTS } from "@/lib/contract/dashboard.ts";';
  assert.deepEqual(said(path, types), []);
  assert.deepEqual(said(path, values), [
    `${path}: may import only types from @/lib/contract/dashboard.ts`,
  ]);
});

Deno.test("violations: is not misled by comments and strings", () => {
  const source = `
    // import { open } from "@/lib/store/open.ts";
    /** Deno.env.get("HOME") */
    export const text = 'import { open } from "@/lib/store/open.ts"';
  `;
  assert.deepEqual(said("lib/domain/x.ts", source), []);
});

Deno.test("violations: wants every import by @/, ./ or a known name", () => {
  const path = "agent/run.ts";
  const complaint = (specifier: string) =>
    said(path, `import ${JSON.stringify(specifier)};`).join();
  for (const specifier of ["../lib/domain/diff.ts", "/etc/x.ts", "."]) {
    assert.match(complaint(specifier), /starts with neither/, specifier);
  }
  for (
    const specifier of [
      "lodash",
      "npm:zod@4",
      "jsr:@std/assert",
      "https://deno.land/x/a.ts",
      "@hono/other",
    ]
  ) assert.match(complaint(specifier), /deno\.json does not name/, specifier);
  assert.match(complaint("node:nothing"), /unknown to Node/);
  assert.match(complaint("@/notes/a.ts"), /may not import/);
  assert.match(complaint("./../lib/store/open.ts"), /may not import/);
  assert.match(complaint("@/agent/../lib/store/open.ts"), /may not import/);
});

Deno.test("violations: refuses imports that only run time knows", () => {
  const source = "export const load = (name: string) => import(name);";
  assert.match(said("lib/web/x.ts", source).join(), /no literal/);
  assert.deepEqual(said("scripts/x.ts", source), []);
});

Deno.test("violations: finds files in folders that the design does not know", () => {
  assert.deepEqual(said("lib/log.ts", ""), [
    "lib/log.ts: lies in no known folder",
  ]);
  assert.deepEqual(said("domain/x.ts", ""), [
    "domain/x.ts: lies in no known folder",
  ]);
});

Deno.test("violations: lets only the configurations read the environment", () => {
  const readings = [
    'Deno.env.get("PORT");',
    'Deno["env"].get("PORT");',
    "const { env } = Deno;",
    "const runtime = Deno;",
    "process.env.PORT;",
  ];
  for (const source of readings) {
    assert.deepEqual(said("lib/auth/tokens.ts", source), [
      "lib/auth/tokens.ts: reads the environment",
    ], source);
    assert.deepEqual(said("lib/config.ts", source), [], source);
    assert.deepEqual(said("agent/config.ts", source), [], source);
  }
  assert.deepEqual(
    said("routes/app.ts", "Deno.serve(() => new Response());"),
    [],
  );
});

Deno.test("violations: finds files that grew past the limit", () => {
  const lines = (count: number) => "export {};\n".repeat(count);
  assert.deepEqual(said("lib/domain/x.ts", lines(400)), []);
  assert.deepEqual(said("lib/domain/x.ts", lines(401)), [
    "lib/domain/x.ts: has 401 lines, more than 400",
  ]);
});

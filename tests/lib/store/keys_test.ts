import assert from "node:assert/strict";
import { keys } from "@/lib/store/keys.ts";

Deno.test("keys: the table tells of every kind of row what it holds and when it expires", async () => {
  const source = await Deno.readTextFile("lib/store/keys.ts");
  const rows = [...source.matchAll(/^ \* \| (\w+).*? \| (.+?) \| (.+?) \|$/gm)]
    .map(([, kind]) => kind)
    .filter((kind) => kind !== "key");
  const kinds = Object.values<(...parts: never[]) => Deno.KvKey>(keys)
    .map((build) => build()[0]);
  assert.deepEqual(new Set(rows), new Set(kinds));
  assert.equal(new Set(rows).size, rows.length);
});

/**
 * `deno task docs`: writes docs/API_DOCS.md from the application's own OpenAPI document and from what
 * it answers, all in memory; only the introduction and the walkthrough are written by hand. A test
 * compares the file with this, so it cannot say anything that the server does not do.
 */
import { examplesOf } from "@/scripts/api_docs/examples.ts";
import { factsOf } from "@/scripts/api_docs/facts.ts";
import { operationsOf } from "@/scripts/api_docs/openapi.ts";
import { reference } from "@/scripts/api_docs/reference.ts";
import { testApp } from "@/tests/support/app.ts";

/** Where the document lies, from the root. */
export const API_DOCS_PATH = "docs/API_DOCS.md";

/** The whole document. */
export async function apiDocs(): Promise<string> {
  await using app = await testApp();
  const document = await (await app.request("/openapi.json")).json();
  const facts = await factsOf(app, document);
  const examples = await examplesOf(operationsOf(document), app.request);
  return [
    fill(await chapter("introduction.md"), facts),
    await chapter("walkthrough.md"),
    reference(document, examples),
  ].map((text) => text.trim()).join("\n\n") + "\n";
}

/**
 * Replaces every line `{{name}}` by its block; within a line it would break the line's length. Throws
 * for a name without a block.
 */
export function fill(
  text: string,
  blocks: Readonly<Record<string, string>>,
): string {
  return text.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => {
    const block = blocks[name];
    if (block === undefined) throw new Error(`there is no block for ${name}`);
    return block;
  });
}

function chapter(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`./api_docs/${name}`, import.meta.url));
}

if (import.meta.main) {
  await Deno.writeTextFile(API_DOCS_PATH, await apiDocs());
  console.log(`wrote ${API_DOCS_PATH}`);
}

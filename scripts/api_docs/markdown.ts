/** Markdown as `deno fmt` would write it. */

/** A table; columns that are empty throughout are left out. */
export function table(head: string[], rows: string[][]): string {
  const used = head.map((_, i) => rows.some((row) => cell(row, i) !== ""));
  const lines = [head, ...rows].map((row) =>
    head.map((_, i) => cell(row, i)).filter((_, i) => used[i])
  );
  const widths = used.filter(Boolean).map((_, i) =>
    Math.max(3, ...lines.map((line) => [...line[i] ?? ""].length))
  );
  const write = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const [first = [], ...others] = lines.map((line) =>
    line.map((text, i) => text + " ".repeat(width(i) - [...text].length))
  );
  const rule = widths.map((count) => "-".repeat(count));
  return [first, rule, ...others].map(write).join("\n");

  function width(i: number): number {
    return widths[i] ?? 0;
  }
}

/** A fenced block. */
export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

const MAX_INLINE_CHARACTERS = 72;

/** JSON for readers: lists and objects within the outermost that are short stay on one line. */
export function json(value: unknown, indent = ""): string {
  const inline = inlineJson(value);
  const fits = indent.length + inline.length <= MAX_INLINE_CHARACTERS;
  if (typeof value !== "object" || value === null) return inline;
  if (indent !== "" && fits) return inline;
  const inner = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((each) => inner + json(each, inner))
    : Object.entries(value).map(([key, each]) =>
      `${inner}${JSON.stringify(key)}: ${json(each, inner)}`
    );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return [open, lines.join(",\n"), indent + close].join("\n");
}

function inlineJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inlineJson).join(", ")}]`;
  const entries = Object.entries(value).map(([key, each]) =>
    `${JSON.stringify(key)}: ${inlineJson(each)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** Text as code, for names and literals. */
export function code(text: string): string {
  return `\`${text}\``;
}

/** The anchor that GitHub gives a heading. */
export function anchor(heading: string): string {
  return `#${
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(
      " ",
      "-",
    )
  }`;
}

function cell(row: readonly string[], i: number): string {
  return (row[i] ?? "").replaceAll("|", "\\|");
}

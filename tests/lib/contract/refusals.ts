/** What a schema says of a value it refuses, as one would read it: `connections[3].destPort: why`. */
import type { z } from "zod";

/** One line for each issue, in the schema's order; none where the value is taken. */
export function refusals(schema: z.ZodType, value: unknown): string[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) =>
    `${pathText(issue.path)}: ${issue.message}`
  );
}

/** The paths at fault, each once. */
export function refusedPaths(schema: z.ZodType, value: unknown): string[] {
  const lines = refusals(schema, value);
  return [...new Set(lines.map((line) => line.slice(0, line.indexOf(": "))))];
}

function pathText(path: PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

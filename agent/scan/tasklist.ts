import { linesOf, parseProcessName } from "@/agent/scan/rows.ts";

/** Comma-separated, without the header, which Windows translates. */
export const TASKLIST_ARGS = ["/fo", "csv", "/nh"];

// Two quoted fields; a quote within a field is doubled. The fields behind them are translated.
const ROW = /^\s*"((?:[^"]|"")*)"\s*,\s*"(\d{1,10})"/;

/**
 * The names of the running programs by process id, from `tasklist /fo csv /nh` of Windows. Lines
 * of any other form are left out.
 */
export function parseTasklist(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of linesOf(text)) {
    const [, image, pid] = line.match(ROW) ?? [];
    const name = parseProcessName(image?.replaceAll('""', '"'));
    if (name !== null) names.set(Number(pid), name);
  }
  return names;
}

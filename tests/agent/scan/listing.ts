import type { Connection } from "@/lib/domain/connection.ts";

/** The text of a captured listing. */
export function listing(name: string): Promise<string> {
  return Deno.readTextFile(
    new URL(`../../fixtures/agent/${name}`, import.meta.url),
  );
}

/** A row as a short line: `TCP 10.0.0.1:80 > 10.0.0.2:99 ESTABLISHED in 5 out ? by nginx`. */
export function rowLine(row: Connection): string {
  const known = (value: number | string | null) => value ?? "?";
  return `${row.protocol} ${row.sourceIp}:${row.sourcePort} > ${row.destIp}:${row.destPort} ` +
    `${known(row.state)} in ${known(row.bytesIn)} out ${
      known(row.bytesOut)
    } by ${known(row.processName)}`;
}

/** The commands that connect a device, for a POSIX shell. */

/** The ways to connect a device, with what each needs. */
export const AGENT_WAYS = {
  deno: {
    label: "Deno",
    hint: "Run it on the device, in a copy of this project.",
  },
  npx: {
    label: "Node.js",
    hint: "Run it on the device, in a copy of this project; npx brings Deno.",
  },
  curl: {
    label: "curl",
    hint: "Registers the device only; report its connections by the API.",
  },
} as const;
export type AgentWay = keyof typeof AGENT_WAYS;

export interface CommandOptions {
  serverUrl: string;
  token: string;
  deviceName: string;
}

const DENO_BY_NPX = "npx -y deno@2.9.6";

/**
 * The command to copy. The token goes through the environment or a pipe, never as an argument, which
 * every user of the machine could read in the list of processes.
 */
export function connectCommand(way: AgentWay, options: CommandOptions): string {
  const token = shellQuote(options.token);
  const server = options.serverUrl;
  const name = options.deviceName;
  const lines = way === "curl"
    ? [
      `printf 'Authorization: Bearer %s' ${token} |`,
      "curl -H @- -H 'Content-Type: application/json'",
      `-d ${shellQuote(JSON.stringify({ deviceName: name }))}`,
      shellQuote(`${server}/api/monitor/register`),
    ]
    : [
      `MONITOR_AUTH_TOKEN=${token}`,
      `${way === "deno" ? "deno" : DENO_BY_NPX} task agent`,
      `--server ${shellQuote(server)}`,
      `--device ${shellQuote(name)}`,
    ];
  return lines.join(" \\\n  ");
}

/** One word of a POSIX shell (IEEE 1003.1, section 2.2.2), quoted only where it must be. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

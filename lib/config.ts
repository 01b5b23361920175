/** The server's settings: the only place that reads the server's environment and flags. */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { DomainError, type FieldError } from "@/lib/domain/errors.ts";
import { VERSION } from "@/lib/domain/version.ts";

export const REGISTRATION_MODES = ["open", "invite", "closed"] as const;
export type RegistrationMode = typeof REGISTRATION_MODES[number];

export interface ServerConfig {
  host: string;
  port: number;
  dataDir: string;
  /** A KV Connect server instead of a file in `dataDir`. */
  kvUrl: string | null;
  /** Null: one is made and kept beside the database. */
  jwtSecret: string | null;
  registration: RegistrationMode;
  tls: { certPath: string; keyPath: string } | null;
  /** Where people and agents reach the server, without a slash at the end; null: as they ask for it. */
  publicUrl: string | null;
  /** How long a connection counts after its last sighting. */
  connectionTtlSeconds: number;
  /** Pages load their scripts from Vite's development server. */
  dev: boolean;
}

interface Setting {
  flag: string;
  env: string;
  value: string;
  help: string;
}

const SETTINGS: readonly Setting[] = [
  setting("port", "PORT", "3000", "port to listen on"),
  setting("host", "HOST", "0.0.0.0", "address to listen on"),
  setting("data-dir", "DATA_DIR", "./data", "folder of the database"),
  setting("kv-url", "KV_URL", "", "KV Connect server instead of a file"),
  setting(
    "registration",
    "REGISTRATION",
    "open",
    REGISTRATION_MODES.join(", "),
  ),
  setting("tls-cert", "TLS_CERT", "", "certificate chain (PEM file)"),
  setting("tls-key", "TLS_KEY", "", "private key (PEM file)"),
  setting("public-url", "PUBLIC_URL", "", "address for people and agents"),
  setting(
    "connection-ttl-seconds",
    "CONNECTION_TTL_SECONDS",
    "300",
    "how long a connection counts after its last sighting",
  ),
];

function setting(
  flag: string,
  env: string,
  value: string,
  help: string,
): Setting {
  return { flag, env, value, help };
}

export const SERVER_VERSION = VERSION;

export const SERVER_HELP = `Usage: monitor-server [flags]

${
  SETTINGS.map(({ flag, env, value, help }) =>
    `  --${flag.padEnd(24)} ${env.padEnd(24)} ${help}${
      value === "" ? "" : ` (default ${value})`
    }`
  ).join("\n")
}
  --help, --version

Only from the environment, since flags can be read by every user of the machine:
  JWT_SECRET             signs the tokens, 32 characters at least; made and kept in the data folder when absent
  DENO_KV_ACCESS_TOKEN   for the KV Connect server
`;

export const MIN_SECRET_CHARACTERS = 32;
const MIN_TTL_SECONDS = 10;
const MAX_TTL_SECONDS = 86_400;

export type Environment = (name: string) => string | undefined;
export type ServerCommand = "help" | "version" | ServerConfig;

/** The process's environment. */
export const processEnvironment: Environment = (name) => Deno.env.get(name);

/** Reads flags and environment; flags win. Throws `fields_invalid` that names each bad setting. */
export function readServerConfig(
  args: string[],
  env: Environment,
): ServerCommand {
  const { values, errors: fields } = readValues(args, env);
  if (values.help) return "help";
  if (values.version) return "version";
  const { text, filled, whole, url, refuse } = settingsReader(values, fields);
  const config: ServerConfig = {
    host: filled("host"),
    port: whole("port", 0, 65_535),
    dataDir: filled("data-dir"),
    kvUrl: url("kv-url"),
    jwtSecret: env("JWT_SECRET") || null,
    registration: REGISTRATION_MODES.find((m) => m === text("registration")) ??
      "closed",
    tls: null,
    publicUrl: url("public-url"),
    connectionTtlSeconds: whole(
      "connection-ttl-seconds",
      MIN_TTL_SECONDS,
      MAX_TTL_SECONDS,
    ),
    dev: env("DEV_SERVER") === "1",
  };
  if (config.registration !== text("registration")) {
    refuse("registration", `must be one of ${REGISTRATION_MODES.join(", ")}`);
  }
  if (config.jwtSecret && config.jwtSecret.length < MIN_SECRET_CHARACTERS) {
    refuse(
      "JWT_SECRET",
      `must have at least ${MIN_SECRET_CHARACTERS} characters`,
    );
  }
  const [certPath, keyPath] = [text("tls-cert"), text("tls-key")];
  if (certPath !== "" && keyPath !== "") config.tls = { certPath, keyPath };
  else if (certPath !== "" || keyPath !== "") {
    refuse(certPath === "" ? "tls-cert" : "tls-key", "must be given too");
  }
  if (fields.length === 0) return config;
  throw new DomainError(
    "fields_invalid",
    fields.map(({ path, message }) => `${path}: ${message}`).join("; "),
    { fields },
  );
}

/** The path of the database's file. */
export function databasePath(config: Pick<ServerConfig, "dataDir">): string {
  return join(config.dataDir, "monitor.db");
}

function readValues(args: string[], env: Environment) {
  const errors: FieldError[] = [];
  const values: Record<string, string | boolean | undefined> = {};
  for (const { flag, env: name, value } of SETTINGS) {
    values[flag] = env(name) || value;
  }
  const options = Object.fromEntries(
    SETTINGS.map(({ flag }) => [flag, { type: "string" as const }]),
  );
  try {
    const parsed = parseArgs({
      args,
      options: {
        ...options,
        help: { type: "boolean", short: "h" },
        version: { type: "boolean", short: "V" },
      },
      strict: true,
    });
    Object.assign(values, parsed.values);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's advice on positional arguments runs over several sentences; the first says it.
    errors.push({ path: "flags", message: message.split(". ")[0] ?? message });
  }
  return { values, errors };
}

/** Reads settings by their flags; what breaks a rule is added to `fields`. */
function settingsReader(
  values: Record<string, string | boolean | undefined>,
  fields: FieldError[],
) {
  const text = (flag: string) => String(values[flag] ?? "").trim();

  const refuse = (flag: string, message: string) => {
    const setting = SETTINGS.find((s) => s.flag === flag);
    const path = setting ? `--${flag} (${setting.env})` : flag;
    fields.push({ path, message });
  };

  const filled = (flag: string): string => {
    const value = text(flag);
    if (value === "") refuse(flag, "must not be empty");
    return value;
  };

  const whole = (flag: string, min: number, max: number): number => {
    const value = text(flag);
    if (/^\d{1,9}$/.test(value) && +value >= min && +value <= max) {
      return +value;
    }
    refuse(
      flag,
      `must be a whole number from ${min} to ${max}, not "${value}"`,
    );
    return min;
  };

  /** Without a slash at the end; null where there is none. */
  const url = (flag: string): string | null => {
    const value = text(flag);
    if (value === "") return null;
    const { protocol } = URL.parse(value) ?? {};
    if (protocol === "http:" || protocol === "https:") {
      return value.replace(/\/+$/, "");
    }
    refuse(flag, `must be an http or https URL, not "${value}"`);
    return null;
  };

  return { text, filled, whole, url, refuse };
}

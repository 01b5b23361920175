import assert from "node:assert/strict";
import {
  databasePath,
  type Environment,
  readServerConfig,
  SERVER_HELP,
  type ServerConfig,
} from "@/lib/config.ts";
import { DomainError } from "@/lib/domain/errors.ts";

const environment = (values: Record<string, string>): Environment => (name) =>
  values[name];

/** The configuration of these flags and variables. */
function read(
  args: string[],
  values: Record<string, string> = {},
): ServerConfig {
  const command = readServerConfig(args, environment(values));
  assert.ok(typeof command === "object", "a configuration, not a command");
  return command;
}

/** The fields that are refused, as `path: message`. */
function refused(
  args: string[],
  values: Record<string, string> = {},
): string[] {
  try {
    read(args, values);
  } catch (error) {
    assert.ok(error instanceof DomainError);
    assert.equal(error.code, "fields_invalid");
    const fields = error.fields.map((f) => `${f.path}: ${f.message}`);
    assert.equal(error.message, fields.join("; "));
    return fields;
  }
  return [];
}

const DEFAULTS: ServerConfig = {
  host: "0.0.0.0",
  port: 3000,
  dataDir: "./data",
  kvUrl: null,
  jwtSecret: null,
  registration: "open",
  tls: null,
  publicUrl: null,
  connectionTtlSeconds: 300,
  dev: false,
};

Deno.test("readServerConfig: has a default for everything", () => {
  assert.deepEqual(read([]), DEFAULTS);
});

/** Each setting with a value, another one, and what they change. */
const SETTINGS: [
  flag: string,
  variable: string,
  [string, Partial<ServerConfig>],
  [string, Partial<ServerConfig>],
][] = [
  ["port", "PORT", ["8080", { port: 8080 }], ["0", { port: 0 }]],
  ["host", "HOST", ["::1", { host: "::1" }], [" h ", { host: "h" }]],
  [
    "data-dir",
    "DATA_DIR",
    ["/srv/monitor", { dataDir: "/srv/monitor" }],
    ["a b", { dataDir: "a b" }],
  ],
  [
    "kv-url",
    "KV_URL",
    ["https://kv.example.org/", { kvUrl: "https://kv.example.org" }],
    ["http://localhost:4512", { kvUrl: "http://localhost:4512" }],
  ],
  [
    "registration",
    "REGISTRATION",
    ["invite", { registration: "invite" }],
    ["closed", { registration: "closed" }],
  ],
  [
    "public-url",
    "PUBLIC_URL",
    ["https://m.example.org//", { publicUrl: "https://m.example.org" }],
    ["http://h:1/base", { publicUrl: "http://h:1/base" }],
  ],
  [
    "connection-ttl-seconds",
    "CONNECTION_TTL_SECONDS",
    ["10", { connectionTtlSeconds: 10 }],
    ["86400", { connectionTtlSeconds: 86_400 }],
  ],
];

for (const [flag, variable, [one, change], [two, other]] of SETTINGS) {
  Deno.test(`readServerConfig: takes --${flag} and ${variable}; the flag wins`, () => {
    assert.deepEqual(read([`--${flag}`, one]), { ...DEFAULTS, ...change });
    assert.deepEqual(read([`--${flag}=${two}`]), { ...DEFAULTS, ...other });
    const fromEnvironment = read([], { [variable]: one });
    assert.deepEqual(fromEnvironment, { ...DEFAULTS, ...change });
    const both = read([`--${flag}`, two], { [variable]: one });
    assert.deepEqual(both, { ...DEFAULTS, ...other });
    assert.deepEqual(read([], { [variable]: "" }), DEFAULTS, "empty is absent");
    assert.ok(SERVER_HELP.includes(`--${flag} `));
    assert.ok(SERVER_HELP.includes(` ${variable} `));
  });
}

Deno.test("readServerConfig: takes a certificate with its key, from flags and environment together", () => {
  const tls = { certPath: "cert.pem", keyPath: "key.pem" };
  assert.deepEqual(
    read(["--tls-cert", "cert.pem", "--tls-key", "key.pem"]).tls,
    tls,
  );
  assert.deepEqual(
    read([], { TLS_CERT: "cert.pem", TLS_KEY: "key.pem" }).tls,
    tls,
  );
  assert.deepEqual(
    read(["--tls-key", "key.pem"], { TLS_CERT: "cert.pem", TLS_KEY: "x" }).tls,
    tls,
  );
});

Deno.test("readServerConfig: refuses a certificate or a key alone", () => {
  assert.deepEqual(refused(["--tls-cert", "cert.pem"]), [
    "--tls-key (TLS_KEY): must be given too",
  ]);
  assert.deepEqual(refused([], { TLS_KEY: "key.pem" }), [
    "--tls-cert (TLS_CERT): must be given too",
  ]);
});

Deno.test("readServerConfig: takes a secret of 32 characters from the environment only", () => {
  const secret = "x".repeat(32);
  assert.equal(read([], { JWT_SECRET: secret }).jwtSecret, secret);
  assert.equal(read([], { JWT_SECRET: "" }).jwtSecret, null);
  assert.deepEqual(refused([], { JWT_SECRET: secret.slice(1) }), [
    "JWT_SECRET: must have at least 32 characters",
  ]);
  assert.match(refused(["--jwt-secret", secret])[0] ?? "", /^flags: Unknown/);
});

Deno.test("readServerConfig: never repeats a secret in a message", () => {
  const secret = "hunter2 hunter2";
  assert.ok(!refused([], { JWT_SECRET: secret }).join().includes("hunter2"));
});

const wholeNumber = (flag: string, min: number, max: number, value: string) =>
  `${flag}: must be a whole number from ${min} to ${max}, not "${value}"`;
const PORT = "--port (PORT)";
const TTL = "--connection-ttl-seconds (CONNECTION_TTL_SECONDS)";
const REFUSED: [flag: string, value: string, message: string][] = [
  ...["65536", "-1", "80.5", "1e3", "0x50", "http", "", "9999999999"].map((
    value,
  ): [string, string, string] => [
    "port",
    value,
    wholeNumber(PORT, 0, 65_535, value),
  ]),
  ...["9", "86401"].map((value): [string, string, string] => [
    "connection-ttl-seconds",
    value,
    wholeNumber(TTL, 10, 86_400, value),
  ]),
  [
    "registration",
    "Open",
    "--registration (REGISTRATION): must be one of open, invite, closed",
  ],
  ...["localhost", "ftp://h", "kv.example.org:80"].flatMap((
    value,
  ): [string, string, string][] => [
    [
      "kv-url",
      value,
      `--kv-url (KV_URL): must be an http or https URL, not "${value}"`,
    ],
    [
      "public-url",
      value,
      `--public-url (PUBLIC_URL): must be an http or https URL, not "${value}"`,
    ],
  ]),
  ["host", " ", "--host (HOST): must not be empty"],
  ["data-dir", "", "--data-dir (DATA_DIR): must not be empty"],
];

for (const [flag, value, message] of REFUSED) {
  Deno.test(`readServerConfig: refuses --${flag} "${value}"`, () => {
    assert.deepEqual(refused([`--${flag}=${value}`]), [message]);
  });
}

Deno.test("readServerConfig: names each bad setting at once", () => {
  const fields = refused(["--port=http", "--registration", "maybe"], {
    JWT_SECRET: "short",
    TLS_CERT: "cert.pem",
    PUBLIC_URL: "nowhere",
  });
  assert.deepEqual(fields.map((field) => field.split(":")[0]), [
    "--port (PORT)",
    "--public-url (PUBLIC_URL)",
    "--registration (REGISTRATION)",
    "JWT_SECRET",
    "--tls-key (TLS_KEY)",
  ]);
});

const BAD_FLAGS: Record<string, [args: string[], expected: RegExp]> = {
  "a flag that it does not know": [["--prot", "80"], /Unknown option '--prot'/],
  "a flag without its value": [["--port"], /'--port <value>' argument missing/],
  "a word that is no flag": [["serve"], /Unexpected argument 'serve'/],
};

for (const [what, [args, expected]] of Object.entries(BAD_FLAGS)) {
  Deno.test(`readServerConfig: refuses ${what}, in one line`, () => {
    const [message = "", ...others] = refused(args);
    assert.match(message, expected);
    assert.ok(!message.includes("\n"));
    assert.deepEqual(others, []);
  });
}

Deno.test("readServerConfig: help and version come before settings that are wrong", () => {
  const wrong = environment({ PORT: "http" });
  assert.equal(readServerConfig(["--help"], wrong), "help");
  assert.equal(readServerConfig(["-h"], wrong), "help");
  assert.equal(readServerConfig(["--version"], wrong), "version");
  assert.equal(readServerConfig(["-V"], wrong), "version");
});

Deno.test("readServerConfig: is for development with DEV_SERVER=1 only", () => {
  assert.equal(read([], { DEV_SERVER: "1" }).dev, true);
  assert.equal(read([], { DEV_SERVER: "0" }).dev, false);
});

Deno.test("databasePath: lies in the data folder", () => {
  assert.equal(
    databasePath({ dataDir: "/srv/monitor" }),
    "/srv/monitor/monitor.db",
  );
});

/** The server: flags and environment -> config -> store -> app -> serve -> graceful stop. */
import { Accounts } from "@/lib/auth/accounts.ts";
import { Authenticator } from "@/lib/auth/authenticator.ts";
import { Passwords } from "@/lib/auth/passwords.ts";
import { keptSecret } from "@/lib/auth/secret.ts";
import { Tokens } from "@/lib/auth/tokens.ts";
import {
  databasePath,
  processEnvironment,
  readServerConfig,
  SERVER_HELP,
  SERVER_VERSION,
  type ServerConfig,
} from "@/lib/config.ts";
import { byTimer } from "@/lib/fleet/every.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import { KV_CONNECT_COMMITS_AT_ONCE, openStore } from "@/lib/store/open.ts";
import { Sweeper } from "@/lib/store/sweep.ts";
import { UserStore } from "@/lib/store/users.ts";
import { createApp } from "@/routes/app.tsx";

/** The folder that holds dist/; in a compiled program, the root of what is embedded in it. */
const ROOT = import.meta.dirname ?? Deno.cwd();
/** Requests under way get this long to end when the server stops. */
const STOP_PATIENCE_MS = 5_000;

const EXIT_FAILED = 1;
const EXIT_BAD_SETTINGS = 2;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const command = readCommand();
  if (command === "help") return console.log(SERVER_HELP);
  if (command === "version") {
    return console.log(`monitor-server ${SERVER_VERSION}`);
  }
  try {
    await serve(command);
  } catch (error) {
    fail(error, EXIT_FAILED);
  }
}

function readCommand() {
  try {
    return readServerConfig(Deno.args, processEnvironment);
  } catch (error) {
    return fail(error, EXIT_BAD_SETTINGS);
  }
}

/** One line that says why, and the end. */
function fail(error: unknown, exitCode: number): never {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`monitor-server: ${reason}`);
  Deno.exit(exitCode);
}

async function serve(config: ServerConfig): Promise<void> {
  const now = () => Date.now();
  await Deno.mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const kv = await openStore(
    config.kvUrl ? { url: config.kvUrl } : { path: databasePath(config) },
  );
  const secret = config.jwtSecret ?? await keptSecret(config.dataDir);
  const users = new UserStore(kv);
  const passwords = new Passwords();
  const tokens = new Tokens(secret, now);
  const fleet = await Fleet.open({
    kv,
    connectionTtlMs: config.connectionTtlSeconds * 1000,
    now,
    commitsAtOnce: config.kvUrl ? KV_CONNECT_COMMITS_AT_ONCE : 1,
    logError: (error) => console.error("following other servers:", error),
  });
  const app = createApp({
    config,
    accounts: new Accounts({
      users,
      passwords,
      registration: config.registration,
      now,
    }),
    authenticator: new Authenticator(tokens, (id) => users.findById(id), now),
    tokens,
    fleet,
    root: ROOT,
    now,
    logError: (error) => console.error("request failed:", error),
  });
  const server = listen(config, app.fetch);
  const sweeper = new Sweeper({
    kv,
    now,
    every: byTimer,
    logError: (error) => console.error("cleaning up:", error),
  });
  // The watcher of a development server starts the next one without waiting for a graceful end.
  await (config.dev ? server.finished : stopSignal());
  console.log("stopping");
  fleet.endSubscriptions();
  await stop(server);
  await Promise.all([fleet.close(), sweeper.close()]);
  passwords.close();
  kv.close();
  // A connection that outlasted the patience would hold the process.
  Deno.exit(0);
}

function listen(
  config: ServerConfig,
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer {
  const tls = config.tls && {
    cert: Deno.readTextFileSync(config.tls.certPath),
    key: Deno.readTextFileSync(config.tls.keyPath),
  };
  return Deno.serve({
    hostname: config.host,
    port: config.port,
    ...tls,
    automaticCompression: true,
    onListen: ({ port }) => {
      const scheme = tls ? "https" : "http";
      const host = ["0.0.0.0", "127.0.0.1", "::", "::1"].includes(config.host)
        ? "localhost"
        : config.host;
      const url = config.publicUrl ?? `${scheme}://${host}:${port}`;
      console.log(`Smart Meter Monitor ${SERVER_VERSION} serves ${url}`);
    },
  }, handler);
}

/** Resolves at Ctrl+C or when the system asks the process to end. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve());
  return promise;
}

/** Lets requests under way end; those that take too long are cut off. */
async function stop(server: Deno.HttpServer): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_PATIENCE_MS);
  });
  await Promise.race([server.shutdown(), patience]);
  clearTimeout(timer);
}

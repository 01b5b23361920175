/**
 * `deno task demo`: from a clean checkout to this machine's own connections on a live dashboard.
 * Installs, builds, starts the server with its database under ./data, makes an account, starts the
 * agent, and prints where to look and how to log in. Ctrl+C ends all of it.
 */
import type { DeviceList } from "@/lib/contract/dashboard.ts";

const DATA_DIR = "data";
const CREDENTIALS_FILE = `${DATA_DIR}/demo-account.json`;
const DEFAULT_PORT = "3000";
/** Both that "localhost" may mean: a browser may try either first. */
const LOOPBACKS = ["127.0.0.1", "::1"];
const MAX_PORT = 65_535;
/** What may be set for a real server or agent does not count for the demo: empty means the default. */
const SERVER_DEFAULTS = {
  KV_URL: "",
  JWT_SECRET: "",
  REGISTRATION: "",
  TLS_CERT: "",
  TLS_KEY: "",
  PUBLIC_URL: "",
  CONNECTION_TTL_SECONDS: "",
  DEV_SERVER: "",
};
const POLL_MS = 100;
const START_PATIENCE_MS = 30_000;
// No 0/O or 1/l/I, since somebody may have to type it.
const PASSWORD_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
const PASSWORD_CHARACTERS = 16;

interface Credentials {
  username: string;
  password: string;
}

if (import.meta.main) {
  try {
    await demo();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

async function demo(): Promise<void> {
  const port = readPort(Deno.env.get("PORT") || DEFAULT_PORT);
  LOOPBACKS.forEach((hostname) => checkFree(hostname, port));
  await run("install", "--frozen", "--quiet");
  await run("task", "--quiet", "build");
  await Deno.mkdir(DATA_DIR, { recursive: true, mode: 0o700 });
  const url = `http://localhost:${port}`;
  const children: Deno.ChildProcess[] = [];
  const stop = stopSignal();
  try {
    const server = start("start", {
      ...SERVER_DEFAULTS,
      HOST: "127.0.0.1",
      PORT: String(port),
      DATA_DIR,
    });
    children.push(server);
    await until(async () => (await fetch(`${url}/healthz`)).ok, server);
    const { credentials, session } = await logIn(url);
    const startedAt = Date.now();
    const agent = start("agent", {
      MONITOR_DEVICE_NAME: "",
      MONITOR_SERVER_URL: url,
      MONITOR_AUTH_TOKEN: await agentToken(url, session),
      MONITOR_REFRESH_INTERVAL: "5",
    });
    children.push(agent);
    await until(() => hasReport(url, session, startedAt), agent);
    console.log(`
  Dashboard   ${url}
  User name   ${credentials.username}
  Password    ${credentials.password}

This machine's own connections are on it now. Ctrl+C stops server and agent.
`);
    await Promise.race([stop, ...children.map((child) => child.status)]);
  } finally {
    await end(children);
  }
  Deno.exit(0);
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw new Error(
    `PORT must be a whole number from 1 to ${MAX_PORT}, not "${text}"`,
  );
}

/** Throws where another program listens there, lest people or the demo talk to that one. */
function checkFree(hostname: string, port: number): void {
  try {
    Deno.listen({ hostname, port }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Error(
        `port ${port} is in use: end the program that uses it, or set PORT to another`,
      );
    }
    // A machine without IPv6 has nobody listening there; on IPv4 the server itself will say why.
  }
}

/** Runs a deno command to its end, and ends the demo where it fails. */
async function run(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn()
    .status;
  if (code !== 0) throw new Error(`deno ${args.join(" ")} failed`);
}

function start(task: string, env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", task],
    env,
    stdin: "null",
  }).spawn();
}

/** Waits for a condition while the process that should bring it about lives. */
async function until(
  condition: () => Promise<boolean>,
  child: Deno.ChildProcess,
): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  const giveUpAt = performance.now() + START_PATIENCE_MS;
  // What does not answer yet throws; that is what is waited for.
  while (!await condition().catch(() => false)) {
    if (ended) throw new Error("a part of it ended before it was ready");
    if (performance.now() > giveUpAt) {
      throw new Error(
        `it was not ready in ${START_PATIENCE_MS / 1000} seconds`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Logs in with the account of an earlier demo, or makes one. */
async function logIn(
  url: string,
): Promise<{ credentials: Credentials; session: string }> {
  const kept = await keptCredentials();
  if (kept) {
    const response = await post(`${url}/api/auth/login`, kept);
    const { token } = await response.json();
    if (response.ok) return { credentials: kept, session: token };
  }
  for (const username of ["demo", `demo-${randomText(4)}`]) {
    const password = randomText(PASSWORD_CHARACTERS);
    const response = await post(`${url}/api/auth/register`, {
      username,
      email: `${username}@example.org`,
      password,
      confirmPassword: password,
    });
    const answer = await response.json();
    if (response.ok) {
      const credentials = { username, password };
      await Deno.writeTextFile(CREDENTIALS_FILE, JSON.stringify(credentials), {
        mode: 0o600,
      });
      return { credentials, session: answer.token };
    }
    if (response.status !== 409) throw new Error(answer.detail);
  }
  throw new Error("no demo account could be made");
}

async function keptCredentials(): Promise<Credentials | null> {
  try {
    const { username, password } = JSON.parse(
      await Deno.readTextFile(CREDENTIALS_FILE),
    );
    return typeof username === "string" && typeof password === "string"
      ? { username, password }
      : null;
  } catch {
    return null;
  }
}

async function agentToken(url: string, session: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/agent-token`, {
    method: "POST",
    headers: { authorization: `Bearer ${session}` },
  });
  const { token, detail } = await response.json();
  if (!response.ok) throw new Error(detail);
  return token;
}

/** True once a device has reported since then; one of an earlier demo may still count as online. */
async function hasReport(
  url: string,
  session: string,
  sinceMs: number,
): Promise<boolean> {
  const response = await fetch(`${url}/api/dashboard/users`, {
    headers: { authorization: `Bearer ${session}` },
  });
  const { devices }: DeviceList = await response.json();
  return devices.some(({ lastSeen }) =>
    lastSeen !== null && Date.parse(lastSeen) >= sinceMs
  );
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(
    bytes,
    (byte) => PASSWORD_ALPHABET[byte % PASSWORD_ALPHABET.length],
  ).join("");
}

/** Resolves at Ctrl+C or when the system asks the demo to end. */
function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => resolve());
  return promise;
}

/** Ends what was started, the agent before the server. */
async function end(children: Deno.ChildProcess[]): Promise<void> {
  for (const child of children.toReversed()) {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await child.status;
  }
}

function fail(reason: string): never {
  console.error(`demo: ${reason}`);
  Deno.exit(1);
}

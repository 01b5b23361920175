/** The whole application in memory: a fresh database, a clock that the test moves, no socket. */
import { Accounts } from "@/lib/auth/accounts.ts";
import { Authenticator } from "@/lib/auth/authenticator.ts";
import { Passwords } from "@/lib/auth/passwords.ts";
import { Tokens } from "@/lib/auth/tokens.ts";
import type { RegistrationMode } from "@/lib/config.ts";
import type { Scope, User } from "@/lib/domain/user.ts";
import { Fleet } from "@/lib/fleet/fleet.ts";
import { openStore } from "@/lib/store/open.ts";
import { UserStore } from "@/lib/store/users.ts";
import { createApp } from "@/routes/app.tsx";
import type { AppDeps } from "@/routes/deps.ts";

export const CONNECTION_TTL_MS = 300_000;
export const START = Date.parse("2026-01-31T12:00:00Z");

/** A clock that stands still until it is moved. */
export class Clock {
  nowMs = START;
  readonly now = () => this.nowMs;

  advance(seconds: number): void {
    this.nowMs += seconds * 1000;
  }
}

export interface Account {
  user: User;
  /** Tokens of either scope. */
  session: string;
  agent: string;
}

export interface TestApp extends AsyncDisposable {
  kv: Deno.Kv;
  clock: Clock;
  fleet: Fleet;
  tokens: Tokens;
  errors: unknown[];
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a body as JSON, with a token where one is given. */
  send(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Response>;
  /** Makes an account without hashing a password. */
  account(username: string): Promise<Account>;
  /** Registers a device and answers its id. */
  device(account: Account, deviceName?: string): Promise<string>;
}

export interface TestAppOptions {
  registration?: RegistrationMode;
  config?: Partial<AppDeps["config"]>;
  /** An open database to work on, which stays open; one in memory otherwise. */
  kv?: Deno.Kv;
}

export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const kv = options.kv ?? await openStore({ path: ":memory:" });
  const clock = new Clock();
  const { now } = clock;
  const users = new UserStore(kv);
  const passwords = new Passwords();
  const tokens = new Tokens(
    "a secret of the tests, long enough for HS256",
    now,
  );
  const fleet = await Fleet.open({
    kv,
    connectionTtlMs: CONNECTION_TTL_MS,
    now,
  });
  const errors: unknown[] = [];
  const app = createApp({
    // Pages name development modules, so that no client build is needed.
    config: { publicUrl: null, tls: null, dev: true, ...options.config },
    accounts: new Accounts({
      users,
      passwords,
      registration: options.registration ?? "open",
      now,
    }),
    authenticator: new Authenticator(tokens, (id) => users.findById(id), now),
    tokens,
    fleet,
    root: ".",
    now,
    logError: (error) => errors.push(error),
  });
  const tokenOf = async (user: User, scope: Scope) =>
    (await tokens.issue(user, scope)).token;

  const request = async (path: string, init?: RequestInit) =>
    await app.request(path, init);
  const send: TestApp["send"] = (method, path, body, token) =>
    request(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    kv,
    clock,
    fleet,
    tokens,
    errors,
    request,
    send,
    async account(username) {
      const user = await users.create({
        id: crypto.randomUUID(),
        username,
        email: `${username}@example.org`,
        passwordHash: "",
        createdAt: now(),
      });
      return {
        user,
        session: await tokenOf(user, "session"),
        agent: await tokenOf(user, "agent"),
      };
    },
    async device(account, deviceName = "meter-1") {
      const response = await send("POST", "/api/monitor/register", {
        deviceName,
      }, account.agent);
      return (await response.json()).deviceId;
    },
    async [Symbol.asyncDispose]() {
      await fleet.close();
      passwords.close();
      if (!options.kv) kv.close();
    },
  };
}

/** A connection as an agent would report it. */
export function connection(overrides: Record<string, unknown> = {}) {
  return {
    protocol: "TCP",
    sourceIp: "192.168.1.20",
    sourcePort: 40_001,
    destIp: "10.20.0.7",
    destPort: 4059,
    bytesIn: 1200,
    bytesOut: 800,
    state: "ESTABLISHED",
    processName: "meterd",
    ...overrides,
  };
}

/** A whole-picture report. */
export function report(
  deviceId: string,
  sequence: number,
  connections: unknown[],
  overrides: Record<string, unknown> = {},
) {
  return {
    deviceId,
    session: "session-1",
    sequence,
    scannedAt: "2026-01-31T12:00:00Z",
    intervalSeconds: 10,
    connections,
    ...overrides,
  };
}

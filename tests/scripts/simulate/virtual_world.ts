import type { Surroundings } from "@/scripts/simulate/run.ts";

/** A request that the simulation sent. */
export interface Sent {
  atMs: number;
  path: string;
  authorization: string | null;
  // deno-lint-ignore no-explicit-any -- read freely by assertions
  body: any;
}

export type Server = (sent: Sent, world: VirtualWorld) => Promise<Response>;

interface Sleeper {
  atMs: number;
  wake: () => void;
}

/** A server that takes everything: the device id is the device's name. */
export const willingServer: Server = (sent) =>
  Promise.resolve(Response.json(
    sent.path.endsWith("/register")
      ? { deviceId: sent.body.deviceName }
      : { accepted: sent.body.connections.length },
  ));

/** Surroundings whose clock jumps to the next waker whenever nothing else is left to do. */
export class VirtualWorld implements Surroundings {
  static readonly START_MS = Date.UTC(2026, 0, 31, 12);

  readonly session = "session-1";
  readonly sent: Sent[] = [];
  readonly lines: string[] = [];
  inFlight = 0;
  mostInFlight = 0;
  #nowMs = VirtualWorld.START_MS;
  #sleepers: Sleeper[] = [];
  #heldBy = 0;
  readonly #server: Server;

  constructor(server: Server = willingServer) {
    this.#server = server;
  }

  now = () => this.#nowMs;

  print = (line: string) => void this.lines.push(line);

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        resolve();
      };
      if (signal?.aborted) wake();
      else signal?.addEventListener("abort", wake, { once: true });
    });

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const sent: Sent = {
      atMs: this.#nowMs,
      path: new URL(url).pathname,
      authorization: new Headers(init.headers).get("authorization"),
      body: JSON.parse(String(init.body)),
    };
    this.sent.push(sent);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    try {
      return await Promise.race([this.#server(sent, this), aborted(init)]);
    } finally {
      this.inFlight--;
    }
  };

  /** Holds time still until real work is done, which the virtual clock knows nothing of. */
  async holdTime<T>(work: Promise<T>): Promise<T> {
    this.#heldBy++;
    try {
      return await work;
    } finally {
      this.#heldBy--;
    }
  }

  /** Lets time pass until this is settled. */
  async runUntil<T>(outcome: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => void (settled = true);
    outcome.then(settle, settle);
    await this.#nothingLeftToDo();
    while (!settled) {
      this.#sleepers.sort((a, b) => a.atMs - b.atMs);
      const next = this.#sleepers.shift();
      if (!next) {
        throw new Error("everybody waits for something that never comes");
      }
      this.#nowMs = next.atMs;
      next.wake();
      await this.#nothingLeftToDo();
    }
    return await outcome;
  }

  /** A turn of the event loop runs every microtask, and in-memory bodies need no more than those. */
  async #nothingLeftToDo(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve)); while (
      this.#heldBy > 0
    );
  }

  /** Seconds from the start at which these requests were sent. */
  secondsOf(path: string): number[] {
    return this.sent.filter((sent) => sent.path === path)
      .map((sent) => (sent.atMs - VirtualWorld.START_MS) / 1000);
  }
}

function aborted({ signal }: RequestInit): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

import {
  MonitorClient,
  type Network,
  Refusal,
} from "@/scripts/simulate/client.ts";
import { createMeter, type Meter } from "@/scripts/simulate/meter.ts";
import type { SimulateOptions } from "@/scripts/simulate/options.ts";
import { count, Tally } from "@/scripts/simulate/tally.ts";

/** What a simulation needs of the world. */
export interface Surroundings extends Network {
  print(line: string): void;
  /** Names this run: a session to the server. */
  session: string;
}

/** The server does not take the token, so that going on is pointless. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

const MAX_REQUESTS_IN_FLIGHT = 256;
const STATUS_EVERY_MS = 5_000;
const DEFAULT_RETRY_AFTER_MS = 10_000;

/**
 * Plays the fleet until the signal is aborted or the duration is over; requests in flight are
 * awaited. Errors of single requests are counted and the meter tries again at its next turn.
 *
 * @returns how many reports the server accepted
 * @throws TokenRefused
 */
export async function simulate(
  options: SimulateOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const simulation = new Simulation(options, surroundings);
  signal.addEventListener("abort", () => simulation.stop(), { once: true });
  if (signal.aborted) simulation.stop();
  return await simulation.run();
}

interface Device {
  meter: Meter;
  /** Null until the server has given one. */
  id: string | null;
  sequence: number;
  busy: boolean;
  quietUntilMs: number;
}

class Simulation {
  readonly #options: SimulateOptions;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  readonly #devices: Device[];
  readonly #client: MonitorClient;
  readonly #tally: Tally;
  readonly #startedAtMs: number;
  #nextTurn = 0;
  #fatal: TokenRefused | null = null;

  constructor(options: SimulateOptions, surroundings: Surroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    this.#devices = Array.from({ length: options.devices }, (_, index) => ({
      meter: createMeter(index, options),
      id: null,
      sequence: 0,
      busy: false,
      quietUntilMs: 0,
    }));
    this.#startedAtMs = surroundings.now();
    const tally = new Tally(this.#startedAtMs);
    this.#tally = tally;
    this.#client = new MonitorClient(
      options,
      surroundings,
      (afterMs) => tally.answered(afterMs),
    );
  }

  stop(): void {
    this.#stopping.abort();
  }

  async run(): Promise<number> {
    const { print } = this.#surroundings;
    const { devices, intervalSeconds, server, durationSeconds } = this.#options;
    print(
      `Playing ${
        count(devices, "meter")
      } against ${server}, a report every ${intervalSeconds} s each; Ctrl+C stops`,
    );
    const workers = Math.min(devices, MAX_REQUESTS_IN_FLIGHT);
    const work = Array.from({ length: workers }, () => this.#takeTurns());
    work.push(this.#printStatus());
    if (durationSeconds !== null) work.push(this.#stopAfter(durationSeconds));
    await Promise.all(work);
    print(`Stopped: ${this.#tally.summaryLine()}`);
    if (this.#fatal) throw this.#fatal;
    return this.#tally.reports;
  }

  /** One of several loops: takes the next turn, waits until it is due, plays it. */
  async #takeTurns(): Promise<void> {
    const { sleep, now } = this.#surroundings;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const turn = this.#takeTurn();
      const waitMs = this.#dueAtMs(turn) - now();
      if (waitMs > 0) await sleep(waitMs, signal);
      if (signal.aborted) return;
      const device = this.#devices[turn % this.#devices.length];
      if (device) await this.#play(device);
    }
  }

  /** Turns are due at equal distances, device after device, so that the load is even. */
  #dueAtMs(turn: number): number {
    return this.#startedAtMs + turn * this.#msBetweenTurns();
  }

  #msBetweenTurns(): number {
    return this.#options.intervalSeconds * 1000 / this.#devices.length;
  }

  /** The next turn; those late by more than an interval are left out, as a real meter's would be. */
  #takeTurn(): number {
    const sinceStartMs = this.#surroundings.now() - this.#startedAtMs;
    const latest = Math.floor(sinceStartMs / this.#msBetweenTurns());
    this.#nextTurn = Math.max(this.#nextTurn, latest - this.#devices.length);
    return this.#nextTurn++;
  }

  async #play(device: Device): Promise<void> {
    const nowMs = this.#surroundings.now();
    if (device.busy || nowMs < device.quietUntilMs) return;
    device.busy = true;
    try {
      device.id ??= await this.#register(device);
      await this.#client.report(this.#reportBody(device, device.id));
      this.#tally.reported();
    } catch (error) {
      this.#takeFailure(device, error);
    } finally {
      device.busy = false;
    }
  }

  async #register({ meter }: Device): Promise<string> {
    const id = await this.#client.register({
      deviceName: meter.name,
      os: "linux",
      agentVersion: "simulated",
      intervalSeconds: this.#options.intervalSeconds,
    });
    this.#tally.registered();
    return id;
  }

  /** By hand: the scan is JSON already, and nothing else needs escaping but the two ids. */
  #reportBody(device: Device, id: string): string {
    const { now, session } = this.#surroundings;
    const nowMs = now();
    const head = JSON.stringify({
      deviceId: id,
      session,
      sequence: ++device.sequence,
      scannedAt: Math.round(nowMs),
      intervalSeconds: this.#options.intervalSeconds,
    });
    const scan = device.meter.scan((nowMs - this.#startedAtMs) / 1000);
    return `${head.slice(0, -1)},"connections":${scan}}`;
  }

  #takeFailure(device: Device, error: unknown): void {
    this.#tally.failed(reasonOf(error));
    if (!(error instanceof Refusal)) return;
    if (error.status === 401 || error.status === 403) {
      this.#fatal ??= new TokenRefused(
        "the server refused the token; get a new one from the dashboard (Connect a device)",
      );
      this.stop();
    } else if (error.status === 404) {
      // Deleted meanwhile: it registers anew at its next turn.
      if (device.id !== null) this.#tally.forgotten();
      device.id = null;
    } else if (error.status === 429 || error.status === 503) {
      const waitMs = error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS;
      device.quietUntilMs = this.#surroundings.now() + waitMs;
    }
  }

  async #printStatus(): Promise<void> {
    const { sleep, now, print } = this.#surroundings;
    const { signal } = this.#stopping;
    while (true) {
      await sleep(STATUS_EVERY_MS, signal);
      if (signal.aborted) return;
      const behindMs = now() - this.#dueAtMs(this.#nextTurn);
      print(this.#tally.statusLine(now(), behindMs / 1000));
    }
  }

  async #stopAfter(seconds: number): Promise<void> {
    await this.#surroundings.sleep(seconds * 1000, this.#stopping.signal);
    this.stop();
  }
}

/** The innermost reason, such as "Connection refused (os error 111)". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "AbortError") return "no answer in time";
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message.split(": ").at(-1) || error.name;
}

import type { Connection } from "@/lib/domain/connection.ts";
import {
  DOWNLOAD,
  type Habit,
  HABITS,
  lastingSockets,
  MODELS,
  type Place,
  type Socket,
  subMeter,
} from "@/scripts/simulate/habits.ts";
import {
  between,
  exponential,
  pick,
  type Random,
  seededRandom,
} from "@/scripts/simulate/random.ts";

/** A simulated meter. */
export interface Meter {
  /** Site and serial, such as `oakfield-meter-0042`; the same for every seed. */
  readonly name: string;
  /**
   * The meter's connections as a JSON list for a report. Time only goes forward.
   *
   * @param atSeconds seconds since the simulation began
   */
  scan(atSeconds: number): string;
}

const SITES = [
  "oakfield",
  "riverside",
  "harbour",
  "hillcrest",
  "northgate",
  "mill-lane",
] as const;

/** Slots for what comes and goes, as a share of all connections. Most are idle at a time. */
const FLEETING_SHARE = 0.4;
const METERS_A_SITE = 25;
/** One meter in this many runs its agent without the right to see programs. */
const UNPRIVILEGED_ONE_IN = 10;

/** What all connections of a meter share. */
interface Setting {
  random: Random;
  place: Place;
  /** False where the agent may not look at other users' programs. */
  seesPrograms: boolean;
}

/**
 * The meter number `index` (from 0) of the fleet that `seed` names. The same arguments and the same
 * times of scans give the same text.
 *
 * @param connections how many connections it has on average
 */
export function createMeter(
  index: number,
  { seed, connections }: { seed: number; connections: number },
): Meter {
  const random = seededRandom(seed, index);
  const setting: Setting = {
    random,
    place: placeOf(index, random),
    seesPrograms: between(random, 1, UNPRIVILEGED_ONE_IN) > 1,
  };
  const habits = fleetingHabits(connections);
  const lastingCount = Math.round(connections - visibleOnAverage(habits));
  const lasting = lastingConnections(setting, Math.max(1, lastingCount));
  const fleeting = habits.map((habit) => new Fleeting(habit, setting));
  let scannedAt = 0;
  return {
    name: nameOf(index),
    scan(atSeconds) {
      const elapsed = atSeconds - scannedAt;
      scannedAt = atSeconds;
      const texts = lasting.map((c) => c.write(elapsed, random));
      for (const c of fleeting) {
        const text = c.write(atSeconds, elapsed);
        if (text !== null) texts.push(text);
      }
      return `[${texts.join(",")}]`;
    },
  };
}

function nameOf(index: number): string {
  const site = SITES[Math.floor(index / METERS_A_SITE) % SITES.length];
  return `${site}-meter-${String(index + 1).padStart(4, "0")}`;
}

function placeOf(index: number, random: Random): Place {
  const second = 20 + Math.floor(index / 62_500) % 100;
  const third = Math.floor(index / 250) % 250;
  const fourth = index % 250 + 2;
  return {
    ip: `10.${second}.${third}.${fourth}`,
    ip6: `fd20::${second}:${third}:${fourth}`,
    model: pick(random, MODELS),
    site: Math.floor(index / METERS_A_SITE),
  };
}

function lastingConnections(
  { place, random, seesPrograms }: Setting,
  count: number,
): OpenConnection[] {
  const sockets = lastingSockets(place, random).slice(0, count);
  for (let nth = 0; sockets.length < count; nth++) {
    sockets.push(subMeter(nth, random));
  }
  return sockets.map((socket) => new OpenConnection(socket, seesPrograms));
}

/** Each habit once as far as they fit, and more downloads on big machines. */
function fleetingHabits(connections: number): Habit[] {
  const slots = Math.round(connections * FLEETING_SHARE);
  return Array.from({ length: slots }, (_, i) => HABITS[i] ?? DOWNLOAD);
}

/** How many of these are to be seen at a time, on average. */
function visibleOnAverage(habits: readonly Habit[]): number {
  return habits.reduce((sum, { gapSeconds, lifeSeconds, lingerSeconds }) => {
    const visible = lifeSeconds + lingerSeconds;
    return sum + visible / (visible + gapSeconds);
  }, 0);
}

/** An open connection with its counters. What does not change is written as JSON once. */
class OpenConnection {
  readonly #start: string;
  readonly #bytesPerSecond: Socket["bytesPerSecond"];
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(socket: Socket, seesPrograms: boolean) {
    const { bytesPerSecond, ...rest } = socket;
    const fixed: Omit<Connection, "bytesIn" | "bytesOut"> = {
      ...rest,
      processName: seesPrograms ? rest.processName : null,
    };
    this.#start = JSON.stringify(fixed).slice(0, -1);
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** The connection as JSON after `elapsed` more seconds. */
  write(elapsed: number, random: Random): string {
    const rate = this.#bytesPerSecond;
    if (!rate) return `${this.#start},"bytesIn":null,"bytesOut":null}`;
    const seconds = elapsed * (0.5 + random());
    this.#bytesIn += Math.round(rate.in * seconds);
    this.#bytesOut += Math.round(rate.out * seconds);
    return `${this.#start},"bytesIn":${this.#bytesIn},"bytesOut":${this.#bytesOut}}`;
  }
}

type Phase = "idle" | "open" | "lingering";

/** A connection that comes and goes: idle, open, perhaps in TIME_WAIT, idle again. */
class Fleeting {
  readonly #habit: Habit;
  readonly #setting: Setting;
  #phase: Phase;
  #until: number;
  #socket: Socket | null = null;
  #connection: OpenConnection | null = null;

  constructor(habit: Habit, setting: Setting) {
    this.#habit = habit;
    this.#setting = setting;
    // As if it had always run: otherwise a young fleet would look unlike an old one.
    const { gapSeconds, lifeSeconds } = habit;
    const { random } = setting;
    const idle = random() * (gapSeconds + lifeSeconds) < gapSeconds;
    this.#phase = idle ? "idle" : "open";
    this.#until = exponential(random, idle ? gapSeconds : lifeSeconds);
    if (!idle) this.#open();
  }

  /** The connection as JSON at this time; null while there is none. */
  write(atSeconds: number, elapsed: number): string | null {
    while (this.#until <= atSeconds) this.#change();
    return this.#connection?.write(elapsed, this.#setting.random) ?? null;
  }

  #change(): void {
    const { gapSeconds, lifeSeconds, lingerSeconds } = this.#habit;
    if (this.#phase === "idle") {
      this.#phase = "open";
      this.#until += exponential(this.#setting.random, lifeSeconds);
      this.#open();
    } else if (this.#phase === "open" && lingerSeconds > 0) {
      this.#phase = "lingering";
      this.#until += lingerSeconds;
      this.#linger();
    } else {
      this.#phase = "idle";
      this.#until += exponential(this.#setting.random, gapSeconds);
      this.#connection = null;
    }
  }

  #open(): void {
    const { place, random, seesPrograms } = this.#setting;
    this.#socket = this.#habit.open(place, random);
    this.#connection = new OpenConnection(this.#socket, seesPrograms);
  }

  /** TIME_WAIT belongs to the kernel: no program, and no counters any more. */
  #linger(): void {
    if (!this.#socket) return;
    this.#connection = new OpenConnection({
      ...this.#socket,
      state: "TIME_WAIT",
      bytesPerSecond: null,
    }, false);
  }
}

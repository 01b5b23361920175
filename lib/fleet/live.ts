/** Live updates: each reader hears what changes about the devices of its list, and the new totals. */
import type {
  DeviceChange,
  DeviceList,
  DeviceQuery,
  FleetStats,
} from "@/lib/contract/dashboard.ts";
import { DomainError } from "@/lib/domain/errors.ts";
import type { Viewer } from "@/lib/domain/user.ts";
import type { Every } from "@/lib/fleet/every.ts";
import type { FleetDevice, FleetModel } from "@/lib/fleet/model.ts";
import { deviceView } from "@/lib/fleet/views.ts";

/** Well under the second that a change may take to the screen. */
export const TICK_MS = 250;
/** A line that proxies see nothing on is cut by many of them after 30 or 60 s. */
export const KEEP_ALIVE_MS = 15_000;
/** A reader that has not taken what it was sent for so long is let go. */
export const SLOW_READER_MS = 10_000;
export const MAX_STREAMS = 1_000;
const RETRY_AFTER_SECONDS = 30;

export type LiveEvent =
  | { name: "list"; id: string; data: DeviceList }
  | { name: "change"; id: string; data: DeviceChange };

/** Where a reader's events go. */
export interface LiveSink {
  /** False while what was sent before has not been taken yet. */
  ready(): boolean;
  send(event: LiveEvent): void;
  /** Shows that the line is alive. */
  keepAlive(): void;
  /** Ends the line; `reason` tells whether what waits may still be taken. */
  end(reason: "done" | "slow"): void;
}

export interface Subscription {
  viewer: Viewer;
  query: DeviceQuery;
  /** The id of the last event that the reader got before its line broke; empty: none. */
  lastEventId: string;
  /** When the reader's session ends, in ms since the epoch. */
  expiresAt: number;
}

interface Reader extends Subscription {
  sink: LiveSink;
  shown: FleetDevice[];
  /** What the reader knows: everything up to this revision of the model. */
  revision: number;
  stats: FleetStats;
  /** When something was last sent, and since when the sink has not been ready. */
  sentAtMs: number;
  waitingSinceMs: number | null;
}

export interface LiveOptions {
  model: FleetModel;
  /** The page that a query asks for, with the devices on it. */
  select: (
    viewer: Viewer,
    query: DeviceQuery,
  ) => { list: DeviceList; shown: FleetDevice[] };
  now: () => number;
  every: Every;
  /** Tells this process's event ids from those of another. */
  processId: string;
}

/**
 * The readers of the event streams. Nothing is queued for them: at every tick each one that has taken
 * what it got is sent how its devices stand now, so a slow one costs no memory and misses only what
 * was overtaken. A tick costs a comparison of numbers a shown device, whatever the fleet's size.
 */
export class Live {
  readonly #options: LiveOptions;
  readonly #readers = new Set<Reader>();
  #stopTicking: (() => void) | null = null;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#readers.size;
  }

  /**
   * Sends the list, or where `lastEventId` still says enough, what changed since; then all changes to
   * come. Returns what ends that. Throws `overloaded` where there are too many readers, and what the
   * query's selection throws.
   */
  subscribe(subscription: Subscription, sink: LiveSink): () => void {
    if (this.#readers.size >= MAX_STREAMS) {
      throw new DomainError("overloaded", "too many event streams are open", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    const { model, select, now } = this.#options;
    const known = this.#knownBy(subscription);
    const { list, shown } = select(subscription.viewer, subscription.query);
    const reader: Reader = {
      ...subscription,
      sink,
      shown,
      revision: known ?? model.revision,
      stats: list.stats,
      sentAtMs: now(),
      waitingSinceMs: null,
    };
    if (known !== null) this.#sendChange(reader);
    else sink.send({ name: "list", id: this.#eventId(reader), data: list });
    this.#readers.add(reader);
    this.#stopTicking ??= this.#options.every(TICK_MS, () => this.tick());
    return () => this.#drop(reader);
  }

  /** Tells every reader what is new. */
  tick(): void {
    const nowMs = this.#options.now();
    this.#options.model.advance(nowMs);
    for (const reader of this.#readers) this.#serve(reader, nowMs);
  }

  /** Ends all lines; the readers connect again elsewhere, or here after a restart. */
  close(): void {
    for (const reader of [...this.#readers]) this.#end(reader, "done");
  }

  #serve(reader: Reader, nowMs: number): void {
    if (nowMs >= reader.expiresAt) return this.#end(reader, "done");
    if (!reader.sink.ready()) {
      reader.waitingSinceMs ??= nowMs;
      if (nowMs - reader.waitingSinceMs < SLOW_READER_MS) return;
      return this.#end(reader, "slow");
    }
    reader.waitingSinceMs = null;
    if (this.#hasNews(reader)) {
      this.#sendChange(reader);
      reader.sentAtMs = nowMs;
    } else if (nowMs - reader.sentAtMs >= KEEP_ALIVE_MS) {
      reader.sink.keepAlive();
      reader.sentAtMs = nowMs;
    }
  }

  #hasNews({ shown, revision, stats, viewer }: Reader): boolean {
    return shown.some((found) => found.revision > revision) ||
      !sameStats(stats, this.#options.model.stats(viewer));
  }

  #sendChange(reader: Reader): void {
    const { model } = this.#options;
    const { shown, revision, viewer, sink } = reader;
    const changed = shown.filter((found) => found.revision > revision);
    const isGone = (found: FleetDevice) => model.get(found.device.id) !== found;
    reader.revision = model.revision;
    reader.stats = model.stats(viewer);
    reader.shown = changed.some(isGone)
      ? shown.filter((found) => !isGone(found))
      : shown;
    sink.send({
      name: "change",
      id: this.#eventId(reader),
      data: {
        devices: changed.filter((found) => !isGone(found)).map(deviceView),
        removed: changed.filter(isGone).map(({ device }) => device.id),
        stats: reader.stats,
      },
    });
  }

  /**
   * The revision that a returning reader knows; null where it needs the whole list: after a restart,
   * where the order hangs on what changes all the time, or where devices came, went or were renamed.
   */
  #knownBy({ lastEventId, query }: Subscription): number | null {
    const { model, processId } = this.#options;
    const [process, text = ""] = lastEventId.split(".");
    if (process !== processId || !/^\d{1,15}$/.test(text)) return null;
    const isStable = query.q === "" && query.status === "" &&
      (query.sort === "deviceName" || query.sort === "username");
    const revision = Number(text);
    return isStable && revision >= model.structureRevision ? revision : null;
  }

  #eventId({ revision }: Reader): string {
    return `${this.#options.processId}.${revision}`;
  }

  #end(reader: Reader, reason: "done" | "slow"): void {
    this.#drop(reader);
    reader.sink.end(reason);
  }

  #drop(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }
}

function sameStats(a: FleetStats, b: FleetStats): boolean {
  return a.total === b.total && a.online === b.online &&
    a.offline === b.offline && a.connections === b.connections;
}

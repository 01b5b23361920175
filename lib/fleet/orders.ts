/** The orders that viewers ask for, shared by all who ask for the same and kept while somebody does. */
import type { DeviceQuery } from "@/lib/contract/dashboard.ts";
import type { Viewer } from "@/lib/domain/user.ts";
import {
  matcher,
  readCursor,
  wantedText,
  writeCursor,
} from "@/lib/fleet/device_query.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import { Order, type OrderOptions } from "@/lib/fleet/order.ts";
import { type SortText, sortText } from "@/lib/fleet/sort_text.ts";

/** An order that nobody asked for in this time is let go. */
export const ORDER_LIFE_MS = 180_000;
export const MAX_ORDERS = 1_000;
/** Places in all orders together. One takes some 100 bytes, in the order of a search or status half as many. */
export const MAX_PLACES = 500_000;
/** So many devices are sorted in less time than it takes to pick them out of a whole fleet in order. */
const FEW_DEVICES = 2_000;
/** Texts that are sorted by, made once each; beyond this many they are made anew. */
const MAX_TEXTS = 65_536;

export interface DevicePage {
  devices: FleetDevice[];
  /** How many devices match, on all pages. */
  matched: number;
  nextCursor: string | null;
}

/** What orders are made of: the read model. */
export interface DeviceSource {
  /** Rises with every change of a device. */
  readonly revision: number;
  visibleTo(viewer: Viewer): Iterable<FleetDevice>;
  isVisibleTo(viewer: Viewer, found: FleetDevice): boolean;
  /** The devices that changed, came or went since a revision; null where that is too long ago to tell. */
  changedSince(revision: number): Iterable<FleetDevice> | null;
}

type Filter = Pick<DeviceQuery, "status" | "sort"> & {
  viewer: Viewer;
  wanted: string;
};

interface Kept {
  filter: Filter;
  order: Order;
  /** The source's revision that the order stands at. */
  revision: number;
  usedAtMs: number;
}

export class Orders {
  readonly #source: DeviceSource;
  /** Those used longest ago come first. */
  readonly #kept = new Map<string, Kept>();
  readonly #texts = new Map<string, SortText>();

  constructor(source: DeviceSource) {
    this.#source = source;
  }

  /** How many orders are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The page of devices that a query asks for. Pages follow each other by the last device shown rather
   * than by number, so a device that comes or goes shifts nothing. Throws `fields_invalid` for a cursor
   * that is not of the server's making, or of another sort.
   */
  page(viewer: Viewer, query: DeviceQuery, nowMs: number): DevicePage {
    const { sort, status, cursor, limit } = query;
    const after = cursor === "" ? null : readCursor(cursor, sort);
    const wanted = wantedText(query.q);
    this.dropUnused(nowMs);
    const order = this.#upToDate({ viewer, sort, status, wanted }, nowMs);
    const { devices, last, more } = order.slice(after, query.order, limit);
    return {
      devices,
      matched: order.size,
      nextCursor: more && last ? writeCursor(last, sort) : null,
    };
  }

  /** Lets go of the orders that nobody asked for in a while. */
  dropUnused(nowMs: number): void {
    for (const [key, { usedAtMs }] of this.#kept) {
      if (nowMs - usedAtMs < ORDER_LIFE_MS) return;
      this.#kept.delete(key);
    }
  }

  #upToDate(filter: Filter, nowMs: number): Order {
    const key = keyOf(filter);
    const known = this.#kept.get(key);
    if (known) this.#update(known);
    const kept = known ?? this.#make(filter, nowMs);
    kept.usedAtMs = nowMs;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (!known) this.#makeRoom(key);
    return kept.order;
  }

  /** Lets go of the orders used longest ago where there are too many; never of the newest. */
  #makeRoom(newest: string): void {
    let places = 0;
    for (const { order } of this.#kept.values()) places += order.size;
    for (const [key, { order }] of this.#kept) {
      const isRoom = places <= MAX_PLACES && this.#kept.size <= MAX_ORDERS;
      if (isRoom || key === newest) return;
      this.#kept.delete(key);
      places -= order.size;
    }
  }

  /** An order of everything is sorted; one of a part is what remains of a wider one. */
  #make(filter: Filter, nowMs: number): Kept {
    const isAll = filter.status === "" && filter.wanted === "";
    const order = isAll
      ? new Order(
        this.#optionsOf(filter),
        this.#source.visibleTo(filter.viewer),
      )
      : this.#narrow(filter, nowMs);
    return {
      filter,
      order,
      revision: this.#source.revision,
      usedAtMs: nowMs,
    };
  }

  /** Looks only at what an earlier search found, where that was for a part of what is wanted now. */
  #narrow(filter: Filter, nowMs: number): Order {
    const options = this.#optionsOf(filter);
    const narrowest = this.#narrowestOver(filter);
    if (narrowest) this.#update(narrowest);
    const wider = narrowest?.order;
    if (wider && wider.size <= FEW_DEVICES) {
      return new Order(options, wider.devices());
    }
    const all = { ...filter, status: "" as const, wanted: "" };
    const everything = this.#upToDate(all, nowMs);
    const matches = matcher(filter.status, filter.wanted);
    return everything.narrowed(
      wider ? (found) => wider.contains(found) && matches(found) : matches,
      options.has,
    );
  }

  /** Of the orders of a part, the smallest that has all devices of the filter. */
  #narrowestOver(filter: Filter): Kept | null {
    let narrowest: Kept | null = null;
    for (const kept of this.#kept.values()) {
      const { viewer, status, wanted } = kept.filter;
      const isPart = status !== "" || wanted !== "";
      if (
        isPart && scopeOf(viewer) === scopeOf(filter.viewer) &&
        (status === "" || status === filter.status) &&
        filter.wanted.includes(wanted) &&
        kept.order.size <= (narrowest?.order.size ?? Infinity)
      ) narrowest = kept;
    }
    return narrowest;
  }

  #optionsOf({ viewer, sort, status, wanted }: Filter): OrderOptions {
    const matches = matcher(status, wanted);
    return {
      sort,
      has: (found) => this.#source.isVisibleTo(viewer, found) && matches(found),
      text: (text) => this.#text(text),
    };
  }

  #update(kept: Kept): void {
    const { revision } = this.#source;
    if (kept.revision === revision) return;
    const changed = this.#source.changedSince(kept.revision) ??
      this.#allChangedSince(kept);
    kept.order.update(new Set(changed));
    kept.revision = revision;
  }

  /** The slow way: a removed device is in the order only, a new one among the visible only. */
  *#allChangedSince(
    { order, revision, filter }: Kept,
  ): Iterable<FleetDevice> {
    for (const found of order.devices()) {
      if (found.revision > revision) yield found;
    }
    for (const found of this.#source.visibleTo(filter.viewer)) {
      if (found.revision > revision) yield found;
    }
  }

  #text(text: string): SortText {
    let made = this.#texts.get(text);
    if (!made) {
      if (this.#texts.size >= MAX_TEXTS) this.#texts.clear();
      this.#texts.set(text, made = sortText(text));
    }
    return made;
  }
}

function keyOf({ viewer, sort, status, wanted }: Filter): string {
  return JSON.stringify([scopeOf(viewer), sort, status, wanted]);
}

/** Who sees all sees the same as others who do. */
function scopeOf({ seesAll, userId }: Viewer): string | null {
  return seesAll ? null : userId;
}

/** Devices kept in order: sorted once, and from then on only what changed is sorted and merged in. */
import type { DeviceSort, SortOrder } from "@/lib/contract/dashboard.ts";
import {
  compareValues,
  type Comparison,
  comparison,
  type Position,
  sortValue,
} from "@/lib/fleet/device_query.ts";
import type { FleetDevice } from "@/lib/fleet/model.ts";
import type { SortText } from "@/lib/fleet/sort_text.ts";

/** A device with the position it had when it was last looked at. */
interface Entry extends Position {
  readonly found: FleetDevice;
}

export interface OrderOptions {
  sort: DeviceSort;
  /** Whether a device belongs into the order, as it is now. */
  has: (found: FleetDevice) => boolean;
  /** Makes the texts that devices are sorted by. */
  text: (text: string) => SortText;
}

export interface Slice {
  devices: FleetDevice[];
  last: Position | null;
  /** True where more follow. */
  more: boolean;
}

/** Where more than this part of an order moves, to sort all anew is quicker than to find each place. */
const MOST_MOVED = 1 / 4;

export class Order {
  readonly #options: OrderOptions;
  readonly #compare: Comparison;
  /** Ascending. Positions stay as they are while the devices change. */
  #entries: Entry[] = [];
  readonly #entryOf = new Map<FleetDevice, Entry>();

  /** Sorts those of `devices` that belong here. */
  constructor(options: OrderOptions, devices: Iterable<FleetDevice>) {
    this.#options = options;
    this.#compare = comparison(options.sort);
    for (const found of devices) {
      if (options.has(found)) this.#add(this.#made(found));
    }
    this.#entries.sort((a, b) => this.#inOrder(a, b));
  }

  /** How many devices it has. */
  get size(): number {
    return this.#entries.length;
  }

  contains(found: FleetDevice): boolean {
    return this.#entryOf.has(found);
  }

  /** Its devices, ascending. */
  *devices(): Iterable<FleetDevice> {
    for (const { found } of this.#entries) yield found;
  }

  /** An order by the same, of those of its devices that `isIn` is true of now and `has` later: costs no sorting. */
  narrowed(
    isIn: (found: FleetDevice) => boolean,
    has: OrderOptions["has"],
  ): Order {
    const narrowed = new Order({ ...this.#options, has }, []);
    for (const entry of this.#entries) {
      if (isIn(entry.found)) narrowed.#add(entry);
    }
    return narrowed;
  }

  /** Brings the devices that changed, came or went to their places. */
  update(changed: ReadonlySet<FleetDevice>): void {
    const left: Entry[] = [];
    const come: Entry[] = [];
    for (const found of changed) {
      const entry = this.#entryOf.get(found);
      const has = this.#options.has(found);
      if (has && entry && this.#isInPlace(entry)) continue;
      if (entry) left.push(entry);
      if (has) come.push(this.#made(found));
    }
    if (left.length === 0 && come.length === 0) return;
    for (const { found } of left) this.#entryOf.delete(found);
    for (const entry of come) this.#entryOf.set(entry.found, entry);
    const isMuch = left.length + come.length > this.size * MOST_MOVED;
    this.#entries = isMuch
      ? [...this.#entryOf.values()].sort((a, b) => this.#inOrder(a, b))
      : this.#merged(left, come);
  }

  /** The devices behind a position, or from the first on. */
  slice(after: Position | null, order: SortOrder, limit: number): Slice {
    const { picked, more } = order === "asc"
      ? this.#ascending(after, limit)
      : this.#descending(after, limit);
    return {
      devices: picked.map(({ found }) => found),
      last: picked.at(-1) ?? null,
      more,
    };
  }

  #ascending(after: Position | null, limit: number) {
    const start = after
      ? this.#firstWhere((entry) => this.#inOrder(entry, after) > 0)
      : 0;
    const end = start + limit;
    const picked = this.#entries.slice(start, end);
    return { picked, more: end < this.#entries.length };
  }

  /** Groups come from the last to the first; within each, devices from the first to the last. */
  #descending(after: Position | null, limit: number) {
    const { group, within } = this.#compare;
    const picked: Entry[] = [];
    let end = this.#entries.length;
    let start: number;
    if (after) {
      end = this.#firstWhere((entry) => group(entry, after) > 0);
      start = this.#firstWhere((entry) => {
        return (group(entry, after) || within(entry, after)) > 0;
      });
      picked.push(...this.#entries.slice(start, Math.min(end, start + limit)));
      if (end - start > limit) return { picked, more: true };
      end = this.#firstWhere((entry) => group(entry, after) >= 0);
    }
    while (end > 0 && picked.length < limit) {
      start = this.#startOfGroup(end);
      const room = limit - picked.length;
      picked.push(...this.#entries.slice(start, Math.min(end, start + room)));
      if (end - start > room) return { picked, more: true };
      end = start;
    }
    return { picked, more: end > 0 };
  }

  /** Where the group of the entry before `end` starts. */
  #startOfGroup(end: number): number {
    const last = this.#entries[end - 1];
    if (!last) return 0;
    const { group } = this.#compare;
    return this.#firstWhere((entry) => group(entry, last) >= 0);
  }

  /** The index of the first entry that `isBehind` is true of; it is so of all that follow. */
  #firstWhere(isBehind: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry && isBehind(entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The entries without `left`, which are among them, and with `come`. */
  #merged(left: readonly Entry[], come: Entry[]): Entry[] {
    const entries = this.#entries;
    const gaps = left.map((entry) => this.#placeOf(entry))
      .sort((a, b) => a - b);
    const merged: Entry[] = [];
    let next = 0;
    let gap = 0;
    const copyUntil = (end: number) => {
      for (; next < end; next++) {
        const entry = entries[next];
        if (next === gaps[gap]) gap++;
        else if (entry) merged.push(entry);
      }
    };
    for (const entry of come.sort((a, b) => this.#inOrder(a, b))) {
      copyUntil(this.#placeOf(entry));
      merged.push(entry);
    }
    copyUntil(entries.length);
    return merged;
  }

  /** Where an entry stands, or would. */
  #placeOf(position: Position): number {
    return this.#firstWhere((entry) => this.#inOrder(entry, position) >= 0);
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    this.#entryOf.set(entry.found, entry);
  }

  #made(found: FleetDevice): Entry {
    return {
      found,
      value: this.#valueOf(found),
      name: found.sortName,
      id: found.device.id,
    };
  }

  #isInPlace({ found, value, name }: Entry): boolean {
    return name.text === found.sortName.text &&
      compareValues(value, this.#valueOf(found)) === 0;
  }

  #valueOf(found: FleetDevice) {
    return sortValue(found, this.#options.sort, this.#options.text);
  }

  #inOrder(a: Position, b: Position): number {
    return this.#compare.group(a, b) || this.#compare.within(a, b);
  }
}

import type { FleetDevice } from "@/lib/fleet/model.ts";

/** How many changes are remembered: some seconds of a busy fleet's, in a few hundred KB. */
export const RECENT_CHANGES = 32_768;

/** The devices that changed lately, by the revision of the change. A new change costs one write. */
export class RecentChanges {
  readonly #ring: FleetDevice[] = [];
  #revision = 0;

  /** The revision of the latest change. */
  get revision(): number {
    return this.#revision;
  }

  /** Notes a change and answers its revision. */
  add(found: FleetDevice): number {
    const revision = ++this.#revision;
    this.#ring[revision % RECENT_CHANGES] = found;
    return revision;
  }

  /** The devices of all changes behind a revision, some repeatedly; null where not all are remembered. */
  since(revision: number): Iterable<FleetDevice> | null {
    if (this.#revision - revision > RECENT_CHANGES) return null;
    return this.#between(revision, this.#revision);
  }

  *#between(after: number, until: number): Iterable<FleetDevice> {
    for (let revision = after + 1; revision <= until; revision++) {
      const found = this.#ring[revision % RECENT_CHANGES];
      if (found) yield found;
    }
  }
}

/**
 * The change log: one entry in every commit that changes devices or their snapshots, by which server
 * processes on one database learn of each other's writes. Deno KV has no such feed: a watch takes ten
 * keys. Each process numbers its own entries, so that writers never wait for each other.
 */
import { keys } from "@/lib/store/keys.ts";
import { KV_LIST_BATCH } from "@/lib/store/open.ts";

/** What a commit changed, by device id. */
export interface Change {
  /** Made, renamed or removed. */
  devices: string[];
  /** With a new snapshot. */
  snapshots: string[];
}

/** How far a reader has come in the entries of one other process. */
interface Mark {
  number: number;
  versionstamp: string;
}

/** How far a reader has come, by process. */
export type ChangePosition = ReadonlyMap<string, Mark>;

/** Entries go after this long. A reader that was away for longer has to read everything again. */
export const CHANGE_TTL_MS = 60_000;
/**
 * Commits that were under way together may land in another order than their numbers: a reader looks
 * at so many entries again, and tells the new ones by their versionstamps, which rise by commit.
 */
const OVERLAP = 32;

export class ChangeLog {
  readonly #kv: Deno.Kv;
  readonly #processId: string;
  #nextNumber = 0;

  constructor(kv: Deno.Kv, processId: string = crypto.randomUUID()) {
    this.#kv = kv;
    this.#processId = processId;
  }

  /** Adds an entry to a commit. Call it right before the commit. */
  add(commit: Deno.AtomicOperation, change: Partial<Change>): void {
    const { devices = [], snapshots = [] } = change;
    const entry: Change = { devices, snapshots };
    const key = keys.change(this.#processId, this.#nextNumber++);
    commit.set(key, entry, { expireIn: CHANGE_TTL_MS });
  }

  /** Where the log ends now. */
  async position(): Promise<ChangePosition> {
    const marks = new Map<string, Mark>();
    for (const processId of await this.#others()) {
      const prefix = keys.changesOf(processId);
      const last = this.#kv.list<Change>({ prefix }, {
        reverse: true,
        limit: 1,
      });
      for await (const entry of last) marks.set(processId, markOf(entry));
    }
    return marks;
  }

  /** What other processes changed after `position`, each id once, and the new position. */
  async since(
    position: ChangePosition,
  ): Promise<{ change: Change; position: ChangePosition }> {
    const devices = new Set<string>();
    const snapshots = new Set<string>();
    const marks = new Map<string, Mark>();
    for (const processId of await this.#others()) {
      let mark = position.get(processId) ?? { number: 0, versionstamp: "" };
      const known = mark.versionstamp;
      for await (const entry of this.#from(processId, mark.number - OVERLAP)) {
        if (entry.versionstamp <= known) continue;
        entry.value.devices.forEach((id) => devices.add(id));
        entry.value.snapshots.forEach((id) => snapshots.add(id));
        mark = later(mark, markOf(entry));
      }
      marks.set(processId, mark);
    }
    return {
      change: { devices: [...devices], snapshots: [...snapshots] },
      position: marks,
    };
  }

  #from(processId: string, number: number): Deno.KvListIterator<Change> {
    return this.#kv.list<Change>({
      prefix: keys.changesOf(processId),
      start: keys.change(processId, Math.max(0, number)),
    }, { batchSize: KV_LIST_BATCH });
  }

  /** The other processes that have entries, by leaping from the first entry of one to that of the next. */
  async #others(): Promise<string[]> {
    const found: string[] = [];
    let start = keys.changesOf("");
    for (;;) {
      const next = this.#kv.list({ prefix: keys.changes(), start }, {
        limit: 1,
      });
      const first = (await next.next()).value;
      if (!first) return found;
      const processId = String(first.key[1]);
      if (processId !== this.#processId) found.push(processId);
      // The least key after all of this process's.
      start = keys.changesOf(`${processId}\0`);
    }
  }
}

function markOf({ key, versionstamp }: Deno.KvEntry<Change>): Mark {
  return { number: Number(key[2]), versionstamp };
}

function later(a: Mark, b: Mark): Mark {
  return {
    number: Math.max(a.number, b.number),
    versionstamp: a.versionstamp > b.versionstamp
      ? a.versionstamp
      : b.versionstamp,
  };
}

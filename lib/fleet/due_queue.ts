interface Due {
  id: string;
  atMs: number;
}

/**
 * Ids that want attention at a time to come, such as devices that will be offline: a binary heap by
 * time. A device reports far more often than it falls due, so a later due time costs nothing: the
 * earlier one stands, and whoever drains the queue schedules the id again.
 */
export class DueQueue {
  readonly #heap: Due[] = [];
  /** The valid due time of each id; heap entries that say otherwise are passed over. */
  readonly #scheduled = new Map<string, number>();

  /** Wants `id` at `atMs`, unless it is wanted earlier already. */
  schedule(id: string, atMs: number): void {
    const scheduled = this.#scheduled.get(id);
    if (scheduled !== undefined && scheduled <= atMs) return;
    this.#scheduled.set(id, atMs);
    this.#push({ id, atMs });
  }

  cancel(id: string): void {
    this.#scheduled.delete(id);
  }

  /** Takes out all that fell due up to `nowMs`, earliest first. */
  drain(nowMs: number): string[] {
    const ids: string[] = [];
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.atMs > nowMs) return ids;
      this.#pop();
      if (this.#scheduled.get(first.id) !== first.atMs) continue;
      this.#scheduled.delete(first.id);
      ids.push(first.id);
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let i = heap.push(due) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.#at(parent) <= due.atMs) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    heap[0] = last;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      let least = i;
      if (this.#at(left) < this.#at(least)) least = left;
      if (this.#at(left + 1) < this.#at(least)) least = left + 1;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first && second) [this.#heap[a], this.#heap[b]] = [second, first];
  }
}

/** Pending delivery to one target. */
export interface QueuedDelivery {
  /** Slot of the receipt in the journal's index. */
  readonly ref: number;
  /** Attempts made so far. */
  readonly attempts: number;
  readonly dueAtMs: number;
}

const MIN_CAPACITY = 256;

const MAX_ATTEMPTS = 255;

/**
 * Priority queue of pending deliveries by due time, then by ref, which is the order of receipt. A binary heap in three typed arrays,
 * 13 bytes per entry, because hundreds of thousands may wait for a target that is down.
 */
export class DueQueue {
  #refs = new Uint32Array(MIN_CAPACITY);
  #attempts = new Uint8Array(MIN_CAPACITY);
  #due = new Float64Array(MIN_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Due time (ms) of the first entry; Infinity when empty. */
  get nextDueMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#due[0]!;
  }

  /** Ref of the first entry; undefined when empty. */
  get nextRef(): number | undefined {
    return this.#size === 0 ? undefined : this.#refs[0];
  }

  add({ ref, attempts, dueAtMs }: QueuedDelivery): void {
    if (this.#size === this.#refs.length) this.#resize(2 * this.#size);
    let at = this.#size;
    this.#size += 1;
    for (let parent = (at - 1) >> 1; at > 0 && this.#isBefore(dueAtMs, ref, parent); parent = (at - 1) >> 1) {
      this.#copy(parent, at);
      at = parent;
    }
    this.#write(at, ref, Math.min(attempts, MAX_ATTEMPTS), dueAtMs);
  }

  /** Removes and returns the first entry; undefined when empty. */
  take(): QueuedDelivery | undefined {
    if (this.#size === 0) return undefined;
    const first = { ref: this.#refs[0]!, attempts: this.#attempts[0]!, dueAtMs: this.#due[0]! };
    this.#size -= 1;
    if (this.#size > 0) this.#siftDown(this.#size);
    if (this.#refs.length > MIN_CAPACITY && this.#size < this.#refs.length >> 2) this.#resize(this.#refs.length >> 1);
    return first;
  }

  /** Moves the entry at `from` down from the root to its position. */
  #siftDown(from: number): void {
    const [ref, attempts, due] = [this.#refs[from]!, this.#attempts[from]!, this.#due[from]!];
    let at = 0;
    for (let child = this.#earlierChild(at); child < this.#size; child = this.#earlierChild(at)) {
      if (this.#isBefore(due, ref, child)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#write(at, ref, attempts, due);
  }

  #earlierChild(at: number): number {
    const left = 2 * at + 1;
    const right = left + 1;
    return right < this.#size && this.#isBefore(this.#due[right]!, this.#refs[right]!, left) ? right : left;
  }

  #isBefore(due: number, ref: number, other: number): boolean {
    const otherDue = this.#due[other]!;
    return due < otherDue || (due === otherDue && ref < this.#refs[other]!);
  }

  #copy(from: number, to: number): void {
    this.#write(to, this.#refs[from]!, this.#attempts[from]!, this.#due[from]!);
  }

  #write(at: number, ref: number, attempts: number, due: number): void {
    this.#refs[at] = ref;
    this.#attempts[at] = attempts;
    this.#due[at] = due;
  }

  #resize(capacity: number): void {
    const [refs, attempts, due] = [new Uint32Array(capacity), new Uint8Array(capacity), new Float64Array(capacity)];
    refs.set(this.#refs.subarray(0, this.#size));
    attempts.set(this.#attempts.subarray(0, this.#size));
    due.set(this.#due.subarray(0, this.#size));
    [this.#refs, this.#attempts, this.#due] = [refs, attempts, due];
  }
}

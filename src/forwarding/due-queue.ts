/** A delivery that is owed to a target. */
export interface QueuedDelivery {
  /** Slot of the receipt in the journal's index. */
  readonly ref: number;
  /** Made so far. */
  readonly attempts: number;
  readonly dueAtMs: number;
}

const FIRST_CAPACITY = 256;

const MOST_ATTEMPTS = 255;

/**
 * What is owed to one target, earliest first, those due at the same moment in the order they were received (refs count upwards). A binary
 * heap in three typed arrays, 13 bytes an entry: hundreds of thousands may wait for a target that is down.
 */
export class DueQueue {
  #refs = new Uint32Array(FIRST_CAPACITY);
  #attempts = new Uint8Array(FIRST_CAPACITY);
  #due = new Float64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The moment the first one is due; Infinity where there is none. */
  get nextDueMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#due[0]!;
  }

  /** The ref of the first one; undefined where there is none. */
  get nextRef(): number | undefined {
    return this.#size === 0 ? undefined : this.#refs[0];
  }

  add({ ref, attempts, dueAtMs }: QueuedDelivery): void {
    if (this.#size === this.#refs.length) this.#resize(2 * this.#size);
    let at = this.#size;
    this.#size += 1;
    for (let above = (at - 1) >> 1; at > 0 && this.#isBefore(dueAtMs, ref, above); above = (at - 1) >> 1) {
      this.#copy(above, at);
      at = above;
    }
    this.#write(at, ref, Math.min(attempts, MOST_ATTEMPTS), dueAtMs);
  }

  /** Takes the first one out; undefined where there is none. */
  take(): QueuedDelivery | undefined {
    if (this.#size === 0) return undefined;
    const first = { ref: this.#refs[0]!, attempts: this.#attempts[0]!, dueAtMs: this.#due[0]! };
    this.#size -= 1;
    if (this.#size > 0) this.#sink(this.#size);
    if (this.#refs.length > FIRST_CAPACITY && this.#size < this.#refs.length >> 2) this.#resize(this.#refs.length >> 1);
    return first;
  }

  /** Puts the entry at `from` where it belongs, from the top down. */
  #sink(from: number): void {
    const [ref, attempts, due] = [this.#refs[from]!, this.#attempts[from]!, this.#due[from]!];
    let at = 0;
    for (let below = this.#earlierChild(at); below < this.#size; below = this.#earlierChild(at)) {
      if (this.#isBefore(due, ref, below)) break;
      this.#copy(below, at);
      at = below;
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

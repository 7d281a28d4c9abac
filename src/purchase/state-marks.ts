import type { PurchaseState } from './purchase.js';

/** A state that begins at `fromMs` and, as far as is signed, ends at `toMs`; null where it has no end. */
export interface StateMark {
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly state: PurchaseState;
  /** Index of the event it comes from. */
  readonly event: number;
  /** The beginning is the latest possible one: none is signed. */
  readonly isUndated?: boolean;
  /** Set where a transaction that is in no record grants the state: its product, as far as is signed. */
  readonly unseen?: { readonly productId: string | null };
}

/** States of one billing period in order of time. A mark replaces everything from its beginning on: the later event is right. */
export class StateMarks {
  readonly #marks: StateMark[] = [];

  get top(): StateMark | null {
    return this.#marks.at(-1) ?? null;
  }

  get all(): readonly StateMark[] {
    return this.#marks;
  }

  /** Ignores a mark that would end before it begins. */
  set(mark: StateMark): void {
    if (mark.toMs !== null && mark.toMs <= mark.fromMs) return;
    while (this.top !== null && this.top.fromMs >= mark.fromMs) this.#marks.pop();
    this.#marks.push(mark);
  }

  /** State at a time at or after the last events; `unknown` after the end of a mark, and before the first one. */
  at(ms: number): PurchaseState {
    for (let at = this.#marks.length - 1; at >= 0; at--) {
      const mark = this.#marks[at];
      if (mark === undefined || mark.fromMs > ms) continue;
      return mark.toMs !== null && ms >= mark.toMs ? 'unknown' : mark.state;
    }
    return 'unknown';
  }
}

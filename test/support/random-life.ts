import type { JsonObject } from '../../src/jws/json.js';
import type { PurchaseDocument, PurchaseState } from '../../src/purchase/purchase.js';
import { purchaseNotification } from './purchase-story.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECOND_MS = 1_000;
const PLANS: Readonly<Record<string, { readonly days: number; readonly next: string | null }>> = {
  basic: { days: 30, next: 'plus' },
  plus: { days: 30, next: 'yearly' },
  yearly: { days: 365, next: null },
};
const STATUSES: Partial<Record<PurchaseState, number>> = {
  active: 1,
  expired: 2,
  'in-billing-retry': 3,
  'in-grace-period': 4,
  refunded: 5,
};

export interface TruePeriod {
  readonly atMs: number;
  readonly state: PurchaseState;
  readonly productId: string;
}

/** One subscription as the App Store knows it: what was true, and every notification of it. */
export interface RandomLife {
  readonly documents: readonly PurchaseDocument[];
  readonly truth: readonly TruePeriod[];
  readonly startMs: number;
  readonly endMs: number;
}

interface Transaction {
  readonly id: string;
  readonly productId: string;
  readonly fromMs: number;
  toMs: number;
  readonly reason: string;
  revokedMs: number | null;
  isUpgraded: boolean;
}

/** Builds a life of a few random steps. `random` returns numbers from 0 up to 1. */
export function randomLife(random: () => number): RandomLife {
  const store = new Store(random);
  for (let left = 1 + Math.floor(random() * 10); left > 0; left--) store.step();
  return store.life();
}

class Store {
  readonly #random: () => number;
  readonly #documents: PurchaseDocument[] = [];
  readonly #truth: TruePeriod[] = [];
  readonly #transactions: Transaction[] = [];
  readonly #startMs = Date.UTC(2024, 0, 1);
  #atMs = this.#startMs;
  #state: PurchaseState = 'active';
  #product: string;
  #next: string | null = null;
  #renews = true;
  #graceMs: number | null = null;
  #intent: number | null = null;

  constructor(random: () => number) {
    this.#random = random;
    this.#product = this.#pick('basic', 'plus');
    this.#buy('SUBSCRIBED.INITIAL_BUY');
  }

  life(): RandomLife {
    return {
      documents: this.#documents,
      truth: this.#truth,
      startMs: this.#startMs,
      endMs: this.#atMs + 60 * SECOND_MS,
    };
  }

  step(): void {
    if (this.#state === 'active') this.#stepWhileActive();
    else if (this.#state === 'expired') this.#stepAfterExpiry();
    else if (this.#state === 'refunded') this.#stepAfterRefund();
    else this.#stepWhileUnpaid();
  }

  get #present(): Transaction {
    const last = this.#transactions.at(-1);
    if (last === undefined) throw new RangeError('nothing bought');
    return last;
  }

  #stepWhileActive(): void {
    const endMs = this.#present.toMs;
    const atMs = this.#between(this.#atMs + 60 * SECOND_MS, endMs - 2 * DAY_MS);
    const act = this.#pick('end', 'end', 'end', 'switch', 'up', 'down', 'refund', 'refund-old', 'extend', 'consume');
    if (act === 'end' || atMs <= this.#atMs) {
      this.#endPeriod(endMs);
      return;
    }
    const upgrade = PLANS[this.#product]?.next ?? null;
    this.#atMs = atMs;
    if (act === 'switch') {
      this.#renews = !this.#renews;
      this.#send(`DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_${this.#renews ? 'ENABLED' : 'DISABLED'}`);
    } else if (act === 'up' && upgrade !== null) this.#upgrade(upgrade);
    else if (act === 'down' && this.#product !== 'basic') {
      this.#next = 'basic';
      this.#send('DID_CHANGE_RENEWAL_PREF.DOWNGRADE');
    } else if (act === 'refund') this.#refund();
    else if (act === 'refund-old') this.#refundOld();
    else if (act === 'extend') {
      this.#present.toMs += 30 * DAY_MS;
      this.#send('RENEWAL_EXTENDED');
    } else this.#send('CONSUMPTION_REQUEST');
  }

  #endPeriod(endMs: number): void {
    if (!this.#renews) {
      this.#end(endMs, 1);
      this.#send('EXPIRED.VOLUNTARY');
    } else if (this.#random() < 0.6) {
      this.#atMs = endMs;
      this.#product = this.#next ?? this.#product;
      this.#next = null;
      this.#buy('DID_RENEW', { reason: 'RENEWAL' });
    } else {
      const isGrace = this.#random() < 0.5;
      this.#graceMs = isGrace ? endMs + 16 * DAY_MS : null;
      this.#enter(isGrace ? 'in-grace-period' : 'in-billing-retry', endMs);
      this.#send(isGrace ? 'DID_FAIL_TO_RENEW.GRACE_PERIOD' : 'DID_FAIL_TO_RENEW');
    }
  }

  #stepWhileUnpaid(): void {
    const limitMs = this.#graceMs ?? this.#present.toMs + 60 * DAY_MS;
    const upgrade = PLANS[this.#product]?.next ?? null;
    const act = this.#pick('recover', 'recover', 'lapse', 'cancel', 'up', 'refund');
    const isGrace = this.#graceMs !== null;
    this.#atMs = act === 'lapse' ? limitMs : this.#between(this.#atMs + 60 * SECOND_MS, limitMs - 60 * SECOND_MS);
    if (act === 'lapse' && isGrace) {
      this.#enter('in-billing-retry', limitMs);
      this.#send('GRACE_PERIOD_EXPIRED');
      this.#graceMs = null;
    } else if (act === 'lapse' || act === 'cancel') {
      this.#graceMs = null;
      this.#renews = act === 'lapse';
      this.#end(this.#atMs, act === 'lapse' ? 2 : 1);
      this.#send(act === 'lapse' ? 'EXPIRED.BILLING_RETRY' : 'EXPIRED.VOLUNTARY');
    } else if (act === 'up' && upgrade !== null) {
      this.#product = upgrade;
      this.#buy('DID_CHANGE_RENEWAL_PREF.UPGRADE');
    } else if (act === 'refund') {
      this.#refundOver();
    } else {
      this.#product = this.#next ?? this.#product;
      this.#next = null;
      // A recovery within grace keeps the renewal date.
      this.#buy('DID_RENEW.BILLING_RECOVERY', { reason: 'RENEWAL', fromMs: isGrace ? this.#present.toMs : this.#atMs });
    }
  }

  #stepAfterExpiry(): void {
    if (this.#random() < 0.3) {
      this.#atMs += this.#between(2 * HOUR_MS, 40 * DAY_MS);
      this.#refundOver();
    } else this.#stepAfterEnd(80);
  }

  #stepAfterEnd(days: number): void {
    this.#atMs += this.#between(2 * HOUR_MS, days * DAY_MS);
    this.#product = this.#pick('basic', 'plus');
    this.#buy('SUBSCRIBED.RESUBSCRIBE');
  }

  #stepAfterRefund(): void {
    if (this.#random() < 0.5) {
      this.#stepAfterEnd(40);
      return;
    }
    this.#atMs += this.#between(HOUR_MS, 40 * DAY_MS);
    this.#present.revokedMs = null;
    if (this.#atMs >= this.#present.toMs) this.#end(this.#atMs, 1);
    else this.#enter('active', this.#atMs);
    this.#send('REFUND_REVERSED');
  }

  #upgrade(productId: string): void {
    const old = this.#present;
    old.isUpgraded = true;
    this.#product = productId;
    this.#buy('DID_CHANGE_RENEWAL_PREF.UPGRADE');
    if (this.#random() < 0.5) return;
    old.revokedMs = this.#present.fromMs;
    this.#atMs += 60 * SECOND_MS;
    this.#send('REFUND', old);
  }

  #refund(): void {
    this.#present.revokedMs = this.#atMs;
    this.#renews = false;
    this.#enter('refunded', this.#atMs);
    this.#send('REFUND');
  }

  #refundOld(): void {
    const old = this.#transactions.find(
      ({ revokedMs, isUpgraded }, at) => at < this.#transactions.length - 1 && revokedMs === null && !isUpgraded,
    );
    if (old === undefined) return;
    old.revokedMs = this.#atMs;
    this.#send('REFUND', old);
  }

  /** After the end of the paid time a refund changes no state. */
  #refundOver(): void {
    if (this.#present.revokedMs !== null) return;
    this.#present.revokedMs = this.#atMs;
    this.#send('REFUND');
  }

  #buy(type: string, { reason = 'PURCHASE', fromMs = this.#atMs } = {}): void {
    const toMs = fromMs + (PLANS[this.#product]?.days ?? 0) * DAY_MS;
    const id = String(this.#transactions.length + 1);
    this.#transactions.push({ id, productId: this.#product, fromMs, toMs, reason, revokedMs: null, isUpgraded: false });
    this.#graceMs = null;
    this.#intent = null;
    if (reason === 'PURCHASE') {
      this.#next = null;
      this.#renews = true;
    }
    this.#enter('active', this.#atMs);
    this.#send(type);
  }

  #end(atMs: number, intent: number): void {
    this.#intent = intent;
    this.#enter('expired', atMs);
  }

  #enter(state: PurchaseState, atMs: number): void {
    this.#state = state;
    this.#atMs = atMs;
    this.#truth.push({ atMs, state, productId: this.#present.productId });
  }

  /** Signed two seconds after the event. */
  #send(type: string, transaction: Transaction = this.#present): void {
    this.#atMs += 2 * SECOND_MS;
    const signedMs = this.#atMs;
    const status = STATUSES[this.#state] ?? 0;
    const uuid = `uuid-${this.#documents.length}`;
    this.#documents.push(
      purchaseNotification({
        type,
        signedMs,
        status,
        uuid,
        transaction: signed(transaction),
        renewalInfo: this.#renewal(),
      }),
    );
  }

  #renewal(): JsonObject {
    const isUnpaid = this.#state === 'in-grace-period' || this.#state === 'in-billing-retry';
    return {
      productId: this.#product,
      autoRenewProductId: this.#next ?? this.#product,
      autoRenewStatus: this.#renews ? 1 : 0,
      renewalDate: this.#present.toMs,
      ...(isUnpaid && { isInBillingRetryPeriod: true, expirationIntent: 2 }),
      ...(this.#graceMs !== null && { gracePeriodExpiresDate: this.#graceMs }),
      ...(this.#intent !== null && { expirationIntent: this.#intent }),
    };
  }

  #pick<Value>(...values: readonly [Value, ...Value[]]): Value {
    return values[Math.floor(this.#random() * values.length)] ?? values[0];
  }

  #between(lowest: number, highest: number): number {
    return Math.floor(lowest + this.#random() * Math.max(0, highest - lowest));
  }
}

function signed({ id, productId, fromMs, toMs, reason, revokedMs, isUpgraded }: Transaction): JsonObject {
  return {
    transactionId: id,
    productId,
    purchaseDate: fromMs,
    expiresDate: toMs,
    transactionReason: reason,
    ...(revokedMs !== null && { revocationDate: revokedMs, revocationReason: 0 }),
    ...(isUpgraded && { isUpgraded }),
  };
}

import type { JsonObject } from '../../src/jws/json.js';
import type { Kind, VerdictWord } from '../../src/notification/document.js';
import type { PurchaseDocument, PurchaseTimeline } from '../../src/purchase/purchase.js';

/** One event of a story. Times are `2026-03-01` or `2026-03-01T10:00Z`. */
export interface Told {
  /** Signing time; null: the payload has no date. */
  readonly at: string | null;
  /** `TYPE.SUBTYPE`, or `transaction`, `renewalInfo` for a payload of its own. */
  readonly type: string;
  /** transactionId; default `1`. */
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly transaction?: JsonObject;
  /** Default: auto-renewal is on. Null: no renewal info. */
  readonly renewal?: JsonObject | null;
  readonly status?: number;
  readonly uuid?: string;
  readonly received?: string;
  readonly verdict?: VerdictWord;
  readonly environment?: string;
}

export const ORIGINAL_ID = '1';

export const ACCOUNT = '7e3fb204-2f5a-4c1b-9d5e-0b1a2c3d4e5f';

export function ms(time: string): number {
  return Date.parse(time);
}

let uuids = 0;

/** Document of one event of the subscription {@link ORIGINAL_ID}, as `decode` and `listen` have it. */
export function told(event: Told): PurchaseDocument {
  const { at, type, received, verdict, renewal = { autoRenewStatus: 1 }, environment = 'Production' } = event;
  const signed = at === null ? {} : { signedDate: ms(at) };
  const isAlone = type === 'transaction' || type === 'renewalInfo';
  const hasTransaction = type !== 'renewalInfo';
  const hasRenewal = type === 'renewalInfo' || (type !== 'transaction' && renewal !== null);
  return {
    kind: isAlone ? (type as Kind) : 'notification',
    source: 'story',
    ...(!isAlone && { notification: { ...notificationOf(event, environment), ...signed } }),
    ...(hasTransaction && { transaction: { ...transactionOf(event, environment), ...signed } }),
    ...(hasRenewal && {
      renewalInfo: {
        originalTransactionId: ORIGINAL_ID,
        productId: 'monthly',
        autoRenewProductId: 'monthly',
        environment,
        ...renewal,
        ...signed,
      },
    }),
    ...(received !== undefined && {
      received: { id: received, atMs: ms(received), answered: 200, repeatOf: null },
    }),
    ...(verdict !== undefined && {
      verification: { verdict, reason: null, root: null, checkedAtMs: null, clock: null, checks: [] },
    }),
  };
}

/** Document of a verified notification of the subscription {@link ORIGINAL_ID}, with times in milliseconds. */
export function purchaseNotification(parts: {
  readonly type: string;
  readonly signedMs: number;
  readonly status: number;
  readonly uuid: string;
  readonly transaction: JsonObject;
  readonly renewalInfo: JsonObject;
}): PurchaseDocument {
  const { signedMs, transaction, renewalInfo } = parts;
  const at = new Date(signedMs).toISOString();
  return told({ ...parts, at, verdict: 'valid', transaction, renewal: renewalInfo });
}

function notificationOf({ type, status, uuid = `uuid-${uuids++}` }: Told, environment: string): JsonObject {
  const [notificationType = '', subtype] = type.split('.');
  return {
    notificationType,
    ...(subtype !== undefined && { subtype }),
    notificationUUID: uuid,
    data: { bundleId: 'com.example.app', environment, ...(status !== undefined && { status }) },
  };
}

function transactionOf({ id = ORIGINAL_ID, from, to, transaction }: Told, environment: string): JsonObject {
  return {
    transactionId: id,
    originalTransactionId: ORIGINAL_ID,
    productId: 'monthly',
    ...(from !== undefined && { purchaseDate: ms(from) }),
    ...(to !== undefined && { expiresDate: ms(to) }),
    type: 'Auto-Renewable Subscription',
    inAppOwnershipType: 'PURCHASED',
    appAccountToken: ACCOUNT,
    quantity: 1,
    price: 9990,
    currency: 'USD',
    environment,
    ...transaction,
  };
}

/** What a reader of a timeline sees: state, periods, state after each event, findings. Days stand for midnight. */
export function outline(purchase: PurchaseTimeline | undefined) {
  if (purchase === undefined) return undefined;
  return {
    state: purchase.state,
    periods: purchase.periods.map(
      ({ fromMs, toMs, state, productId, events }) =>
        `${time(fromMs)} ${toMs === null ? '…' : time(toMs)} ${state}${productId === null ? '' : ` ${productId}`} [${events.join()}]`,
    ),
    after: purchase.events.map(({ stateAfter }) => stateAfter),
    findings: purchase.findings
      .filter(({ id }) => id !== 'unverified')
      .map(({ id, events }) => `${id} [${events.join()}]`),
  };
}

/** `2026-03-01`, or with the time to the minute if it is not midnight. */
export function time(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T00:00', '');
}

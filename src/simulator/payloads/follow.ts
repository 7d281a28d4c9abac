import { isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import { type Random, uuidFrom } from '../random.js';
import { type AppEnvironment, DEFAULT_APP } from './app.js';
import type { BuiltNotification, EventName } from './assemble.js';
import { changeCommitment, changesCommitment, commitmentAnchor, nextBillingPeriod } from './commitment.js';
import { createEventContext, type EventContext } from './context.js';
import { eventKey, OTHER_EVENTS, productTypeError, SUBSCRIPTION } from './events.js';
import { renewalInfoPayload, statusOf } from './nested-payloads.js';
import type { PeriodLength } from './period-length.js';
import { transactionPayload } from './purchase.js';
import { baseError, isSubscription, payloadContainer, readPurchase, readSubscription } from './read-state.js';
import type { Subscription } from './subscription.js';
import {
  BEGINNINGS,
  type Moment,
  ONE_TIME_TRANSITIONS,
  OTHER_DAYS,
  SUBSCRIPTION_TRANSITIONS,
  type Transition,
} from './transitions.js';

export interface FollowOptions {
  readonly random: Random;
  /** Time of the event (ms). Default: when it is due, or some time within the period. */
  readonly atMs?: number | undefined;
  /** Present time (ms): an event that may come at any time does not come later. Default: no limit. */
  readonly latestMs?: number | undefined;
  /** Product that an upgrade or a downgrade leads to. Default: the simulator's own. */
  readonly productId?: string | undefined;
  /** Length of a period, if an earlier notification has it. */
  readonly length?: PeriodLength | undefined;
  /** Time from the event to its signing (ms). Default: {@link SIGNED_AFTER_MS}. */
  readonly signedAfterMs?: number | undefined;
  /** Time of the event before (ms), if another notification came after `base`. */
  readonly previousMs?: number | undefined;
}

/** A notification built to follow another one. */
export interface Followed {
  readonly built: BuiltNotification;
  /** Time of the event (ms); it is signed {@link SIGNED_AFTER_MS} later. */
  readonly atMs: number;
  /** Length of the periods; null without a subscription. */
  readonly length: PeriodLength | null;
  /** Values of the notification that no earlier one contains, each a sentence. */
  readonly assumptions: readonly string[];
}

export const SIGNED_AFTER_MS = 2_000;

const DAY_MS = 86_400_000;

/**
 * Builds the notification of the event that follows `base`: the same purchase, product and ids, with the fields changed that the event
 * changes. Fields unknown to the simulator stay. Throws (usage) `ERR_SIMULATOR_EVENT`, `ERR_SIMULATOR_PRODUCT_TYPE` and `ERR_SIMULATOR_BASE`.
 */
export function followNotification(base: BuiltNotification, event: EventName, options: FollowOptions): Followed {
  const key = eventKey(event.type, event.subtype ?? null);
  if (key in OTHER_EVENTS) return followOther(base, event, key, options);
  if (base.transaction === undefined) {
    throw baseError(
      `${key} needs a purchase, and ${nameOf(base)} has no transaction`,
      'Start from a purchase, a renewal or a refund.',
    );
  }
  return isSubscription(base)
    ? followSubscription(base, event, key, options)
    : followPurchase(base, event, key, options);
}

function followSubscription(base: BuiltNotification, event: EventName, key: string, options: FollowOptions): Followed {
  const transition = SUBSCRIPTION_TRANSITIONS[key];
  if (transition === undefined) throw productTypeError(key, SUBSCRIPTION);
  const { state: before, length: read } = readSubscription(base);
  const length = options.length ?? read;
  const atMs = timeOf(transition, key, before, base, options);
  const signedMs = signedAfter(base, atMs, key, options);
  const context = contextAfter(base, before, { ...options, atMs, signedMs });
  const isCommitment = changesCommitment(key, base);
  const moment = { atMs, context, length, anchorMs: commitmentAnchor(base) };
  const after = isCommitment ? before : transition.apply(before, moment);
  const { transaction = {} } = base;
  const renewalInfo = isCommitment ? changeCommitment(key, base) : withoutPlan(base.renewalInfo, after);
  const isNewPeriod = after.purchase.purchaseMs !== before.purchase.purchaseMs;
  const render = (state: Subscription) => ({
    transaction: transactionPayload(state.purchase, context.app, signedMs),
    renewalInfo: renewalInfoPayload(state, context.app, signedMs),
  });
  const [from, to] = [render(before), render(after)];
  return {
    built: {
      ...base,
      notification: nextEnvelope(base, event, options.random, signedMs, { status: statusOf(after, signedMs) }),
      transaction: patch(isNewPeriod ? nextBillingPeriod(transaction) : transaction, from.transaction, to.transaction),
      renewalInfo: renewalInfo === undefined ? to.renewalInfo : patch(renewalInfo, from.renewalInfo, to.renewalInfo),
    },
    atMs,
    length,
    assumptions: isNewPeriod && length.isAssumed ? [assumedLength(length)] : [],
  };
}

/** Nothing renews, so no billing plan does. */
function withoutPlan(renewalInfo: JsonObject | undefined, { renewal }: Subscription): JsonObject | undefined {
  if (renewalInfo === undefined || renewal.isOn) return renewalInfo;
  const { renewalBillingPlanType: _plan, ...rest } = renewalInfo;
  return rest;
}

function assumedLength({ period }: PeriodLength): string {
  return `The length of the period is assumed to be ${period}: the original does not contain it. To set its end: --set transaction.expiresDate=…`;
}

function followPurchase(base: BuiltNotification, event: EventName, key: string, options: FollowOptions): Followed {
  const before = readPurchase(base);
  const transition = ONE_TIME_TRANSITIONS[key];
  if (transition === undefined) throw productTypeError(key, before.productType);
  const atMs = timeOf(transition, key, before, base, options);
  const signedMs = signedAfter(base, atMs, key, options);
  const after = transition.apply(before, { atMs } as Moment);
  const app = appOfBase(base);
  return {
    built: {
      ...base,
      notification: nextEnvelope(base, event, options.random, signedMs, {}),
      transaction: patch(
        base.transaction ?? {},
        transactionPayload(before, app, signedMs),
        transactionPayload(after, app, signedMs),
      ),
    },
    atMs,
    length: null,
    assumptions: [],
  };
}

/** Events without a purchase: the container of the same kind is kept, any other is made for the same app and customer. */
function followOther(base: BuiltNotification, event: EventName, key: string, options: FollowOptions): Followed {
  const { previousMs = previousOf(base), latestMs = Number.POSITIVE_INFINITY } = options;
  const usualMs = previousMs + (OTHER_DAYS[key] ?? 1) * DAY_MS;
  const atMs = options.atMs ?? Math.max(previousMs, Math.min(usualMs, latestMs));
  const signedMs = signedAfter(base, atMs, key, options);
  const context = contextAfter(base, null, { ...options, atMs, signedMs });
  const { container, appTransaction } = OTHER_EVENTS[key]!(context);
  const [name = ''] = Object.keys(container);
  const found = payloadContainer(base);
  const kept = found?.name === name && name !== 'data' ? { [name]: found.fields } : container;
  return {
    built: {
      notification: envelopeOf(event, uuidFrom(options.random), { ...othersOf(base.notification), ...kept }, signedMs),
      ...(appTransaction && { appTransaction }),
    },
    atMs,
    length: null,
    assumptions: [],
  };
}

function timeOf<State>(
  transition: Transition<State>,
  key: string,
  before: State,
  base: BuiltNotification,
  { atMs, previousMs = previousOf(base), latestMs = Number.POSITIVE_INFINITY }: FollowOptions,
): number {
  if (atMs !== undefined) return atMs;
  const usual = transition.when(before, previousMs);
  const natural = Math.min(usual, Math.max(latestMs, transition.notBefore(before, previousMs)));
  return BEGINNINGS.has(key) ? natural : Math.max(natural, previousMs);
}

const previousOf = (base: BuiltNotification): number => wholeSecond(signedMsOf(base) - SIGNED_AFTER_MS);

/** Later than the notification before, except for the one that begins the purchase. */
function signedAfter(
  base: BuiltNotification,
  atMs: number,
  key: string,
  { signedAfterMs = SIGNED_AFTER_MS }: FollowOptions,
): number {
  const signedMs = atMs + signedAfterMs;
  return BEGINNINGS.has(key) ? signedMs : Math.max(signedMs, signedMsOf(base) + 1);
}

/** `signedDate` of a notification; that of its transaction, else of its purchase where it has none. */
export function signedMsOf({ notification, transaction }: BuiltNotification): number {
  const found = [notification.signedDate, transaction?.signedDate, transaction?.purchaseDate].find(
    (value) => typeof value === 'number',
  );
  return typeof found === 'number' ? found : 0;
}

const wholeSecond = (atMs: number): number => Math.floor(atMs / 1_000) * 1_000;

function appOfBase(base: BuiltNotification): EventContext['app'] {
  const { appAppleId, bundleId, environment } = payloadContainer(base)?.fields ?? {};
  const { transaction } = base;
  return {
    ...DEFAULT_APP,
    ...(typeof appAppleId === 'number' && { appAppleId }),
    bundleId: textOr(bundleId ?? transaction?.bundleId, DEFAULT_APP.bundleId),
    environment: textOr(environment ?? transaction?.environment, DEFAULT_APP.environment) as AppEnvironment,
  };
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

interface ContextOptions extends FollowOptions {
  readonly atMs: number;
  readonly signedMs: number;
}

function contextAfter(
  base: BuiltNotification,
  state: Subscription | null,
  { random, atMs, signedMs, productId }: ContextOptions,
): Moment['context'] {
  const app = appOfBase(base);
  const plan = state?.plan ?? { productId: `${app.bundleId}.premium.monthly`, period: 'P1M', price: 9_990 };
  const lower = { ...plan, productId: productId ?? `${app.bundleId}.basic.monthly`, price: 5_000 };
  const upgradePlan = { ...plan, productId: productId ?? `${app.bundleId}.premium.monthly`, price: 9_990 };
  const context = createEventContext(app, random, signedMs, { plan, lowerPlan: lower });
  const customer = { ...context.customer, ...definedText(base.transaction, 'appTransactionId') };
  return { ...context, eventMs: atMs, customer: state?.purchase.customer ?? customer, upgradePlan };
}

function definedText(payload: JsonObject | undefined, name: string): object {
  const value = payload?.[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

/** Applies what changed from one rendering to the other; every other field of `payload` stays, in its place. */
function patch(payload: JsonObject, from: JsonObject, to: JsonObject): JsonObject {
  const changed: Record<string, Json | undefined> = { ...payload };
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const value = to[name];
    if (name !== 'signedDate' && isSame(from[name], value)) continue;
    if (value === undefined) delete changed[name];
    else if (!Number.isNaN(value)) changed[name] = value;
  }
  return changed;
}

function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return Object.is(one, other) || (typeof one === 'object' && stringifyJson(one) === stringifyJson(other));
}

/** Fields of `data` that the simulator sets anew. */
const REPLACED = new Set(['signedTransactionInfo', 'signedRenewalInfo', 'consumptionRequestReason']);

function nextEnvelope(
  base: BuiltNotification,
  event: EventName,
  random: Random,
  signedMs: number,
  changed: JsonObject,
): JsonObject {
  const { data } = base.notification;
  const kept = Object.entries(isJsonObject(data) ? data : {}).filter(([name]) => !REPLACED.has(name));
  const reason = event.type === 'CONSUMPTION_REQUEST' ? { consumptionRequestReason: 'UNINTENDED_PURCHASE' } : {};
  const content = { ...othersOf(base.notification), data: { ...Object.fromEntries(kept), ...changed, ...reason } };
  return envelopeOf(event, uuidFrom(random), content, signedMs);
}

const ENVELOPE = new Set(['notificationType', 'subtype', 'notificationUUID', 'signedDate', 'version']);

/** Fields beside the envelope and the containers: unknown to the simulator. */
function othersOf(notification: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(notification).filter(([name, value]) => !ENVELOPE.has(name) && !isJsonObject(value)),
  );
}

function envelopeOf({ type, subtype }: EventName, uuid: string, content: JsonObject, signedMs: number): JsonObject {
  return {
    notificationType: type,
    ...(subtype ? { subtype } : {}),
    notificationUUID: uuid,
    ...content,
    version: '2.0',
    signedDate: signedMs,
  };
}

function nameOf({ notification }: BuiltNotification): string {
  const { notificationType, subtype } = notification;
  const type = textOr(notificationType, 'the notification');
  return typeof subtype === 'string' ? `${type}.${subtype}` : type;
}

import { isJsonObject, type Json, type JsonObject, stringifyJson } from '../../jws/json.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import { findField } from '../payloads/field-path.js';
import { durationText } from '../payloads/moment-text.js';
import { addPeriods } from '../payloads/subscription.js';
import { BEGINNINGS, SUBSCRIPTION_TRANSITIONS } from '../payloads/transitions.js';
import { type PlayedStep, playStep, type StoryOptions } from './play-story.js';
import { buildScenario, findScenario, type ScenarioOptions, type ScenarioStep } from './scenarios.js';
import type { StoryStep } from './story.js';

/** A story that says the same as a scenario. */
export interface ExportedStory {
  readonly $schema: string;
  readonly title: string;
  readonly steps: readonly StoryStep[];
}

const SCHEMA_URL = 'https://unpkg.com/storewire/schemas/story.json';

/**
 * Writes a built-in scenario as a story: played, it has the same types, times and fields, with ids of its own. A step sets what differs from
 * what its type alone says. Throws `ERR_SIMULATOR_SCENARIO` (usage).
 */
export function exportStory(name: string, options: ScenarioOptions): ExportedStory {
  const { title } = findScenario(name);
  const { set: _set, remove: _remove, ...payloadOptions } = options;
  const playing: StoryOptions = { ...payloadOptions, isForged: false, onRemark: () => undefined };
  const played: PlayedStep[] = [];
  const steps: StoryStep[] = [];
  for (const target of buildScenario(name, payloadOptions)) {
    const { step, result } = stepFor(target, played, playing);
    steps.push(step);
    played.push(result);
  }
  return { $schema: SCHEMA_URL, title, steps };
}

function stepFor(
  target: ScenarioStep,
  played: readonly PlayedStep[],
  options: StoryOptions,
): { readonly step: StoryStep; readonly result: PlayedStep } {
  const type = target.subtype === null ? target.type : `${target.type}.${target.subtype}`;
  const timed = { type, ...afterOf(type, target, played, options) };
  const plain = playStep(timed, played, options, target.atMs);
  const { set, remove } = differences(plain.built, target.built, target.atMs);
  const linked = { ...timed, set: withoutLinked(set), remove };
  const missing = differences(playStep(linked, played, options, target.atMs).built, target.built, target.atMs);
  const whole = { ...linked.set, ...missing.set };
  const edited = {
    ...timed,
    ...(Object.keys(whole).length > 0 && { set: whole }),
    ...(remove.length > 0 && { remove }),
  };
  return { step: { ...edited, note: target.says }, result: playStep(edited, played, options, target.atMs) };
}

/** Without what playing the step sets by itself; what that misses is added again. */
function withoutLinked(set: Differences['set']): Differences['set'] {
  return Object.fromEntries(Object.entries(set).filter(([path]) => !LINKED_PATHS.has(path) || !hasLinkOf(set, path)));
}

const LINKED_PATHS: ReadonlyMap<string, string> = new Map([
  ['renewalInfo.productId', 'transaction.productId'],
  ['renewalInfo.autoRenewProductId', 'transaction.productId'],
  ['renewalInfo.renewalDate', 'transaction.expiresDate'],
]);

function hasLinkOf(set: Differences['set'], path: string): boolean {
  return (LINKED_PATHS.get(path) ?? '') in set;
}

/** Left out where it would depend on the lengths of months. */
function afterOf(type: string, { atMs }: ScenarioStep, played: readonly PlayedStep[], options: StoryOptions): object {
  const previous = played.at(-1);
  if (previous === undefined || BEGINNINGS.has(type)) return {};
  const followsPeriod = SUBSCRIPTION_TRANSITIONS[type]?.followsPeriod === true;
  if (followsPeriod && playStep({ type }, played, options, atMs).atMs === atMs) return {};
  return { after: durationText(atMs - previous.atMs) };
}

/** Fields that every run draws anew, and times of signing, which follow from the time of the event. */
const DRAWN: ReadonlySet<string> = new Set([
  'notificationUUID',
  'transactionId',
  'originalTransactionId',
  'webOrderLineItemId',
  'subscriptionGroupIdentifier',
  'appAccountToken',
  'appTransactionId',
  'externalPurchaseId',
  'versionExternalIdentifier',
  'deviceVerification',
  'deviceVerificationNonce',
  'signedDate',
]);

interface Differences {
  readonly set: Readonly<Record<string, Json>>;
  readonly remove: readonly string[];
}

function differences(from: BuiltNotification, to: BuiltNotification, atMs: number): Differences {
  const set: Record<string, Json> = {};
  const remove: string[] = [];
  const compare = (path: string, one: Json | undefined, other: Json | undefined): void => {
    if (one === undefined ? other === undefined : other !== undefined && stringifyJson(one) === stringifyJson(other))
      return;
    if (other === undefined) remove.push(path);
    else if (isJsonObject(other) && (one === undefined || isJsonObject(one)))
      compareObjects(`${path}.`, one ?? {}, other);
    else set[path] = asText(path, other, atMs);
  };
  const compareObjects = (prefix: string, one: JsonObject, other: JsonObject): void => {
    for (const name of new Set([...Object.keys(other), ...Object.keys(one)])) {
      if (!DRAWN.has(name)) compare(prefix + name, one[name], other[name]);
    }
  };
  compareObjects('', from.notification, to.notification);
  for (const token of ['transaction', 'renewalInfo', 'appTransaction'] as const) {
    if (to[token] !== undefined) compareObjects(`${token}.`, from[token] ?? {}, to[token]);
    else if (from[token] !== undefined) remove.push(token);
  }
  return { set, remove };
}

/** Dates relative to the event, so that a story can be played at any time. */
function asText(path: string, value: Json, atMs: number): Json {
  const place = findField(path);
  const isDate = place.kind === 'field' && place.found.field.type === 'date';
  return isDate && typeof value === 'number' ? relative(value, atMs) : value;
}

const PERIODS = ['P1W', 'P1M', 'P1Y'];

function relative(value: number, atMs: number): string {
  const period = PERIODS.find((candidate) => addPeriods(atMs, candidate) === value);
  if (period !== undefined) return `+${period}`;
  return value < atMs ? `-${durationText(atMs - value)}` : `+${durationText(value - atMs)}`;
}

import { ToolError } from '../../errors.js';
import { findEvent } from '../../notification/catalogue/events.js';
import type { BuiltNotification } from '../payloads/assemble.js';
import { OTHER_EVENTS } from '../payloads/events.js';
import { type Followed, followNotification, SIGNED_AFTER_MS } from '../payloads/follow.js';
import { addDurationText } from '../payloads/moment-text.js';
import { buildNotification } from '../payloads/notification.js';
import type { PayloadOptions } from '../payloads/options.js';
import { isSubscription, payloadContainer, readSubscription } from '../payloads/read-state.js';
import { type EditContext, editTyped, type GivenEdits } from '../payloads/typed-edits.js';
import { seededRandom } from '../random.js';
import { parseEvent } from './scenario.js';
import type { ScenarioStep } from './scenarios.js';
import { type Story, type StoryStep, storyError } from './story.js';

export type StoryOptions = Omit<PayloadOptions, 'productType'> & Pick<EditContext, 'isForged' | 'onRemark'>;

/** A step with its payloads, and what the next one goes on from. */
export interface PlayedStep {
  readonly atMs: number;
  readonly built: BuiltNotification;
  /** Length of a period; null where the next step reads it from the payloads. */
  readonly length: Followed['length'];
}

/**
 * Builds the notifications of a story, in order: one purchase, of which each step changes what its event changes and what `set` says. The
 * last one is signed at `nowMs`. `source` names the file in errors: `ERR_TRIGGER_STORY` (usage), with step and field.
 */
export function playStory(story: Story, source: string, options: StoryOptions): readonly ScenarioStep[] {
  const endMs = lastEventMs(options.nowMs);
  const quiet = { ...options, onRemark: () => undefined };
  let startMs = endMs;
  for (;;) {
    // Ids are drawn by the last pass alone: a run with the same seed has the same ids, however long the story is.
    const lastMs = playFrom(story, source, { ...quiet, random: seededRandom('plan') }, startMs).at(-1)?.atMs ?? startMs;
    if (lastMs <= endMs) break;
    startMs -= lastMs - endMs;
  }
  return playFrom(story, source, options, startMs).map(({ atMs, built }, index) => {
    const { type, note } = story.steps[index]!;
    const event = parseEvent(type);
    return { ...event, atMs, built, says: note ?? findEvent(event.type, event.subtype)?.title ?? '' };
  });
}

/** Time of an event that is signed at `nowMs`: a whole second, as in Apple's payloads. */
export function lastEventMs(nowMs: number): number {
  return Math.floor((nowMs - SIGNED_AFTER_MS) / 1_000) * 1_000;
}

function playFrom(story: Story, source: string, options: StoryOptions, startMs: number): readonly PlayedStep[] {
  const played: PlayedStep[] = [];
  for (const [index, step] of story.steps.entries()) {
    played.push(atPlace(`${source}, step ${index + 1}`, () => playStep(step, played, options, startMs)));
  }
  return played;
}

/** Plays the step that follows those `played`; the first one at `startMs`. Throws the errors of the builders. */
export function playStep(
  step: StoryStep,
  played: readonly PlayedStep[],
  options: StoryOptions,
  startMs: number,
): PlayedStep {
  const { atMs, built, length } = played.length === 0 ? begin(step, options, startMs) : goOn(step, played, options);
  const edits = editsOf(step);
  const edited = withLinkedFields(built, editTyped(built, edits, { ...options, atMs }), step);
  return { atMs, built: edited, length: edits.set.some(({ path }) => PERIOD_FIELDS.has(path)) ? null : length };
}

/** Fields of renewal info that say the same as one of the transaction. */
const LINKED: readonly (readonly [transaction: string, renewalInfo: string])[] = [
  ['productId', 'productId'],
  ['productId', 'autoRenewProductId'],
  ['expiresDate', 'renewalDate'],
  ['originalTransactionId', 'originalTransactionId'],
  ['appAccountToken', 'appAccountToken'],
  ['appTransactionId', 'appTransactionId'],
];

/** A step that sets a field of the transaction need not set the field of renewal info that said the same. */
function withLinkedFields(
  before: BuiltNotification,
  edited: BuiltNotification,
  { set = {} }: StoryStep,
): BuiltNotification {
  const { transaction, renewalInfo } = edited;
  if (transaction === undefined || renewalInfo === undefined) return edited;
  const changed = LINKED.filter(
    ([from, to]) =>
      `transaction.${from}` in set &&
      !(`renewalInfo.${to}` in set) &&
      before.renewalInfo?.[to] !== undefined &&
      before.renewalInfo[to] === before.transaction?.[from],
  );
  const fields = Object.fromEntries(changed.map(([from, to]) => [to, transaction[from]]));
  return { ...edited, renewalInfo: { ...renewalInfo, ...fields } };
}

/** Fields that determine the length of a period. */
const PERIOD_FIELDS = new Set([
  'transaction.expiresDate',
  'transaction.purchaseDate',
  'transaction.offerDiscountType',
  'transaction',
]);

function begin(step: StoryStep, options: StoryOptions, startMs: number): PlayedStep {
  const { type, subtype } = parseEvent(step.type);
  const { isForged: _isForged, onRemark: _onRemark, ...payloadOptions } = options;
  const built = buildNotification({
    ...payloadOptions,
    type,
    subtype,
    nowMs: startMs + options.nowMs - lastEventMs(options.nowMs),
  });
  return { atMs: startMs, built, length: null };
}

function goOn(step: StoryStep, played: readonly PlayedStep[], options: StoryOptions): PlayedStep {
  const previous = played.at(-1)!;
  const base = baseFor(step, played);
  const atMs = step.after === undefined ? undefined : (addDurationText(previous.atMs, step.after) ?? undefined);
  const length = base.length ?? (isSubscription(base.built) ? readSubscription(base.built).length : undefined);
  return followNotification(base.built, parseEvent(step.type), {
    random: options.random,
    atMs,
    previousMs: previous.atMs,
    signedAfterMs: options.nowMs - lastEventMs(options.nowMs),
    length,
  });
}

/** The latest step of the same purchase, or of the same token for events without a purchase. */
function baseFor({ type }: StoryStep, played: readonly PlayedStep[]): PlayedStep {
  const isOther = type in OTHER_EVENTS;
  const hasToken = ({ built }: PlayedStep): boolean => payloadContainer(built)?.name !== 'data';
  const hasPurchase = ({ built }: PlayedStep): boolean => built.transaction !== undefined;
  return (isOther ? played.findLast(hasToken) : undefined) ?? played.findLast(hasPurchase) ?? played.at(-1)!;
}

function editsOf({ set = {}, remove = [] }: StoryStep): GivenEdits {
  return { set: Object.entries(set).map(([path, json]) => ({ path, json })), remove };
}

function atPlace<Result>(place: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw storyError(
      place,
      error.message,
      error.hint ?? 'Compare it with: storewire trigger --export-scenario refund',
      error,
    );
  }
}

import { ToolError } from '../../errors.js';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../jws/json.js';
import { nearestWord } from '../../notification/catalogue/edit-distance.js';
import { eventKey } from '../payloads/events.js';
import { addDurationText } from '../payloads/moment-text.js';
import { BEGINNINGS } from '../payloads/transitions.js';
import { parseEvent } from './scenario.js';

/** One notification of a story. */
export interface StoryStep {
  /** `TYPE` or `TYPE.SUBTYPE`, for example `DID_RENEW.BILLING_RECOVERY`. */
  readonly type: string;
  /**
   * Time since the step before: `3d`, `12h`, `90s`, or `P1M` in months of the calendar. Without it, a renewal or the end of a period comes
   * when it is due, and any other event after a third of what is left of the period. The first step has none.
   */
  readonly after?: string;
  /**
   * Fields to set, by path: `transaction.price`, `renewalInfo.autoRenewStatus`, `data.bundleVersion`. The steps that follow go on from
   * them. Dates may be ISO 8601, or relative to the event: `+3d`, `-P1M`.
   */
  readonly set?: Readonly<Record<string, Json>>;
  /** Fields to leave out, by path. */
  readonly remove?: readonly string[];
  /** One sentence that is shown with the step. */
  readonly note?: string;
}

/** A story for `storewire trigger --scenario FILE`: a list of steps, or an object with one. */
export type StoryFile =
  | readonly StoryStep[]
  | {
      /** Schema of this file, for editors. */
      readonly $schema?: string;
      /** A few words, shown when it is played. */
      readonly title?: string;
      readonly steps: readonly StoryStep[];
    };

/** A valid story. */
export interface Story {
  readonly title: string | null;
  readonly steps: readonly StoryStep[];
}

/**
 * Parses the text of a story file. Throws `ERR_TRIGGER_STORY` (usage), which names `source`, the step and the field. The values of `set`
 * are checked when the story is played.
 */
export function parseStory(text: string, source: string): Story {
  const file = parseText(text, source);
  if (Array.isArray(file)) return { title: null, steps: parseSteps(file, source) };
  if (!isJsonObject(file)) throw storyError(source, 'a story is a JSON list of steps, or an object with one', EXAMPLE);
  requireKnown(file, ['$schema', 'title', 'steps'], source);
  if (!Array.isArray(file.steps)) throw storyError(source, '"steps" must be a list', EXAMPLE);
  const title = textOf(file, 'title', source) ?? null;
  return { title, steps: parseSteps(file.steps, source) };
}

const EXAMPLE =
  'For example: [{"type": "SUBSCRIBED.INITIAL_BUY"}, {"type": "DID_RENEW"}]. A whole one: storewire trigger --export-scenario refund';

function parseText(text: string, source: string): Json {
  try {
    return parseJson(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const line = lineOf(text, cause.message);
    throw storyError(source, `not valid JSON${line === null ? '' : `, line ${line}`}`, EXAMPLE, cause);
  }
}

function lineOf(text: string, message: string): number | null {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return null;
  return text.slice(0, Number(position)).split('\n').length;
}

function parseSteps(steps: readonly Json[], source: string): readonly StoryStep[] {
  if (steps.length === 0) throw storyError(source, 'the story has no step', EXAMPLE);
  return steps.map((step, index) => parseStep(step, index, `${source}, step ${index + 1}`));
}

const STEP_FIELDS = ['type', 'after', 'set', 'remove', 'note'];

function parseStep(step: Json, index: number, place: string): StoryStep {
  if (!isJsonObject(step)) throw storyError(place, 'a step is a JSON object', EXAMPLE);
  requireKnown(step, STEP_FIELDS, place);
  const given = textOf(step, 'type', place);
  if (given === undefined)
    throw storyError(place, '"type" is missing', 'For example: "type": "DID_RENEW". To list them: storewire trigger');
  const { after, set, remove, note } = {
    after: textOf(step, 'after', place),
    set: step.set,
    remove: step.remove,
    note: textOf(step, 'note', place),
  };
  const type = parseType(given, index, place);
  if (after !== undefined) requireDuration(after, index, place);
  if (set !== undefined && !isJsonObject(set))
    throw storyError(place, '"set" must be an object', 'For example: "set": {"transaction.price": 4990}');
  if (remove !== undefined && !isTexts(remove))
    throw storyError(
      place,
      '"remove" must be a list of paths',
      'For example: "remove": ["transaction.appAccountToken"]',
    );
  return {
    type,
    ...(after !== undefined && { after }),
    ...(set !== undefined && { set: set as Readonly<Record<string, Json>> }),
    ...(remove !== undefined && { remove }),
    ...(note !== undefined && { note }),
  };
}

function parseType(text: string, index: number, place: string): string {
  const { type, subtype } = parseEvent(text.toUpperCase());
  try {
    const key = eventKey(type, subtype);
    if (index === 0 || !BEGINNINGS.has(key)) return key;
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause;
    throw storyError(place, cause.message, cause.hint ?? EXAMPLE, cause);
  }
  const hint =
    type === 'SUBSCRIBED' ? 'Did you mean SUBSCRIBED.RESUBSCRIBE?' : 'Put it first, or into a story of its own.';
  throw storyError(place, `${text} begins a purchase, and a story is about one`, hint);
}

function requireDuration(after: string, index: number, place: string): void {
  if (index === 0)
    throw storyError(
      place,
      'the first step has no "after"',
      'Leave it out: the story ends now, and begins as long ago as it takes.',
    );
  const isDuration = addDurationText(0, after) !== null;
  if (!isDuration)
    throw storyError(
      place,
      `"after": "${shorten(after)}" is not a duration`,
      'Write 3d, 12h, 90s, or P1M in months of the calendar.',
    );
}

function requireKnown(object: JsonObject, known: readonly string[], place: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = nearestWord(unknown.toLowerCase(), known);
  const hint = nearest === null ? `Fields: ${known.join(', ')}.` : `Did you mean "${nearest}"?`;
  throw storyError(place, `unknown field "${shorten(unknown)}"`, hint);
}

function textOf(object: JsonObject, name: string, place: string): string | undefined {
  const value = object[name];
  if (value === undefined || typeof value === 'string') return value;
  throw storyError(place, `"${name}" must be text`, 'Put it in quotes.');
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

const MAX_SHOWN = 40;

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** Error `ERR_TRIGGER_STORY` (usage) at a place of a story file. */
export function storyError(place: string, defect: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_STORY', `${place}: ${defect}`, { hint, cause });
}

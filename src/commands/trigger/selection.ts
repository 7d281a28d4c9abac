import { ToolError } from '../../errors.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import type { ForgeableReason } from '../../notification/reasons.js';
import { eventKey } from '../../simulator/payloads/events.js';
import { parseEvent } from '../../simulator/scenarios/scenario.js';
import { findScenario, SCENARIOS } from '../../simulator/scenarios/scenarios.js';

/** `TYPE` and `SUBTYPE` of a notification. */
export interface SelectedEvent {
  readonly type: string;
  readonly subtype: string | null;
}

/** What to send, as the flags name it. */
export type GivenSelection =
  | ({ readonly kind: 'event' } & SelectedEvent)
  | ({ readonly kind: 'forgery'; readonly reason: ForgeableReason } & SelectedEvent)
  | { readonly kind: 'scenario'; readonly name: string }
  /** `path` is a file, or `-`. */
  | { readonly kind: 'story'; readonly path: string }
  /** `input`: the id of a journal entry, a file, or `-`. */
  | {
      readonly kind: 'like';
      readonly input: string;
      readonly next: SelectedEvent | null;
      readonly isScrubbed: boolean;
    };

export interface TriggerSelectionFlags {
  readonly event?: string;
  readonly scenario?: string;
  readonly forge?: ForgeableReason;
  readonly like?: string;
  readonly next?: string;
  readonly scrub?: boolean;
  readonly count: number;
}

/** Event of a forgery without a type: it has a transaction and renewal info. */
const DEFAULT_FORGED_TYPE = 'DID_RENEW';

/**
 * The selection that the flags name. Throws usage errors: `ERR_TRIGGER_WHAT` for flags that cannot be combined, or none;
 * `ERR_TRIGGER_FORGE_SCENARIO`, `ERR_SIMULATOR_EVENT` and `ERR_SIMULATOR_SCENARIO`.
 */
export function parseTriggerSelection(flags: TriggerSelectionFlags): GivenSelection {
  const { event, scenario, forge, like } = flags;
  if (like !== undefined) return parseLike(like, flags);
  if (flags.next !== undefined) throw needsLike('--next', `storewire trigger --like last --next ${flags.next}`);
  if (flags.scrub === true) throw needsLike('--scrub', 'storewire trigger --like last --scrub --print > fixture.json');
  if (scenario !== undefined) {
    if (event !== undefined) throw selectionError('a type and --scenario cannot be combined', 'Omit one of them.');
    if (forge !== undefined) throw forgedScenario(forge);
    return isFileName(scenario)
      ? { kind: 'story', path: scenario }
      : { kind: 'scenario', name: findScenario(scenario).name };
  }
  const named = event ?? (forge === undefined ? undefined : DEFAULT_FORGED_TYPE);
  if (named === undefined) {
    throw selectionError('nothing to send', 'Pass a type or --scenario. To list them: storewire trigger');
  }
  const { type, subtype } = parseEvent(named.toUpperCase());
  const isType = EVENTS.some((known) => known.type === type);
  if (!isType && SCENARIOS.some(({ name }) => name === named.toLowerCase())) {
    throw selectionError(`${named} is a scenario`, `Did you mean --scenario ${named.toLowerCase()}?`);
  }
  eventKey(type, subtype);
  return forge === undefined ? { kind: 'event', type, subtype } : { kind: 'forgery', type, subtype, reason: forge };
}

/** A path or `-`; the names of scenarios have neither slashes nor dots. */
function isFileName(text: string): boolean {
  return text === '-' || /[/\\.]/.test(text);
}

function parseLike(
  input: string,
  { event, scenario, forge, next, scrub, count }: TriggerSelectionFlags,
): GivenSelection {
  if (event !== undefined) {
    throw selectionError(
      'a type and --like cannot be combined',
      `For the event that follows: --like ${input} --next ${event}`,
    );
  }
  if (scenario !== undefined) throw selectionError('--like and --scenario cannot be combined', 'Omit one of them.');
  if (forge !== undefined) {
    throw selectionError(
      '--like and --forge cannot be combined',
      `To forge one of your app: storewire trigger ${next ?? DEFAULT_FORGED_TYPE} --forge ${forge}`,
    );
  }
  if (count > 1)
    throw selectionError(
      '--like and --count cannot be combined',
      'It keeps its ids, so copies would be repeats: run it again for one.',
    );
  return { kind: 'like', input, next: next === undefined ? null : parseNext(next), isScrubbed: scrub === true };
}

function parseNext(text: string): SelectedEvent {
  const { type, subtype } = parseEvent(text.toUpperCase());
  eventKey(type, subtype);
  return { type, subtype };
}

function needsLike(flag: string, example: string): ToolError {
  return selectionError(`${flag} needs --like`, `For example: ${example}`);
}

function selectionError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHAT', message, { hint });
}

function forgedScenario(reason: ForgeableReason): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_SCENARIO', '--forge and --scenario cannot be combined', {
    hint: `For example: storewire trigger ${DEFAULT_FORGED_TYPE} --forge ${reason} --to URL`,
  });
}

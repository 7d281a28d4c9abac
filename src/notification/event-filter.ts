import { ToolError } from '../errors.js';
import { nearestWord } from './catalogue/edit-distance.js';
import { EVENTS, eventsOfType, findEvent } from './catalogue/events.js';

/** A word as Apple writes types and subtypes: one that is newer than the catalogue looks like this too. */
const APPLE_WORD = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/**
 * `TYPE[.SUBTYPE],…` as in `--events` and in the `events=` of a target. One that is not in the catalogue passes where it looks like
 * Apple's, see {@link checkEvents}. Throws (usage) `ERR_USAGE_EVENTS` for what is no type or a misspelt one.
 */
export function parseEvents(text: string): readonly string[] {
  const words = text.split(',').map((word) => word.trim());
  return [...new Set(words.map(parseEvent))];
}

/** Those that the catalogue does not know, in words for a warning. */
export function checkEvents(events: readonly string[]): readonly string[] {
  return events
    .filter((event) => !isKnown(event))
    .map((event) => `${event} is no type this version knows: nothing will match if it is misspelt`);
}

/** Whether a list as {@link parseEvents} gives it names this `TYPE[.SUBTYPE]`: a type alone stands for all its subtypes. */
export function matchesEvents(type: string, events: readonly string[]): boolean {
  const [bare = ''] = type.split('.', 1);
  return events.includes(type) || events.includes(bare);
}

function parseEvent(word: string): string {
  const [type = '', subtype, ...rest] = word.split('.');
  if (isKnown(word)) return word;
  const meant = nearest(word);
  if (meant !== null) throw refusal(`"${shown(word)}" is no notification type`, `Did you mean ${meant}?`);
  const isApples = rest.length === 0 && APPLE_WORD.test(type) && (subtype === undefined || APPLE_WORD.test(subtype));
  if (isApples) return word;
  throw refusal(
    word === '' ? 'a type is missing in the list of events' : `"${shown(word)}" is no notification type`,
    'Write types as Apple does: DID_RENEW,REFUND or SUBSCRIBED.INITIAL_BUY.',
  );
}

function isKnown(event: string): boolean {
  const [type = '', subtype, ...rest] = event.split('.');
  if (rest.length > 0) return false;
  return subtype === undefined ? eventsOfType(type).length > 0 : findEvent(type, subtype) !== undefined;
}

function refusal(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_EVENTS', message, { hint });
}

function shown(word: string): string {
  return word.length > 60 ? `${word.slice(0, 60)}…` : word;
}

/** The event that was meant, where only letter case, `-` for `_` or a few letters differ; null where none is near. */
function nearest(word: string): string | null {
  const wanted = word.toUpperCase().replaceAll('-', '_');
  if (isKnown(wanted)) return wanted;
  return nearestWord(wanted, everyEvent());
}

function everyEvent(): ReadonlySet<string> {
  return new Set(EVENTS.flatMap(({ type, subtype }) => (subtype === null ? [type] : [type, `${type}.${subtype}`])));
}

import { ToolError } from '../errors.js';
import { nearestWord } from './catalogue/edit-distance.js';
import { EVENTS, eventsOfType, findEvent } from './catalogue/events.js';

/** Format of Apple's types and subtypes, including those newer than the catalogue. */
const APPLE_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/**
 * Parses `TYPE[.SUBTYPE],…`, the format of `--events` and of `events=` in a target. Accepts names that are not in the catalogue but have
 * Apple's format, see {@link checkEvents}. Throws (usage) `ERR_USAGE_EVENTS` for a malformed or misspelled name.
 */
export function parseEvents(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.map(parseEvent))];
}

/** Warnings for events that are not in the catalogue. */
export function checkEvents(events: readonly string[]): readonly string[] {
  return events
    .filter((event) => !isKnown(event))
    .map((event) => `${event} is unknown to this version of storewire: if it is misspelled, it will match nothing`);
}

/** True if the result of {@link parseEvents} includes this `TYPE[.SUBTYPE]`; a type alone includes all its subtypes. */
export function matchesEvents(type: string, events: readonly string[]): boolean {
  const [typeOnly = ''] = type.split('.', 1);
  return events.includes(type) || events.includes(typeOnly);
}

function parseEvent(name: string): string {
  const [type = '', subtype, ...rest] = name.split('.');
  if (isKnown(name)) return name;
  const suggestion = nearest(name);
  if (suggestion !== null)
    throw eventError(`"${truncate(name)}" is not a notification type`, `Did you mean ${suggestion}?`);
  const hasFormat = rest.length === 0 && APPLE_NAME.test(type) && (subtype === undefined || APPLE_NAME.test(subtype));
  if (hasFormat) return name;
  throw eventError(
    name === '' ? 'the list of events has an empty entry' : `"${truncate(name)}" is not a notification type`,
    "Use Apple's names, for example DID_RENEW,REFUND or SUBSCRIBED.INITIAL_BUY.",
  );
}

function isKnown(event: string): boolean {
  const [type = '', subtype, ...rest] = event.split('.');
  if (rest.length > 0) return false;
  return subtype === undefined ? eventsOfType(type).length > 0 : findEvent(type, subtype) !== undefined;
}

function eventError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_EVENTS', message, { hint });
}

function truncate(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}

/** The nearest event, with differences only in letter case, `-` for `_` or a few letters; null if there is none. */
function nearest(name: string): string | null {
  const normalised = name.toUpperCase().replaceAll('-', '_');
  if (isKnown(normalised)) return normalised;
  return nearestWord(normalised, allEvents());
}

function allEvents(): ReadonlySet<string> {
  return new Set(EVENTS.flatMap(({ type, subtype }) => (subtype === null ? [type] : [type, `${type}.${subtype}`])));
}

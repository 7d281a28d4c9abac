import { FORMER_EVENTS } from '../../notification/catalogue/events/change.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import { NOTIFICATION_VALUES } from '../../notification/catalogue/values/notification.js';
import type { Indexed, ToldEvent } from './entry.js';
import { capitalise } from './sentence.js';

const TOLD: readonly ToldEvent[] = [
  ...EVENTS.map((event) => ({ ...event, former: false })),
  ...FORMER_EVENTS.map((event) => ({ ...event, former: true })),
];

/** Every notificationType, and every pair of type and subtype. */
export function indexTypes(): readonly Indexed[] {
  return NOTIFICATION_VALUES.notificationType.flatMap(({ value, meaning, since }) => {
    const term = String(value);
    const events = TOLD.filter(({ type }) => type === term);
    const whole = { chapter: 'types', term, title: capitalise(meaning), meaning: '', since, events } as const;
    return [{ entry: whole, names: [term] }, ...events.filter(({ subtype }) => subtype !== null).map(indexPair)];
  });
}

function indexPair(event: ToldEvent): Indexed {
  const { type, subtype, title, meaning, since } = event;
  const term = `${type}.${subtype}`;
  const entry = { chapter: 'types', term, title, meaning, since, events: [event] } as const;
  return { entry, names: [term], unlisted: true };
}

/** Every subtype, with each type it comes with. */
export function indexSubtypes(): readonly Indexed[] {
  return NOTIFICATION_VALUES.subtype.map(({ value, meaning, since }) => {
    const term = String(value);
    const events = TOLD.filter(({ subtype }) => subtype === term);
    const entry = { chapter: 'subtypes', term, title: capitalise(meaning), meaning: '', since, events } as const;
    return { entry, names: [term] };
  });
}

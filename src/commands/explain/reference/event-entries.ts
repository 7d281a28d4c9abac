import type { FieldEntry, ValueEntry } from '../../../notification/catalogue/entry.js';
import { FORMER_EVENTS } from '../../../notification/catalogue/events/subscription.js';
import { EVENTS } from '../../../notification/catalogue/events.js';
import { fieldsOf } from '../../../notification/catalogue/fields.js';
import { NOTIFICATION_VALUES } from '../../../notification/catalogue/values/notification.js';
import { VALUES } from '../../../notification/catalogue/values.js';
import { capitalise, type FieldPlace, type Indexed, type ListedEvent } from './entry.js';
import { fieldLink, SUBTYPES_LINK, TYPES_LINK } from './links.js';

const LISTED_EVENTS: readonly ListedEvent[] = [
  ...EVENTS.map((event) => ({ ...event, former: false })),
  ...FORMER_EVENTS.map((event) => ({ ...event, former: true })),
];

/** Every notificationType, and every pair of type and subtype. */
export function indexTypes(): readonly Indexed[] {
  return NOTIFICATION_VALUES.notificationType.flatMap(({ value, meaning, since }) => {
    const term = String(value);
    const events = LISTED_EVENTS.filter(({ type }) => type === term);
    const named = { term, title: capitalise(meaning), meaning: '', link: TYPES_LINK };
    const whole = { chapter: 'types', ...named, since, events } as const;
    return [
      { entry: whole, names: [term, `notificationType ${term}`] },
      ...events.filter(({ subtype }) => subtype !== null).map(indexPair),
    ];
  });
}

function indexPair(event: ListedEvent): Indexed {
  const { type, subtype, title, meaning, since } = event;
  const term = `${type}.${subtype}`;
  const entry = { chapter: 'types', term, title, meaning, link: SUBTYPES_LINK, since, events: [event] } as const;
  return { entry, names: [term], unlisted: true };
}

/** Every subtype, with each type it is sent with. */
export function indexSubtypes(): readonly Indexed[] {
  return NOTIFICATION_VALUES.subtype.map(({ value, meaning, since }) => {
    const term = String(value);
    const events = LISTED_EVENTS.filter(({ subtype }) => subtype === term);
    const named = { term, title: capitalise(meaning), meaning: '', link: SUBTYPES_LINK };
    const entry = { chapter: 'subtypes', ...named, since, events } as const;
    return { entry, names: [term, `subtype ${term}`] };
  });
}

/** Top-level payload objects, by their names in the document. */
const PAYLOADS = [
  'notification',
  'transaction',
  'renewalInfo',
  'appTransaction',
  'realtimeRequest',
  'notificationV1',
] as const;

interface FieldAtPath {
  readonly path: string;
  readonly field: FieldEntry;
}

const ALL_FIELDS: readonly FieldAtPath[] = PAYLOADS.flatMap((payload) => fieldsUnder(payload, payload));

function fieldsUnder(object: string, prefix: string): readonly FieldAtPath[] {
  return fieldsOf(object).flatMap((field) => {
    const path = `${prefix}.${field.name}`;
    if (field.of === undefined) return [{ path, field }];
    return [{ path, field }, ...fieldsUnder(field.of, field.type === 'array' ? `${path}[]` : path)];
  });
}

/** Every field by its name, with every path it occurs at. A field is also found by its path or the end of its path. */
export function indexFields(): readonly Indexed[] {
  return groupBy(ALL_FIELDS, ({ field }) => field.name).map((placed) => {
    const term = placed[0]!.field.name;
    const places = mergePlaces(placed);
    const named = { term, title: places[0]!.meaning, meaning: '', link: fieldLink(placed[0]!.path) };
    const entry = { chapter: 'fields', ...named, places } as const;
    return { entry, names: [term, ...placed.flatMap(({ path }) => pathSuffixes(path))] };
  });
}

/** `notification.data.bundleId` gives itself and `data.bundleId`. */
function pathSuffixes(path: string): readonly string[] {
  const steps = path.replaceAll('[]', '').split('.');
  return steps.slice(0, -1).map((_step, from) => steps.slice(from).join('.'));
}

function mergePlaces(placed: readonly FieldAtPath[]): readonly FieldPlace[] {
  const groups = groupBy(placed, ({ field }) => [field.type, field.meaning, field.since, field.values].join('\n'));
  return groups.map((group) => {
    const { type, meaning, since, values } = group[0]!.field;
    return { paths: group.map(({ path }) => path), type, meaning, since, values: values ? (VALUES[values] ?? []) : [] };
  });
}

/** Stands in for Map.groupBy, which Node 20 lacks. Groups and their members keep their order. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    group.push(item);
    groups.set(keyOf(item), group);
  }
  return [...groups.values()];
}

/** Tables with their own chapters. */
const OWN_CHAPTER: ReadonlySet<string> = new Set(['notificationType', 'subtype']);

/** Every value of every table, with the fields that take it. Numbers are prefixed with the field name: `offerType 3`. */
export function indexValues(): readonly Indexed[] {
  return Object.entries(VALUES).flatMap(([table, entries]) =>
    OWN_CHAPTER.has(table) ? [] : entries.map((entry) => indexValue(table, entry)),
  );
}

function indexValue(table: string, { value, meaning, since }: ValueEntry): Indexed {
  const placed = ALL_FIELDS.filter(({ field }) => field.values === table);
  const fields = [...new Set([table, ...placed.map(({ field }) => field.name)])];
  const term = typeof value === 'number' ? `${placed[0]?.field.name ?? table} ${value}` : value;
  const paths = placed.map(({ path }) => path);
  const named = { term, title: capitalise(meaning), meaning: '', link: fieldLink(paths[0] ?? '') };
  const entry = { chapter: 'values', ...named, value, since, paths } as const;
  return { entry, names: [term, String(value), ...fields.flatMap((name) => [`${name} ${value}`, `${name}=${value}`])] };
}

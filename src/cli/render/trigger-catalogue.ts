import { EVENTS } from '../../notification/catalogue/events.js';
import { REASONS } from '../../notification/reasons.js';
import { FORGEABLE_REASONS } from '../../simulator/forge.js';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.js';
import { joinParts, type View } from './layout.js';
import { padTo, widthOf, wrapText } from './width.js';

/** One thing that can be asked for: what to type, and what it is. */
interface Entry {
  readonly name: string;
  /** Empty where only what is below it has a meaning. */
  readonly title: string;
  readonly depth: 0 | 1;
  /** Below the title, quietly. */
  readonly remark?: string;
}

/** Everything that `trigger` can be asked for, for people. */
export function describeCatalogue(view: View): string {
  return joinParts([
    layEntries('Types', typeEntries(), view),
    layEntries('Scenarios, with --scenario', scenarioEntries(), view),
    layEntries('Forgeries, with --forge', forgeryEntries(), view),
    USAGE.map(([line, shows]) => `${view.paint.cyan(line)}  ${view.paint.dim(shows)}`.trimEnd()),
  ]);
}

const USAGE = [
  ['storewire trigger DID_RENEW.BILLING_RECOVERY --to http://localhost:4280/', ''],
  ['storewire trigger --scenario billing-retry --to http://localhost:4280/', ''],
] as const;

/** Subtypes stand below their type with the dot they are written with. */
function typeEntries(): readonly Entry[] {
  const types = [...new Set(EVENTS.map(({ type }) => type))];
  return types.flatMap((type): readonly Entry[] => {
    const events = EVENTS.filter((event) => event.type === type);
    const plain = events.find(({ subtype }) => subtype === null);
    const subtypes = events.filter(({ subtype }) => subtype !== null);
    return [
      { name: type, title: plain?.title ?? '', depth: 0 },
      ...subtypes.map(({ subtype, title }): Entry => ({ name: `.${subtype}`, title, depth: 1 })),
    ];
  });
}

function scenarioEntries(): readonly Entry[] {
  return SCENARIOS.map(({ name, title, events }) => ({ name, title, depth: 0, remark: events.join(' → ') }));
}

function forgeryEntries(): readonly Entry[] {
  return FORGEABLE_REASONS.map((reason) => ({ name: reason, title: REASONS[reason].title, depth: 0 }));
}

const INDENT = 2;
const GAP = 2;
const NARROWEST_TITLES = 20;

function layEntries(heading: string, entries: readonly Entry[], { paint, columns }: View): readonly string[] {
  const width = Math.max(...entries.map(({ name, depth }) => INDENT * depth + widthOf(name)));
  const at = INDENT + width + GAP;
  const room = Math.max(NARROWEST_TITLES, columns - at);
  const lines = entries.flatMap(({ name, title, depth, remark }) => {
    const label = `${' '.repeat(INDENT * (depth + 1))}${paint.cyan(name)}`;
    const gap = ' '.repeat(at - INDENT * (depth + 1) - widthOf(name));
    const below = [
      ...wrapText(title, room),
      ...(remark === undefined ? [] : wrapText(remark, room).map((line) => paint.dim(line))),
    ];
    return below.map((line, index) =>
      index === 0 ? `${label}${line === '' ? '' : gap + line}` : padTo('', at) + line,
    );
  });
  return [paint.bold(heading), ...lines];
}

import { EVENTS } from '../../notification/catalogue/events.js';
import { REASONS } from '../../notification/reasons.js';
import { FORGEABLE_REASONS } from '../../simulator/forge.js';
import { SCENARIOS } from '../../simulator/scenarios/scenarios.js';
import { type Listed, layEntries } from './entries.js';
import { joinParts, type View } from './layout.js';

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
function typeEntries(): readonly Listed[] {
  const types = [...new Set(EVENTS.map(({ type }) => type))];
  return types.flatMap((type): readonly Listed[] => {
    const events = EVENTS.filter((event) => event.type === type);
    const plain = events.find(({ subtype }) => subtype === null);
    const subtypes = events.filter(({ subtype }) => subtype !== null);
    return [
      { name: type, title: plain?.title ?? '', depth: 0 },
      ...subtypes.map(({ subtype, title }): Listed => ({ name: `.${subtype}`, title, depth: 1 })),
    ];
  });
}

function scenarioEntries(): readonly Listed[] {
  return SCENARIOS.map(({ name, title, events }) => ({ name, title, depth: 0, remark: events.join(' → ') }));
}

function forgeryEntries(): readonly Listed[] {
  return FORGEABLE_REASONS.map((reason) => ({ name: reason, title: REASONS[reason].title, depth: 0 }));
}

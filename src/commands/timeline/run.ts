import { EXIT, type Exit } from '../../cli/exit.js';
import { ID_MATCHING } from '../../cli/filter-report.js';
import { createReporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import { foldPurchases } from '../../purchase/fold-purchases.js';
import { matchesPurchaseId } from '../../purchase/match-purchase-id.js';
import type { FoldedPurchases, PurchaseTimeline } from '../../purchase/purchase.js';
import { countOf } from '../../terminal/format.js';
import type { TimelineDeps, TimelineOptions } from './options.js';
import { planOutputs, writeOutputs } from './output.js';
import { readTimelineDocuments, type TimelineDocuments } from './sources.js';

/**
 * Runs `timeline`: reads, verifies, folds and draws. Exit 0; with --strict 1 where a purchase that is shown has findings. Throws usage
 * `ERR_TIMELINE_NONE` for an input without a purchase (a journal and a history may have none), `ERR_TIMELINE_ID` where no purchase has the id, `ERR_INPUT_MALFORMED` after the output
 * where a payload could not be decoded, and what the sources and outputs throw.
 */
export async function runTimeline(options: TimelineOptions, deps: TimelineDeps): Promise<Exit> {
  const outputs = planOutputs(options);
  const read = await readTimelineDocuments(options, deps);
  const folded = foldPurchases(read.documents, { asOfMs: deps.now() });
  const notes = createReporter(options, deps);
  if (folded.purchases.length === 0 && options.id === undefined) {
    const error = read.error ?? noPurchase(read, folded);
    if (read.error !== null || read.place === 'the input') throw error;
    notes.say(`Nothing to draw: ${error.message}.`);
    return EXIT.ok;
  }
  if (folded.purchases.length === 0 && read.error !== null) throw read.error;
  const purchases = selectPurchases(folded.purchases, options, read);
  writeOutputs(outputs, { purchases, note: read.isSynthetic ? SYNTHETIC : null }, options, deps);
  // The answer is the first line: on a terminal both streams are one.
  if (read.isSynthetic) notes.say(SYNTHETIC);
  if (folded.others.length > 0) notes.say(describeOthers(folded));
  if (purchases.length > 1 && !options.verbose && outputs.some(({ kind }) => kind === 'text'))
    notes.say(
      `${purchases.length > MANY ? 'The newest only: --limit 20. ' : ''}One in detail: --id ID. All in detail: -v.`,
    );
  if (read.error !== null) throw read.error;
  return options.strict && purchases.some(({ findings }) => findings.length > 0) ? EXIT.no : EXIT.ok;
}

/** More purchases than anyone reads line by line. */
const MANY = 100;

const SYNTHETIC = "Signed by this project's test authority, not by Apple.";

function selectPurchases(
  all: readonly PurchaseTimeline[],
  { id, environment, limit }: TimelineOptions,
  { place }: TimelineDocuments,
): readonly PurchaseTimeline[] {
  const ofEnvironment = all.filter((purchase) => environment === undefined || purchase.environment === environment);
  const selected = id === undefined ? ofEnvironment : ofEnvironment.filter((each) => matchesPurchaseId(each, id));
  if (selected.length === 0) throw notSelected(all, { id, environment, place });
  if (limit === undefined || selected.length <= limit) return selected;
  const newest = new Set([...selected].sort((a, b) => newestMs(b) - newestMs(a)).slice(0, limit));
  return selected.filter((purchase) => newest.has(purchase));
}

function newestMs({ events }: PurchaseTimeline): number {
  return events.reduce((newest, { signedAtMs }) => Math.max(newest, signedAtMs ?? newest), Number.NEGATIVE_INFINITY);
}

interface Wanted {
  readonly id: string | undefined;
  readonly environment: string | undefined;
  readonly place: string;
}

function notSelected(all: readonly PurchaseTimeline[], { id, environment, place }: Wanted): ToolError {
  const where = all.length === 0 ? `in ${place}` : `${countOf(all.length, 'purchase')} in ${place}`;
  const of = environment === undefined ? '' : ` of ${environment}`;
  if (id === undefined)
    return new ToolError('usage', 'ERR_TIMELINE_NONE', `no purchase${of} (${where})`, { hint: 'Omit --environment.' });
  const shown = id.length > MOST_SHOWN ? `${id.slice(0, MOST_SHOWN)}…` : id;
  return new ToolError(
    'usage',
    'ERR_TIMELINE_ID',
    `no purchase${of} has the transaction id or account token "${shown}" (${where})`,
    {
      hint: `${ID_MATCHING} List all: omit --id.`,
    },
  );
}

const MOST_SHOWN = 40;

function noPurchase({ documents, place }: TimelineDocuments, { others }: FoldedPurchases): ToolError {
  const [first] = others;
  const count = documents.length < 2 ? '' : ` (${countOf(documents.length, 'payload')})`;
  const reason = first === undefined ? '' : `: ${first.reason}`;
  return new ToolError('usage', 'ERR_TIMELINE_NONE', `no purchase in ${place}${count}${reason}`, {
    hint: 'Show the payloads: storewire decode',
  });
}

function describeOthers({ others }: FoldedPurchases): string {
  const counts = new Map<string, number>();
  for (const { reason } of others) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => (count === 1 ? reason : `${reason} (${count})`));
  return `${countOf(others.length, 'payload')} of no purchase left out: ${reasons.join(', ')}.`;
}

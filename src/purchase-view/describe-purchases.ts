import type { PurchaseFinding, PurchaseTimeline } from '../purchase/purchase.js';
import { showText } from '../terminal/escape.js';
import { countOf, formatMoment, groupDigits } from '../terminal/format.js';
import { joinParts, type View } from '../terminal/layout.js';
import { keepStart, padTo, widthOf, wrapText } from '../terminal/width.js';
import { messageOf } from './finding-words.js';
import { planLanes, roundLane } from './lane.js';
import { describeCounts, describeShortState, shortenProduct } from './overview-words.js';
import { STATE_LOOKS } from './states.js';
import { drawBar } from './text-lane.js';

const INDENT = 2;

const GAP = 2;

/** The lines where nothing limits them, as in a pipe. */
const USUAL_COLUMNS = 120;

const WIDEST = { id: 24, product: 32, lane: 60 };

const NARROWEST_PRODUCT = 12;

const NARROWEST_LANE = 16;

const SCREEN_LINES = 20;

const MOST_FINDINGS = 10;

/** Several purchases, one lane each on one axis, and their findings. Ends in a newline. Texts of payloads are escaped. */
export function describePurchases(purchases: readonly PurchaseTimeline[], view: View): string {
  const answer = [view.paint.bold(describeCounts(purchases))];
  const lanes = layLanes(purchases, view);
  const findings = layFindings(purchases, view);
  return joinParts([answer, lanes, findings, lanes.length + findings.length > SCREEN_LINES ? answer : []]);
}

function layLanes(purchases: readonly PurchaseTimeline[], view: View): readonly string[] {
  const { paint } = view;
  const rows = purchases.map((purchase) => ({
    id: keepStart(showText(purchase.id), WIDEST.id),
    product: showText(purchase.productId ?? purchase.bundleId ?? '–'),
    state: describeShortState(purchase),
    purchase,
  }));
  const widest = (name: 'id' | 'product' | 'state'): number => Math.max(...rows.map((row) => widthOf(row[name])));
  const [id, state] = [widest('id'), widest('state')];
  const columns = Number.isFinite(view.columns) ? view.columns : USUAL_COLUMNS;
  const room = columns - INDENT - id - state - 3 * GAP;
  const product = Math.max(NARROWEST_PRODUCT, Math.min(WIDEST.product, widest('product'), room - NARROWEST_LANE));
  const width = Math.max(NARROWEST_LANE, Math.min(WIDEST.lane, room - product));
  const lanes = planLanes(purchases, width, 0).map(roundLane);
  const gap = ' '.repeat(GAP);
  const axisAt = INDENT + id + GAP + product + GAP;
  return [
    paint.dim(' '.repeat(axisAt) + layEnds(purchases, width, lanes[0]?.now.at ?? 0)),
    ...rows.map((row, index) => {
      const { periods, state: present } = row.purchase;
      const bar = drawBar(lanes[index]!, width, paint);
      const drawn = periods.length === 0 ? 0 : Math.min(width, Math.max(...lanes[index]!.spans.map(({ end }) => end)));
      const colour = paint[STATE_LOOKS[present].colour];
      const name = padTo(shortenProduct(row.product, product), product);
      return [' '.repeat(INDENT) + padTo(row.id, id), name, bar + ' '.repeat(width - drawn), colour(row.state)].join(
        gap,
      );
    }),
  ];
}

/** The first date at the left end of the axis, the last one at the right end, now between them where it has room. */
function layEnds(purchases: readonly PurchaseTimeline[], width: number, nowAt: number): string {
  const bounds = purchases.flatMap(({ periods }) => periods.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]));
  const now = purchases[0]?.asOfMs ?? 0;
  const first = bounds.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = bounds.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const [from, to] = [dayOf(first), last > now ? dayOf(last) : NOW];
  const toAt = width - to.length;
  if (from.length + 1 > toAt) return from;
  const hasNow = last > now && nowAt > from.length && nowAt + NOW.length < toAt;
  return (hasNow ? from.padEnd(nowAt) + NOW : from).padEnd(toAt) + to;
}

const NOW = 'now';

function dayOf(ms: number): string {
  return formatMoment(ms)?.split('T')[0] ?? '';
}

function layFindings(purchases: readonly PurchaseTimeline[], { paint, columns }: View): readonly string[] {
  const found = purchases.flatMap(({ id, findings }) => findings.map((finding) => ({ id, finding })));
  // A whole input is often not verified: that must not hide what is missing.
  const isLast = ({ finding }: { readonly finding: PurchaseFinding }): boolean => finding.id === 'unverified';
  const all = [...found.filter((each) => !isLast(each)), ...found.filter(isLast)];
  if (all.length === 0) return [];
  const rest = all.length - MOST_FINDINGS;
  return [
    paint.bold(all.length === 1 ? 'Finding' : 'Findings'),
    ...all.slice(0, MOST_FINDINGS).flatMap(({ id, finding }) => {
      const text = `${keepStart(showText(id), WIDEST.id)}: ${messageOf({ ...finding, events: [] })}`;
      const [first = '', ...more] = wrapText(text, columns - 2 * INDENT);
      return [`  ${paint.yellow('!')} ${first}`, ...more.map((line) => `    ${line}`)];
    }),
    ...(rest > 0
      ? wrapText(describeRest(all.slice(MOST_FINDINGS)), columns - 2 * INDENT).map((line) => paint.dim(`    ${line}`))
      : []),
  ];
}

/** `and 12 more findings: 10 missing period, 2 unverified`. */
function describeRest(rest: readonly { readonly finding: PurchaseFinding }[]): string {
  const counts = new Map<string, number>();
  for (const { finding } of rest) counts.set(finding.id, (counts.get(finding.id) ?? 0) + 1);
  const kinds = [...counts].map(([id, count]) => `${groupDigits(count)} ${id.replaceAll('-', ' ')}`);
  return `and ${countOf(rest.length, 'more finding')}: ${kinds.join(', ')}`;
}

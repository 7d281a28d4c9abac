import type { PurchaseTimeline } from '../purchase/purchase.js';
import { showText } from '../terminal/escape.js';
import { countOf, formatMoment } from '../terminal/format.js';
import { planLanes } from './lane.js';
import { describeCounts, describeShortState, shortenProduct } from './overview-words.js';
import { wrapSvg } from './svg.js';
import { drawSvgBar } from './svg-lane.js';
import { svgText } from './svg-marks.js';

const WIDTH = 960;

const MARGIN = 28;

const HEADER = 84;

const ROW = 46;

const MOST_PRODUCT = 60;

/** Several purchases as one SVG that stands alone: one lane each on one axis. */
export function drawPurchasesSvg(purchases: readonly PurchaseTimeline[], remarks: readonly string[] = []): string {
  const width = WIDTH - 2 * MARGIN;
  const lanes = planLanes(purchases, width, 0);
  const rows = purchases.flatMap((purchase, index) => {
    const y = HEADER + index * ROW;
    const name = `${showText(purchase.id)}   ·   ${shortenProduct(showText(purchase.productId ?? '–'), MOST_PRODUCT)}`;
    return [
      svgText(MARGIN, y + 12, 't', name),
      svgText(WIDTH - MARGIN, y + 12, 't strong end', stateOf(purchase)),
      ...drawSvgBar(lanes[index]!, { x: MARGIN, y: y + 20, width }, 12),
    ];
  });
  const title = describeCounts(purchases);
  const lines = purchases.map((purchase) => `${showText(purchase.id)}: ${stateOf(purchase)}.`);
  return wrapSvg(WIDTH, HEADER + purchases.length * ROW + MARGIN / 2, title, lines.join(' '), [
    svgText(MARGIN, 47, 'h', title),
    svgText(MARGIN, 70, 'dim small', [rangeOf(purchases), ...remarks].join('   ·   ')),
    ...rows,
  ]);
}

function stateOf(purchase: PurchaseTimeline): string {
  const { length } = purchase.findings;
  const found = length === 0 ? '' : `   ·   ${countOf(length, 'finding')}`;
  return describeShortState(purchase) + found;
}

function rangeOf(purchases: readonly PurchaseTimeline[]): string {
  const moments = purchases.flatMap(({ periods, asOfMs }) => [
    asOfMs,
    ...periods.flatMap(({ fromMs, toMs }) => (toMs === null ? [fromMs] : [fromMs, toMs])),
  ]);
  const day = (ms: number): string => formatMoment(ms)?.split('T')[0] ?? '';
  const first = moments.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = moments.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return `${day(first)} to ${day(last)}`;
}

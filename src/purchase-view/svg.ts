import type { PurchaseTimeline } from '../purchase/purchase.js';
import { wrapText } from '../terminal/width.js';
import { describePurchaseEvent } from './event-words.js';
import { messageOf } from './finding-words.js';
import { encodeMarkup } from './markup.js';
import { describeIdentity, describeState } from './state-sentence.js';
import { letterOf } from './states.js';
import { drawSvgLane, laneHeight, planSvgLane } from './svg-lane.js';
import { drawKey, svgText } from './svg-marks.js';
import { SVG_STYLE } from './svg-style.js';

export interface PurchaseSvgOptions {
  /** Pixels; 960 where left out. */
  readonly width?: number;
  /** Sentences below the state, for example Apple's own answer. */
  readonly remarks?: readonly string[];
}

const USUAL_WIDTH = 960;

const MARGIN = 28;

/** Average widths of a character, to wrap texts whose font is not known. */
const CHARACTER = { headline: 11.8, text: 7.6 };

const LINE = { headline: 27, text: 20 };

/**
 * One purchase as an SVG that stands alone: light and dark by its own style, title and description, no script and no reference. The same
 * picture as on a terminal: state, lane, events, findings.
 */
export function drawPurchaseSvg(purchase: PurchaseTimeline, options: PurchaseSvgOptions = {}): string {
  const { width = USUAL_WIDTH } = options;
  const sheet = createSheet(width);
  drawAnswer(purchase, options, sheet);
  const laneTop = sheet.y + 14;
  const lane = drawSvgLane(purchase, { x: MARGIN, y: laneTop, width: width - 2 * MARGIN });
  sheet.y = laneTop + laneHeight(purchase) + 8;
  sheet.parts.push(...lane);
  const outlines = describeOutlines(purchase, width - 2 * MARGIN);
  if (outlines !== null) {
    sheet.write(outlines, MARGIN, 'dim small');
    sheet.y += 10;
  }
  for (const [index, event] of purchase.events.entries()) drawEvent(index, event, sheet);
  drawFindings(purchase, sheet);
  return wrapSvg(width, sheet.y + MARGIN - 10, titleOf(purchase), descriptionOf(purchase), sheet.parts);
}

const LANE_SVG = { wide: 980, narrow: 540 } as const;

/** Room for the letter at the left end. */
const LANE_MARGIN = 10;

/** The lane alone, for a page that has its style; nothing without a period. */
export function drawLaneSvg(purchase: PurchaseTimeline, size: keyof typeof LANE_SVG): readonly string[] {
  const width = LANE_SVG[size];
  const lane = drawSvgLane(purchase, { x: LANE_MARGIN, y: 0, width: width - 2 * LANE_MARGIN });
  if (lane.length === 0) return [];
  return [
    `<svg class="tl lane ${size}" role="img" viewBox="0 0 ${width} ${laneHeight(purchase)}" aria-label="${encodeMarkup(titleOf(purchase))}">`,
    ...lane,
    '</svg>',
  ];
}

/** An SVG document around its content, which is markup already; title and description are text. */
export function wrapSvg(
  width: number,
  height: number,
  title: string,
  description: string,
  content: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="tl" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${encodeMarkup(title)}</title>`,
    `<desc>${encodeMarkup(description)}</desc>`,
    `<style>${SVG_STYLE}</style>`,
    `<rect class="sheet" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="12"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

interface Sheet {
  readonly width: number;
  readonly parts: string[];
  /** Lower end of what is drawn. */
  y: number;
  /** Draws wrapped text at `x`, and moves down. */
  write(text: string, x: number, className: string, size?: 'headline' | 'text'): void;
}

function createSheet(width: number): Sheet {
  const sheet: Sheet = {
    width,
    parts: [],
    y: MARGIN - 8,
    write(text, x, className, size = 'text') {
      for (const line of wrapText(text, Math.floor((width - MARGIN - x) / CHARACTER[size]))) {
        sheet.y += LINE[size];
        sheet.parts.push(svgText(x, sheet.y, className, line));
      }
    },
  };
  return sheet;
}

function drawAnswer(purchase: PurchaseTimeline, { remarks = [] }: PurchaseSvgOptions, sheet: Sheet): void {
  const { headline, details, isUnverified } = describeState(purchase);
  sheet.write(isUnverified ? `Not verified: ${headline}` : headline, MARGIN, isUnverified ? 'h odd' : 'h', 'headline');
  for (const text of [...details, ...remarks]) sheet.write(text, MARGIN, 't');
  sheet.write(describeIdentity(purchase).join('   ·   '), MARGIN, 'dim');
}

/** Meaning of outlines in the bar, and a scale that changes; null where nothing needs a word. */
function describeOutlines(purchase: PurchaseTimeline, width: number): string | null {
  const { periods } = purchase;
  const words = [
    ...(periods.some(({ isVerified, state }) => !isVerified && state !== 'unknown') ? ['Outlined: not verified.'] : []),
    ...(periods.some(({ state }) => state === 'unknown') ? ['Dashed: no notification.'] : []),
    ...(planSvgLane(purchase, width).isToScale ? [] : ['Time is not to scale.']),
  ];
  return words.length === 0 ? null : words.join(' ');
}

const COLUMN = { date: 34, type: 200 };

const ENTRY_GAP = 8;

function drawEvent(index: number, event: PurchaseTimeline['events'][number], sheet: Sheet): void {
  const { date, type, meaning, remarks, isUnverified } = describePurchaseEvent(event);
  const y = sheet.y + LINE.text;
  sheet.parts.push(
    ...drawKey(MARGIN + 9, y - 5, letterOf(index), isUnverified),
    svgText(MARGIN + COLUMN.date, y, 'dim mono', date),
  );
  sheet.write(type, MARGIN + COLUMN.type, 't strong');
  sheet.write(meaning, MARGIN + COLUMN.type, 't');
  if (remarks.length > 0) sheet.write(remarks.join(', '), MARGIN + COLUMN.type, isUnverified ? 'odd' : 'dim');
  sheet.y += ENTRY_GAP;
}

function drawFindings({ findings }: PurchaseTimeline, sheet: Sheet): void {
  if (findings.length === 0) return;
  sheet.y += 12;
  sheet.write(findings.length === 1 ? 'Finding' : 'Findings', MARGIN, 't strong');
  for (const finding of findings) {
    sheet.y += 4;
    sheet.parts.push(svgText(MARGIN, sheet.y + LINE.text, 'odd strong', '!'));
    sheet.write(messageOf(finding), MARGIN + 16, 't');
    if (finding.hint !== '') sheet.write(finding.hint, MARGIN + 16, 'dim');
  }
}

function titleOf(purchase: PurchaseTimeline): string {
  return `${describeIdentity(purchase)[0]}: ${describeState(purchase).headline}`;
}

function descriptionOf(purchase: PurchaseTimeline): string {
  const events = purchase.events.map((event, index) => {
    const { date, type, meaning } = describePurchaseEvent(event);
    return `${letterOf(index)}: ${date} ${type}, ${meaning}.`;
  });
  return [`Timeline of ${describeIdentity(purchase).slice(1).join(', ')}.`, ...events].join(' ');
}

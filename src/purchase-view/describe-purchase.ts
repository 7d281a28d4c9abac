import type { PurchaseFinding, PurchaseTimeline } from '../purchase/purchase.js';
import { escapeText } from '../terminal/escape.js';
import { SECOND_WIDTH } from '../terminal/format.js';
import { joinParts, type View } from '../terminal/layout.js';
import { padTo, widthOf, wrapText, wrapWords } from '../terminal/width.js';
import { describePurchaseEvent, type EventWords } from './event-words.js';
import { messageOf } from './finding-words.js';
import { describeIdentity, describeState } from './state-sentence.js';
import { letterOf } from './states.js';
import { layTextLane } from './text-lane.js';

interface DescribeOptions {
  /** Lines below the state, for example Apple's own answer; escaped by the caller. */
  readonly remarks?: readonly string[];
}

const INDENT = '  ';

const GAP = '  ';

/** The lane where nothing limits it, as in a pipe. */
const USUAL_COLUMNS = 80;

const WIDEST_LANE = 120;

/** More lines than this scroll the answer away: it is repeated at the end. */
const SCREEN_LINES = 20;

/**
 * One purchase for a terminal or a pipe: the state as the answer, the lane, one entry for each event, the findings with their next step.
 * Ends in a newline. Texts of payloads are escaped, and none begins a line.
 */
export function describePurchase(
  purchase: PurchaseTimeline,
  view: View,
  { remarks = [] }: DescribeOptions = {},
): string {
  const columns = Number.isFinite(view.columns) ? view.columns : USUAL_COLUMNS;
  const answer = layAnswer(purchase, view);
  const lane = layTextLane(purchase, Math.min(WIDEST_LANE, columns - 2 * INDENT.length), view.paint);
  const body = [
    indent(lane),
    layEvents(purchase, view),
    ...(purchase.findings.length === 0 ? [] : [layFindings(purchase.findings, view)]),
  ];
  const isLong = body.flat().length > SCREEN_LINES;
  return joinParts([
    [...answer, ...remarks.flatMap((text) => wrapText(text, view.columns)), ...layIdentity(purchase, view)],
    ...body,
    isLong ? answer : [],
  ]);
}

function layAnswer(purchase: PurchaseTimeline, { paint, columns }: View): readonly string[] {
  const { headline, details, isUnverified } = describeState(purchase);
  const [first = '', ...rest] = wrapWords(isUnverified ? `Not verified: ${headline}` : headline, columns);
  const painted = [first, ...rest.map((line) => INDENT + line)].map((line) =>
    isUnverified ? paint.yellow(line) : paint.bold(line),
  );
  return [...painted, ...details.flatMap((text) => wrapText(text, columns))];
}

function layIdentity(purchase: PurchaseTimeline, { paint, columns }: View): readonly string[] {
  const lines: string[] = [];
  for (const part of describeIdentity(purchase)) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + GAP.length + widthOf(part) <= columns)
      lines[lines.length - 1] = last + GAP + part;
    else lines.push(INDENT + part);
  }
  return lines.map((line) => paint.dim(line));
}

/** Narrowest column for the meaning beside the type. */
const LEAST_MEANING = 24;

/** One entry for each event: the meaning beside the type, or below it where that takes fewer lines. */
function layEvents({ events }: PurchaseTimeline, view: View): readonly string[] {
  const letters = letterOf(Math.max(0, events.length - 1)).length;
  const described = events.map(describePurchaseEvent);
  const typeAt = INDENT.length + letters + GAP.length + SECOND_WIDTH + GAP.length;
  const types = Math.max(0, ...described.map(({ type }) => widthOf(type)));
  const besideAt = typeAt + types + GAP.length;
  const keys = described.map(
    ({ date }, index) =>
      `${INDENT}${view.paint.bold(letterOf(index).padEnd(letters))}${GAP}${view.paint.dim(date.padEnd(SECOND_WIDTH))}${GAP}`,
  );
  const belowAt = view.columns - typeAt < LEAST_MEANING ? INDENT.length + letters + GAP.length : typeAt;
  const below = described.flatMap((words, index) => [
    keys[index] + words.type,
    ...layMeaning(words, view.columns - belowAt, view).map((line) => ' '.repeat(belowAt) + line),
  ]);
  if (view.columns - besideAt < LEAST_MEANING) return below;
  const beside = described.flatMap((words, index) => {
    const [first = '', ...rest] = layMeaning(words, view.columns - besideAt, view);
    return [
      `${keys[index]}${padTo(words.type, types)}${GAP}${first}`,
      ...rest.map((line) => ' '.repeat(besideAt) + line),
    ];
  });
  return beside.length < below.length ? beside : below;
}

/** The meaning with its remarks, wrapped; remarks are painted where they end the last line. */
function layMeaning(
  { meaning, remarks, isUnverified }: EventWords,
  room: number,
  { paint }: Pick<View, 'paint'>,
): readonly string[] {
  const lines = wrapText(meaning, Math.max(LEAST_MEANING, room));
  if (remarks.length === 0) return lines;
  const remark = (isUnverified ? paint.yellow : paint.dim)(remarks.join(', '));
  const fits = widthOf(lines.at(-1)!) + GAP.length + widthOf(remarks.join(', ')) <= room;
  return fits ? lines.with(-1, `${lines.at(-1)!}${GAP}${remark}`) : [...lines, remark];
}

function layFindings(findings: readonly PurchaseFinding[], { paint, columns }: View): readonly string[] {
  return [
    paint.bold(findings.length === 1 ? 'Finding' : 'Findings'),
    ...findings.flatMap((finding) => {
      const [first = '', ...rest] = wrapText(messageOf(finding), columns - INDENT.length - 2);
      return [
        `${INDENT}${paint.yellow('!')} ${first}`,
        ...rest.map((line) => `${INDENT}${INDENT}${line}`),
        ...(finding.hint === '' ? [] : wrapWords(escapeText(finding.hint), columns - INDENT.length - 2)).map((line) =>
          paint.dim(`${INDENT}${INDENT}${line}`),
        ),
      ];
    }),
  ];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? '' : INDENT + line));
}

import type { DeliveryEvent } from '../../../listener/events.js';
import { findEvent } from '../../../notification/catalogue/events.js';
import { REASONS, type ReasonCode } from '../../../notification/reasons.js';
import { escapeText, showText } from '../../../terminal/escape.js';
import { laySentence } from '../../../terminal/layout.js';
import type { SaidOnce } from '../../../terminal/once.js';
import { type Arrival, indentOf, isTaken, isWide, type ListenView, type Results } from './line-model.js';

/** Something to be said below a line. `foreign`: it may quote what a stranger wrote; it is escaped already. */
interface Remark {
  readonly text: string;
  readonly foreign: boolean;
  readonly tone?: 'bad' | 'warning';
}

/** What there is to say of a notification, as lines. */
export function explainArrival(
  arrival: Arrival,
  results: Results,
  told: SaidOnce,
  view: ListenView,
): readonly string[] {
  const about = arrival.refusal === null ? explainType(arrival, told, view) : explainRefusal(arrival, told, view);
  return layRemarks([...about, ...explainMarks(arrival, told), ...explainFailures(arrival, results, told)], view);
}

export function layRemarks(remarks: readonly Remark[], view: ListenView): readonly string[] {
  const { paint, columns } = view;
  const indent = ' '.repeat(indentOf(view));
  const room = { columns: columns - indent.length };
  return remarks.flatMap(({ text, foreign, tone }) => {
    const colour = tone === 'bad' ? paint.red : tone === 'warning' ? paint.yellow : paint.dim;
    return laySentence(text, room, foreign).map((line) => indent + colour(line));
  });
}

/**
 * The first time a type comes, its title and what it means; from then on nothing where the line has room for the product, else the title
 * with it. What is said of a type that this version does not know holds that type.
 */
function explainType({ title, meaning, facts }: Arrival, told: SaidOnce, view: ListenView): readonly Remark[] {
  if (title === null || meaning === null || facts === null) return [];
  const isFirst = told.isNew(`type ${facts.type}`);
  const says: Remark = { text: escapeText(meaning), foreign: !isKnown(facts.type) };
  if (isWide(view)) return isFirst ? [{ ...says, text: `${escapeText(title)}. ${says.text}` }] : [];
  const product = facts.productId === null ? '' : ` (${showText(facts.productId)})`;
  return [{ text: `${escapeText(title)}${product}`, foreign: true }, ...(isFirst ? [says] : [])];
}

function isKnown(event: string): boolean {
  const [type = '', subtype = null] = event.split('.');
  return findEvent(type, subtype) !== undefined;
}

/** Why it was refused, which check said so, and the first time what to do; less where the whole verdict stands below. */
function explainRefusal(
  { refusal, verdict, synthetic }: Arrival,
  told: SaidOnce,
  { verbose, trustsTests }: ListenView,
): readonly Remark[] {
  if (refusal === null) return [];
  const reason = verdict?.reason ?? null;
  if (verdict === null || reason === null) {
    return [{ text: `${refusal.code}  ${refusal.message}`, foreign: false, tone: 'bad' }];
  }
  const check = verdict.failed.find((failed) => failed.reason === reason) ?? verdict.failed[0];
  const isTest = synthetic && reason === 'UNTRUSTED_ROOT';
  const hint = isTest
    ? trustsTests
      ? FOREIGN_TESTS
      : TRUST_TESTS
    : (HINTS[reason] ?? check?.hint ?? REASONS[reason].hint);
  return [
    { text: `${reason}  ${REASONS[reason].title}`, foreign: false, tone: 'bad' },
    ...(check === undefined || verbose ? [] : newRemark(told, `check ${reason}`, describeCheck(check), true)),
    ...(verbose && !isTest ? [] : newRemark(told, `hint ${reason}`, `hint: ${escapeText(hint)}`, false)),
  ];
}

/** Where the usual hint is for somebody who has pasted a payload. */
const HINTS: Partial<Record<ReasonCode, string>> = {
  MALFORMED_JWS: 'whoever posted this sent no whole token; Apple posts {"signedPayload":"…"}',
  SIGNATURE_MISMATCH: 'it was made up, or changed on its way by a proxy: believe nothing in it',
};

const TRUST_TESTS = "a test authority of storewire signed it; to believe this project's, add --trust-authority";

/** Where the test authority of this project is believed. */
const FOREIGN_TESTS =
  "it carries a test authority's name but another key than this project's: a forgery, or made in another folder";

function describeCheck({ token, id, found, expected }: NonNullable<Arrival['verdict']>['failed'][number]): string {
  const says = found === undefined ? '' : `: ${showText(found)}`;
  return `${showText(token)} ${id}${says}${expected === undefined ? '' : `, expected ${showText(expected)}`}`;
}

/** Oddities that were let pass, and why a target does not get it. */
function explainMarks({ refusal, marks, withheld }: Arrival, told: SaidOnce): readonly Remark[] {
  const odd = refusal !== null || marks.length === 0 ? '' : `Let pass: ${marks.map(showText).join(', ')}`;
  return [
    ...(odd === '' ? [] : newRemark(told, 'marks', odd, true)),
    ...withheld.flatMap(({ target, why }) =>
      newRemark(told, `withheld ${target}`, `${target}: ${escapeText(why)}`, false),
    ),
  ];
}

/** Where Apple got the answer of a target, Apple's retries are that target's; the sandbox has none. */
function explainFailures(arrival: Arrival, results: Results, told: SaidOnce): readonly Remark[] {
  const { answered, facts } = arrival;
  const isApples = answered !== null && !isTaken(answered) && facts?.environment === 'Production';
  return [...results.values()].flatMap((event) =>
    event === null ? [] : explainFailure(event, told, isApples ? APPLE_AGAIN : NOT_AGAIN),
  );
}

/**
 * What a target said, where it did not say so the last time, and for a last attempt what comes next. Once it has accepted something, its
 * next failure is news.
 */
export function explainFailure(
  { target, detail, outcome, final }: Pick<DeliveryEvent, 'target' | 'detail' | 'outcome' | 'final'>,
  told: SaidOnce,
  next = NOT_AGAIN,
): readonly Remark[] {
  if (outcome === 'accepted') {
    told.isNew(`detail ${target}`);
    return [];
  }
  const isPlain = detail === null || ONLY_STATUS.test(detail);
  const what = isPlain ? [] : newRemark(told, `detail ${target}`, describeDetail(target, detail), true);
  return [...what, ...(final ? newRemark(told, 'final', next, false) : [])].map((remark) => ({
    ...remark,
    tone: 'warning' as const,
  }));
}

/** A target without a name of its own is called by its host, with which what went wrong may begin already. */
function describeDetail(target: string, detail: string): string {
  return detail.startsWith(`${target} `) ? escapeText(detail) : `${target}: ${escapeText(detail)}`;
}

/** Says no more than the line does. */
const ONLY_STATUS = /^answered \d+$/;

const APPLE_AGAIN = 'Apple was given this answer and will send it again';

const NOT_AGAIN = 'Not sent again by itself; once the target takes it: storewire replay --failed';

function newRemark(told: SaidOnce, topic: string, text: string, foreign: boolean): readonly Remark[] {
  return told.isNew(topic, text) ? [{ text, foreign }] : [];
}

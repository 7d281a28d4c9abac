import type { Check, PayloadDocument, Problem, Recognised } from '../notification/document.js';
import { outerPayload, typeOf } from '../notification/facts.js';
import { describeEvent } from '../notification/meaning.js';
import { REASONS, type ReasonCode } from '../notification/reasons.js';
import { escapeText, shorten, showText } from '../terminal/escape.js';
import { layRows, laySentence, type Row, type View } from '../terminal/layout.js';

/** Longest sentence that quotes a payload: an unknown type with its explanation. */
const LONGEST_SENTENCE = 600;

/** The event in a few words and, for a notification, Apple's type: `Subscription renewed  DID_RENEW`. Painted. */
export function headlineOf(document: PayloadDocument, { paint }: Pick<View, 'paint'>): string {
  const { title, known } = describeEvent(document);
  const headline = paint.bold(showText(title));
  return known && document.kind !== 'notificationV1'
    ? `${headline}  ${paint.cyan(showText(typeOfDocument(document)))}`
    : headline;
}

/** Headline, and below it its meaning in one or two sentences. */
export function layEvent(document: PayloadDocument, view: View): readonly string[] {
  const { meaning, known } = describeEvent(document);
  const sentence = known ? meaning : escapeText(shorten(meaning, LONGEST_SENTENCE));
  return [headlineOf(document, view), ...laySentence(sentence, view, !known), ...layNotices(document, view)];
}

function typeOfDocument(document: PayloadDocument): string {
  return typeOf(outerPayload(document) ?? {}, document.kind);
}

function layNotices(document: PayloadDocument, view: View): readonly string[] {
  const notice = isSignedByXcode(document) ? 'Made by Xcode (StoreKit Testing), not by the App Store.' : null;
  return notice === null ? [] : laySentence(notice, view).map((line) => view.paint.yellow(line));
}

/** StoreKit Testing always uses this key id; the environment field varies. */
export function isSignedByXcode({ tokens }: PayloadDocument): boolean {
  return tokens[0]?.header.kid === 'Apple_Xcode_Key';
}

/** One failure of one token. */
interface Failure {
  readonly code: ReasonCode;
  readonly token: string;
  readonly check?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly detail?: string;
  readonly hint?: string;
}

const PARTS = ['token', 'check', 'expected', 'found', 'detail', 'hint'] as const;

/** The meaning of a failure (of a wrong kind, the sentence about the two kinds), then token, check, expected, found, detail and hint as rows. */
export function layFailure(failure: Failure, view: View): readonly string[] {
  const { code, detail } = failure;
  const isPair = code === 'WRONG_KIND' && detail !== undefined;
  const rows = PARTS.flatMap((label): readonly Row[] => {
    const value = failure[label];
    return value === undefined || (isPair && label === 'detail')
      ? []
      : [{ label, value: label === 'hint' ? escapeText(value) : showText(value) }];
  });
  const meaning = isPair ? `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.` : REASONS[code].meaning;
  return [...laySentence(meaning, view), '', ...layRows(rows, view)];
}

/** Another format given instead of a payload: its title, explanation, facts and hint. */
export function layRecognised({ title, explanation, hint, facts }: Recognised, view: View): readonly string[] {
  const rows = facts.map(({ label, value }): Row => ({ label, value: showText(value) }));
  return [
    view.paint.yellow.bold(`This is ${title}`),
    ...laySentence(explanation, view),
    '',
    ...layRows([...rows, { label: 'hint', value: hint }], view),
  ];
}

export function problemToFailure({ message, ...problem }: Problem): Failure {
  return { ...problem, found: message };
}

/** A failed check; without a reason of its own it has that of the verdict. */
export function checkToFailure({ id, ok: _, reason, ...check }: Check, verdictReason: ReasonCode): Failure {
  return { ...check, check: id, code: reason ?? verdictReason };
}

/** More lines than this below the answer scroll it off a terminal of 24 lines. */
const MAX_LINES_BELOW_ANSWER = 20;

/** `text` and, where its first line is out of sight once it is printed, an empty line and `answer`. */
export function repeatAnswer(text: string, answer: readonly string[]): string {
  const linesBelow = text.split('\n').length - 2;
  return linesBelow > MAX_LINES_BELOW_ANSWER ? `${text}\n${answer.join('\n')}\n` : text;
}

import type { Kind, PayloadDocument, Verification } from '../notification/document.js';
import { factsOf, outerPayload } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { formatAge, formatMoment } from '../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../terminal/layout.js';
import { APPLE_ROOT_NAME } from '../trust/roots.js';
import { layCheckList, layCheckMatrix } from './check-table.js';
import { describeRepairs } from './document.js';
import { checkToFailure, headlineOf, layFailure } from './headline.js';

interface VerificationView extends View {
  /** Every check of every token with what was expected, instead of one line for each check. */
  readonly verbose: boolean;
  /** Adds a line with the source: wanted where there are several. */
  readonly showSource: boolean;
}

/**
 * The verdict on one payload, for people: the verdict first; where something failed, which check of which token, what was expected and
 * found, and what to do; then what the payload is about; then every check. Ends in a newline. A document without a verdict gives ''.
 */
export function describeVerification(document: PayloadDocument, view: VerificationView): string {
  const { verification } = document;
  if (verification === undefined) return '';
  const layChecks = view.verbose ? layCheckList : layCheckMatrix;
  return joinParts([
    [verdictLine(document, verification, view), ...layFirstFailure(verification, view)],
    layOtherFailures(verification, view),
    outerPayload(document) === null
      ? []
      : [headlineOf(document, view), ...layRows(subjectRows(document, verification, view), view)],
    layChecks(verification.checks, view),
    layRemarks(document, view),
  ]);
}

function verdictLine(document: PayloadDocument, { verdict, reason, root }: Verification, { paint }: View): string {
  if (verdict === 'valid') return `${paint.green.bold('valid')}  ${whoSigned(root, document)}`;
  const colour = verdict === 'invalid' ? paint.red : paint.yellow;
  return reason === null
    ? colour.bold(verdict)
    : `${colour.bold(verdict)}  ${colour(reason)}  ${REASONS[reason].title}`;
}

/** Never says Apple where the chain ends elsewhere. */
function whoSigned(root: string | null, document: PayloadDocument): string {
  if (root === APPLE_ROOT_NAME) return `Apple signed this ${listOf([NOUNS[document.kind], ...nestedNouns(document)])}.`;
  if (root === TEST_AUTHORITY) return 'Signed by the test authority, not by Apple.';
  return "Signed under a root you gave, not under Apple's.";
}

/** As `root` of a verdict names it. */
const TEST_AUTHORITY = 'test authority';

function nestedNouns(document: PayloadDocument): readonly string[] {
  if (document.kind !== 'notification') return [];
  return (['transaction', 'renewalInfo', 'appTransaction'] as const)
    .filter((kind) => document[kind] !== undefined)
    .map((kind) => `its ${NOUNS[kind]}`);
}

function listOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

const NOUNS: Readonly<Record<Kind, string>> = {
  notification: 'notification',
  transaction: 'transaction',
  renewalInfo: 'renewal info',
  appTransaction: 'app transaction',
  realtimeRequest: 'retention message request',
  notificationV1: 'version 1 notification',
  unknown: 'payload',
};

function layFirstFailure({ checks, reason }: Verification, view: View): readonly string[] {
  const first =
    reason === null
      ? undefined
      : (checks.find((check) => check.ok === false && check.reason === reason) ??
        checks.find(({ ok }) => ok === false));
  return first === undefined || reason === null ? [] : layFailure(checkToFailure(first, reason), view);
}

function layOtherFailures({ checks, reason, verdict }: Verification, view: View): readonly string[] {
  const failed = checks.filter(({ ok }) => ok === false);
  const first = failed.find((check) => check.reason === reason) ?? failed[0];
  const rows = failed
    .filter((check) => check !== first)
    .map(
      ({ id, token, reason: code, found }): Row => ({
        label: id,
        value: `${code ?? ''}  ${showText(token)}`,
        remark: found === undefined ? null : showText(found),
      }),
    );
  const heading = verdict === 'undetermined' ? 'Also undetermined' : 'Also failed';
  return rows.length === 0 ? [] : [view.paint.bold(heading), ...layRows(rows, view)];
}

/** To which app, which environment, when: what a reader checks the verdict against. */
function subjectRows(
  document: PayloadDocument,
  { verdict, root, clock, checkedAtMs }: Verification,
  { nowMs }: View,
): readonly Row[] {
  const { bundleId, appAppleId, environment, productId, signedAtMs } = factsOf(document);
  const dateField = document.kind === 'appTransaction' ? 'receiptCreationDate' : 'signedDate';
  return [
    ...textRow('bundleId', bundleId),
    ...textRow('appAppleId', appAppleId),
    ...textRow('environment', environment),
    ...textRow('productId', productId),
    ...momentRow(dateField, signedAtMs, signedAtMs === null ? null : formatAge(signedAtMs, nowMs)),
    ...(clock === 'now' || clock === 'at'
      ? momentRow('judged at', checkedAtMs, clock === 'at' ? 'as --at says' : 'now')
      : []),
    ...(verdict === 'valid' && root !== APPLE_ROOT_NAME ? textRow('root', root) : []),
  ];
}

function textRow(label: string, value: string | null): readonly Row[] {
  return value === null ? [] : [{ label, value: showText(value) }];
}

function momentRow(label: string, atMs: number | null, remark: string | null): readonly Row[] {
  return atMs === null ? [] : [{ label, value: formatMoment(atMs) ?? String(atMs), remark }];
}

function layRemarks(document: PayloadDocument, view: VerificationView): readonly string[] {
  const repairs = describeRepairs(document.repaired ?? []);
  return [
    ...(view.showSource ? [`Source: ${showText(document.source)}`] : []),
    ...(repairs === null ? [] : laySentence(`Repaired: ${repairs}`, view, true)),
  ].map((line) => view.paint.dim(line));
}

import { APP_NOT_CHECKED } from '../notification/check-app.js';
import type { Check, Kind, PayloadDocument, Verification } from '../notification/document.js';
import { factsOf, outerPayload } from '../notification/facts.js';
import { REASONS } from '../notification/reasons.js';
import { showText } from '../terminal/escape.js';
import { formatAge, formatMoment } from '../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../terminal/layout.js';
import { APPLE_ROOT_NAME } from '../trust/roots.js';
import { layCheckMatrix, layCheckTotals } from './check-table.js';
import { describeRepairs } from './document.js';
import { checkToFailure, headlineOf, layFailure, layRecognised, repeatAnswer } from './headline.js';

interface VerificationView extends View {
  /** Shows every check of every token instead of one line of totals. */
  readonly verbose: boolean;
  /** Adds a line with the source: set where there are several payloads. */
  readonly showSource: boolean;
  /** Leaves out what {@link describeDocument} shows below it: the event, its app, the repairs, and the repeated answer. */
  readonly isAboveDocument?: boolean;
  /** The command takes the flags of `verify`: below a valid verdict, the ones that would run skipped checks are named. */
  readonly namesFlags?: boolean;
}

/**
 * The verdict on one payload as text: the verdict; each failed check with what was expected and found, and the next step; the event and its
 * app; the totals of the checks, or all of them. Ends in a newline. A document without a verdict gives ''.
 */
export function describeVerification(document: PayloadDocument, view: VerificationView): string {
  const { verification } = document;
  if (verification === undefined) return '';
  const verdict = verdictLine(document, verification, view);
  const isOpened = outerPayload(document) !== null && view.isAboveDocument !== true;
  const [firstFailure, ...otherFailures] = failureGroups(verification);
  const note = view.namesFlags === true && verification.verdict === 'valid' ? uncheckedApp(verification.checks) : null;
  const notes = note === null ? [] : [view.paint.yellow(note)];
  const parts = [
    ...(document.recognised === undefined
      ? [
          [verdict, ...layFirstFailure(firstFailure, verification, view)],
          layOtherFailures(otherFailures, verification, view),
        ]
      : [[verdict, ...layRecognised(document.recognised, view)]]),
    isOpened && document.recognised === undefined
      ? [headlineOf(document, view), ...layRows(subjectRows(document, verification, view), view)]
      : [],
    view.verbose
      ? layCheckMatrix(verification.checks, view)
      : layCheckTotals(verification.checks, view.namesFlags === true && verification.verdict === 'valid', view),
    view.isAboveDocument === true ? [] : layRemarks(document, view),
    laySecondsNotes(verification.checks, view),
    notes,
  ];
  if (view.isAboveDocument === true) return joinParts(parts);
  return repeatAnswer(joinParts(parts), [...(isOpened && view.verbose ? [headlineOf(document, view)] : []), verdict]);
}

/** The flag that would compare a payload with the user's app, where nothing did; null where something did. */
function uncheckedApp(checks: readonly Check[]): string | null {
  return checks.some(({ detail }) => detail?.startsWith(APP_NOT_CHECKED)) ? APP_NOT_CHECKED : null;
}

/** Dates in seconds, which do not affect the verdict. */
function laySecondsNotes(checks: readonly Check[], view: View): readonly string[] {
  return checks.flatMap(({ id, token, ok, detail }) =>
    id === 'payload.shape' && ok === true && detail !== undefined
      ? laySentence(`${showText(token)}: ${showText(detail)}`, view, true).map((line) => view.paint.yellow(line))
      : [],
  );
}

function verdictLine(document: PayloadDocument, { verdict, reason, root }: Verification, { paint }: View): string {
  if (verdict === 'valid') return `${paint.green.bold('valid')}  ${signerOf(root, document)}`;
  const colour = verdict === 'invalid' ? paint.red : paint.yellow;
  return reason === null
    ? colour.bold(verdict)
    : `${colour.bold(verdict)}  ${colour(reason)}  ${REASONS[reason].title}`;
}

/** Names Apple only where the chain ends in Apple's root. */
function signerOf(root: string | null, document: PayloadDocument): string {
  if (root === APPLE_ROOT_NAME) return `Apple signed this ${listOf([NOUNS[document.kind], ...nestedNouns(document)])}.`;
  if (root === TEST_AUTHORITY) return 'Signed by the test authority, not by Apple.';
  return "Signed under a root from --root or the settings, not under Apple's.";
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

interface FailureGroup {
  readonly check: Check;
  readonly tokens: readonly string[];
}

/** Failed checks, the one that decided the verdict first; tokens that failed a check alike are one group. */
function failureGroups({ checks, reason }: Verification): readonly FailureGroup[] {
  const failed = checks.filter(({ ok }) => ok === false);
  const first = failed.find((check) => check.reason === reason) ?? failed[0];
  const groups = new Map<string, { readonly check: Check; readonly tokens: string[] }>();
  for (const check of first === undefined ? [] : [first, ...failed.filter((each) => each !== first)]) {
    const key = [check.id, check.reason, check.found, check.expected].join('\0');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { check, tokens: [check.token] });
    else group.tokens.push(check.token);
  }
  return [...groups.values()];
}

function layFirstFailure(
  group: FailureGroup | undefined,
  { reason }: Verification,
  view: VerificationView,
): readonly string[] {
  if (group === undefined || reason === null) return [];
  const check = { ...withSettingSource(group.check), token: group.tokens.join(', ') };
  return layFailure(checkToFailure(check, reason), view);
}

function layOtherFailures(
  groups: readonly FailureGroup[],
  { verdict }: Verification,
  view: VerificationView,
): readonly string[] {
  const rows = groups.map(({ check, tokens }): Row => {
    const { id, reason, found, expected } = withSettingSource(check);
    const parts = [
      ...(found === undefined ? [] : [found]),
      ...(expected === undefined ? [] : [`expected ${expected}`]),
    ];
    return {
      label: id,
      value: `${reason ?? ''}  ${showText(tokens.join(', '))}`,
      remark: parts.length === 0 ? null : showText(parts.join(', ')),
    };
  });
  const heading = verdict === 'undetermined' ? 'Also undetermined' : 'Also failed';
  return rows.length === 0 ? [] : [view.paint.bold(heading), ...layRows(rows, view)];
}

/**
 * `expected com.example.app (STOREWIRE_BUNDLE_ID)`: a mismatch with a setting is fixed in the setting, so the source that ends the detail is
 * shown beside the expected value.
 */
function withSettingSource(check: Check): Check {
  const { detail = '', ...rest } = check;
  const at = detail.lastIndexOf(`expected ${check.expected} (`);
  if (check.expected === undefined || at === -1) return check;
  const before = detail.slice(0, at).replace(/; $/, '');
  return { ...rest, expected: detail.slice(at + 'expected '.length), ...(before !== '' && { detail: before }) };
}

/** App, environment and dates: what a reader compares with what they expected. */
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
      ? momentRow('checked as of', checkedAtMs, clock === 'at' ? 'from --at' : 'now')
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

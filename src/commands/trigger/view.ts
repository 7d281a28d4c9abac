import type { Reach } from '../../address/reach.js';
import type { OutputStream } from '../../cli/deps.js';
import { purchaseCell } from '../../document-view/purchase-cell.js';
import { EVENTS, findEvent } from '../../notification/catalogue/events.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';
import { openPayload, payloadFields } from '../../notification/open.js';
import { REASONS } from '../../notification/reasons.js';
import { FORGEABLE_REASONS } from '../../simulator/forgeries/forge.js';
import { DEFAULT_APP } from '../../simulator/payloads/app.js';
import { findScenario, SCENARIOS } from '../../simulator/scenarios/scenarios.js';
import { type Listed, layEntries } from '../../terminal/columns.js';
import { escapeText, showText } from '../../terminal/escape.js';
import { countOf, formatMoment } from '../../terminal/format.js';
import { joinParts, layRows, laySentence, type Row, type View } from '../../terminal/layout.js';
import { padTo } from '../../terminal/width.js';
import type { PreparedNotification } from './build.js';
import type { Route } from './deliver.js';
import { likeRows } from './like-view.js';
import type { TriggerRequest } from './load.js';
import { type Outcome, type OutcomeWord, outcomeWord, type TriggerTally } from './outcome.js';

type DescribedRoute = Pick<Route, 'request' | 'reach' | 'isPlain' | 'signer'> & {
  readonly target: string | null;
  readonly nowMs: number;
};

/** Describes the run before anything is sent, for stderr: target, app, scenario, signing authority, warnings. */
export function describeRoute(
  route: DescribedRoute,
  { paint, columns }: Pick<OutputStream, 'paint' | 'columns'>,
): string {
  const { request, target, reach } = route;
  const { selection } = request;
  const rows: readonly (Row | null)[] = [
    target === null
      ? null
      : { label: 'target', value: escapeText(target), remark: route.isPlain ? plainRemark(reach) : null },
    reach === 'public' ? { label: 'warning', value: PUBLIC_WARNING, tone: 'warning' } : null,
    { label: 'app', value: appOf(request), remark: request.app.environment },
    selection.kind === 'scenario'
      ? { label: 'scenario', value: selection.name, remark: findScenario(selection.name).title }
      : null,
    selection.kind === 'story'
      ? { label: 'story', value: escapeText(selection.source), remark: escapeText(selection.story.title ?? '') || null }
      : null,
    ...(selection.kind === 'like' ? likeRows(selection, route.nowMs) : []),
    ...signerRows(route.signer),
  ];
  const shown = rows.filter((row) => row !== null);
  return `${layRows(shown, { paint, columns, nowMs: route.nowMs }).join('\n')}\n\n`;
}

function signerRows(signer: Route['signer']): readonly Row[] {
  if (signer === null) return [{ label: 'signed by', value: 'the emulator', remark: 'online checks can pass' }];
  return [
    { label: 'signed by', value: `test authority, ${escapeText(signer.rootPath)}` },
    { label: 'verifier', value: VERIFIER_NOTE },
  ];
}

/** Certificates of trigger alone name no OCSP responder. */
const VERIFIER_NOTE = 'needs this root and no online checks: storewire authority -v';

const PUBLIC_WARNING = 'Public host: an endpoint that does not verify accepts this as a real purchase.';

function plainRemark(reach: Reach | null): string | null {
  return reach === 'loopback' ? null : 'Apple requires https';
}

function appOf({ app }: TriggerRequest): string {
  const { bundleId, bundleIdSource } = app;
  if (bundleId === null) return `${DEFAULT_APP.bundleId} (default)`;
  return bundleIdSource === null ? escapeText(bundleId) : `${escapeText(bundleId)} (${escapeText(bundleIdSource)})`;
}

interface OutcomeView extends View {
  readonly reach: Reach | null;
  /** Hints shown before: each is shown once. */
  readonly shownHints: ReadonlySet<string>;
}

const SYMBOLS: Readonly<Record<OutcomeWord, string>> = {
  accepted: '✓',
  refused: '✗',
  unreachable: '✗',
  'timed-out': '✗',
};

const WORD_WIDTH = 'unreachable'.length;

const STATUS_WIDTH = 3;

const MS_WIDTH = '1,234 ms'.length;

/** One line for a delivery, followed by its step or title, and details if it was not accepted. */
export function describeOutcome(outcome: Outcome, view: OutcomeView): string {
  const { notification, httpStatus, ms } = outcome;
  const { paint } = view;
  const word = outcomeWord(outcome);
  const colour = word === 'accepted' ? paint.green : word === 'refused' ? paint.red : paint.yellow;
  const cells = [
    colour(`${SYMBOLS[word]} ${padTo(word, WORD_WIDTH)}`),
    padTo(httpStatus === null ? '–' : String(httpStatus), STATUS_WIDTH),
    padTo(`${ms} ms`, MS_WIDTH),
    paint.bold(nameOf(notification)),
  ];
  const lines = [...layStep(notification, view), ...layRows(detailRows(outcome, view), inner(view))];
  return `${[cells.join('  '), ...lines.map((line) => MARGIN + line)].join('\n')}\n`;
}

const MARGIN = '  ';

const inner = (view: View): View => ({ ...view, columns: view.columns - MARGIN.length });

function nameOf({ type, subtype }: PreparedNotification): string {
  return subtype === null ? type : `${type}.${subtype}`;
}

function layStep(notification: PreparedNotification, view: View): readonly string[] {
  const { type, subtype, step } = notification;
  const { paint, columns } = view;
  const id = originalIdIn(notification);
  const purchase = id === null ? '' : `${purchaseCell(id, columns).text}  `;
  const says =
    step === null
      ? `${purchase}${findEvent(type, subtype)?.title ?? ''}`.trimEnd()
      : `${step.number}/${step.of}  ${purchase}${formatMoment(step.atMs)}  ${step.says}`;
  return says === '' ? [] : laySentence(says, { columns: columns - MARGIN.length }).map((line) => paint.dim(line));
}

/** The purchase that a notification is about; null for one of none, and for a forgery that cannot be read. */
export function originalIdIn({ signedPayload }: PreparedNotification): string | null {
  const { transaction, renewalInfo } = payloadFields(openPayload(signedPayload));
  const id = (transaction ?? renewalInfo)?.originalTransactionId;
  return typeof id === 'string' && id !== '' ? id : null;
}

function detailRows(outcome: Outcome, { reach, shownHints }: OutcomeView): readonly Row[] {
  const { notification, result, detail, answer } = outcome;
  const hint = hintOn(outcome, reach);
  const isAccepted = result === 'SUCCESS';
  const rows: (Row | null)[] = [
    notification.forged === null ? null : { label: 'forged', value: notification.forged },
    isAccepted ? null : { label: 'result', value: result, remark: showText(detail) },
    isAccepted || answer === '' ? null : { label: 'response', value: showText(answer) },
    isAccepted ? null : { label: 'retry', value: describeRetry(outcome) },
    hint === null || shownHints.has(hint) ? null : { label: 'hint', value: hint },
  ];
  return rows.filter((row) => row !== null);
}

function describeRetry({ retry }: Outcome): string {
  if (retry.afterMs === null) return 'none: Apple sends once in Sandbox';
  const hours = Math.round(retry.afterMs / 3_600_000);
  return `Apple retries after ${countOf(hours, 'hour')} with the same notificationUUID`;
}

const TRUST = 'If the endpoint verifies, add the root of the test authority to it: storewire authority';

/** Next step after an outcome; null if there is none. An endpoint that refuses most often lacks the test root. */
export function hintOn({ notification, result, httpStatus }: Outcome, reach: Reach | null): string | null {
  if (notification.forged !== null && httpStatus !== null)
    return result === 'SUCCESS' ? 'The endpoint must reject payloads that fail verification' : null;
  if (httpStatus !== null && REFUSALS.has(httpStatus)) return TRUST;
  if (httpStatus === 404 || httpStatus === 405) return NO_HANDLER;
  if (reach === 'loopback' && result === 'SOCKET_ISSUE') return 'Start the endpoint, or check its port';
  if (reach !== null && reach !== 'public' && result === 'TLS_ISSUE') return OWN_ROOT;
  return findSendAttempt(result)?.hint || null;
}

const NO_HANDLER = 'Check the path of the URL: the endpoint handles no POST there';

/** The sender trusts public certificate authorities only and ignores NODE_EXTRA_CA_CERTS: see `secureContextFor`. */
const OWN_ROOT = 'Like Apple, trigger trusts public certificate authorities only: use an http:// URL for tests';

const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 422]);

/** Summary of a run: counts by outcome, cause of an early stop, meaning for Apple. */
export function describeTriggerTally(
  tally: TriggerTally,
  { selection }: TriggerRequest,
  { paint }: Pick<View, 'paint'>,
): string {
  const words = (['accepted', 'refused', 'unreachable', 'timed-out'] as const).filter((word) => tally[word] > 0);
  const counts = words.map((word) => `${tally[word]} ${word}`);
  const unsent = tally.notSent === 0 ? [] : [`${tally.notSent} not sent (${STOP_CAUSES[tally.stoppedBy ?? 'signal']})`];
  const title = selection.kind === 'scenario' ? `${paint.bold(selection.name)}: ` : '';
  return `\n${title}${[...counts, ...unsent].join(', ')}${meaningOf(tally, selection)}\n`;
}

/** The command that shows what the emulator now knows of a purchase. */
export function describeLookup(id: string, { paint }: Pick<View, 'paint'>): string {
  const word = /^\w+$/.test(id) ? id : 'ID';
  return `  storewire lookup ${word} --via-emulator  ${paint.dim('what the App Store says of it now')}\n`;
}

/** End of the summary: the meaning, if all outcomes are the same. */
function meaningOf(
  { accepted, refused, unreachable, notSent, ...others }: TriggerTally,
  selection: TriggerRequest['selection'],
): string {
  if (unreachable + notSent + others['timed-out'] > 0 || (accepted > 0 && refused > 0)) return '.';
  if (selection.kind === 'forgery')
    return accepted > 0 ? '. The endpoint must refuse forgeries.' : ', as expected of a forgery.';
  return accepted > 0 ? '. Apple would count this as delivered.' : '.';
}

const STOP_CAUSES: Readonly<Record<NonNullable<TriggerTally['stoppedBy']>, string>> = {
  unreachable: 'endpoint unreachable',
  deadline: 'timed out',
  signal: 'interrupted',
};

/** Catalogue of types, scenarios and forgeries. */
export function describeCatalogue(view: View): string {
  return joinParts([
    layEntries('Types', typeEntries(), view),
    layEntries('Scenarios (--scenario NAME)', scenarioEntries(), view),
    layEntries('Forgeries (--forge REASON)', forgeryEntries(), view),
    [view.paint.bold('Examples'), ...EXAMPLES.map((line) => `  ${view.paint.cyan(line)}`)],
  ]);
}

const EXAMPLES = [
  'storewire trigger DID_RENEW.BILLING_RECOVERY --to http://localhost:4280/',
  'storewire trigger --scenario billing-retry --to http://localhost:4280/',
];

/** Subtypes are listed below their type, with a leading dot. */
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
  return SCENARIOS.map(({ name, title, events }) => ({ name, title, depth: 0, remark: joinEvents(events) }));
}

/** `A → B × 3 → C`. */
function joinEvents(events: readonly string[]): string {
  const runs: { readonly event: string; times: number }[] = [];
  for (const event of events) {
    const last = runs.at(-1);
    if (last?.event === event) last.times += 1;
    else runs.push({ event, times: 1 });
  }
  return runs.map(({ event, times }) => (times === 1 ? event : `${event} × ${times}`)).join(' → ');
}

function forgeryEntries(): readonly Listed[] {
  return FORGEABLE_REASONS.map((reason) => ({ name: reason, title: REASONS[reason].title, depth: 0 }));
}

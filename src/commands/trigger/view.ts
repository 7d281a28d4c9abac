import type { Reach } from '../../address/reach.js';
import type { OutputStream } from '../../cli/deps.js';
import { EVENTS, findEvent } from '../../notification/catalogue/events.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';
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
import { type Outcome, type OutcomeWord, outcomeWord, type Tally } from './outcome.js';
import type { TriggerRequest } from './request.js';

type NotedRoute = Pick<Route, 'order' | 'reach' | 'isPlain' | 'signer'> & { readonly target: string | null };

/** For stderr, before anything is sent: where to, as which app, signed by whom, and what that means. */
export function describeNotes(route: NotedRoute, { paint, columns }: Pick<OutputStream, 'paint' | 'columns'>): string {
  const { order, target, signer } = route;
  const sentences = [
    ...(target === null ? [] : [`To ${escapeText(target)}`]),
    `${order.app.environment}, ${describeApp(order)}.`,
    ...(signer === null ? [SIGNED_BY_EMULATOR] : [`Signed under ${escapeText(signer.rootPath)}. ${NO_RESPONDER}`]),
    ...(route.reach === 'public' ? [PUBLIC] : []),
    ...(route.isPlain && route.reach !== 'loopback' ? [PLAIN] : []),
  ];
  return `${sentences
    .flatMap((sentence) => laySentence(sentence, { columns }))
    .map((line) => paint.dim(line))
    .join('\n')}\n\n`;
}

const SIGNED_BY_EMULATOR = 'The emulator makes and signs it; online checks can pass.';

const NO_RESPONDER =
  'A verifier must be given that root (storewire authority), and online checks cannot pass: the certificates name no OCSP responder.';

const PUBLIC = 'A public host: an endpoint that does not verify will take this purchase for real.';

const PLAIN = 'Apple itself sends over https only.';

function describeApp({ app }: TriggerRequest): string {
  return app.bundleId ?? `${DEFAULT_APP.bundleId} (no --bundle-id is set)`;
}

interface OutcomeView extends View {
  readonly reach: Reach | null;
  /** Hints that were given before: each is given once. */
  readonly told: ReadonlySet<string>;
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

/** What became of one notification: a line, below it the step of its story, and what is to be said of one that was not accepted. */
export function describeOutcome(outcome: Outcome, view: OutcomeView): string {
  const { made, httpStatus, ms } = outcome;
  const { paint } = view;
  const word = outcomeWord(outcome);
  const colour = word === 'accepted' ? paint.green : word === 'refused' ? paint.red : paint.yellow;
  const cells = [
    colour(`${SYMBOLS[word]} ${padTo(word, WORD_WIDTH)}`),
    padTo(httpStatus === null ? '–' : String(httpStatus), STATUS_WIDTH),
    padTo(`${ms} ms`, MS_WIDTH),
    paint.bold(nameOf(made)),
  ];
  const lines = [...layStep(made, view), ...layRows(remarksOn(outcome, view), inner(view))];
  return `${[cells.join('  '), ...lines.map((line) => MARGIN + line)].join('\n')}\n`;
}

const MARGIN = '  ';

const inner = (view: View): View => ({ ...view, columns: view.columns - MARGIN.length });

function nameOf({ type, subtype }: PreparedNotification): string {
  return subtype === null ? type : `${type}.${subtype}`;
}

function layStep({ type, subtype, step }: PreparedNotification, view: View): readonly string[] {
  const { paint, columns } = view;
  const says =
    step === null
      ? (findEvent(type, subtype)?.title ?? '')
      : `${step.number}/${step.of}  ${formatMoment(step.atMs)}  ${step.says}`;
  return says === '' ? [] : laySentence(says, { columns: columns - MARGIN.length }).map((line) => paint.dim(line));
}

function remarksOn(outcome: Outcome, { reach, told }: OutcomeView): readonly Row[] {
  const { made, result, detail, answer } = outcome;
  const hint = hintOn(outcome, reach);
  const isAccepted = result === 'SUCCESS';
  const rows: (Row | null)[] = [
    made.forged === null ? null : { label: 'forged', value: made.forged },
    isAccepted ? null : { label: 'result', value: result, remark: showText(detail) },
    isAccepted || answer === '' ? null : { label: 'answer', value: showText(answer) },
    isAccepted ? null : { label: 'Apple', value: describeRetry(outcome) },
    hint === null || told.has(hint) ? null : { label: 'hint', value: hint },
  ];
  return rows.filter((row) => row !== null);
}

function describeRetry({ retry }: Outcome): string {
  if (retry.afterMs === null) return 'would not send it again: in Sandbox it sends once';
  const hours = Math.round(retry.afterMs / 3_600_000);
  return `would send it again after ${countOf(hours, 'hour')}, the same notificationUUID`;
}

const TRUST = 'An endpoint that verifies must be given the root of the test authority: storewire authority';

/** What to do about an outcome; null where there is nothing. A test authority is refused for its root more often than for anything else. */
export function hintOn({ made, result, httpStatus }: Outcome, reach: Reach | null): string | null {
  if (made.forged !== null && httpStatus !== null)
    return result === 'SUCCESS' ? 'It took a forgery: it must verify before it believes' : null;
  if (httpStatus !== null && REFUSALS.has(httpStatus)) return TRUST;
  if (reach === 'loopback' && result === 'SOCKET_ISSUE') return 'Start the endpoint, or check the port';
  if (reach !== null && reach !== 'public' && result === 'TLS_ISSUE') return OWN_ROOT;
  return findSendAttempt(result)?.hint || null;
}

/** The sender believes public authorities only, whatever NODE_EXTRA_CA_CERTS says: see `secureContextFor`. */
const OWN_ROOT = 'Apple believes public authorities only, and so does this: send to an http:// address while testing';

const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 422]);

/** The end of a run: what Apple would make of it, how many of each, and why some were not sent. */
export function describeTally(tally: Tally, { what }: TriggerRequest, { paint }: Pick<View, 'paint'>): string {
  const words = (['accepted', 'refused', 'unreachable', 'timed-out'] as const).filter((word) => tally[word] > 0);
  const counts = words.map((word) => `${tally[word]} ${word}`);
  const unsent =
    tally.notSent === 0 ? [] : [`${tally.notSent} not sent, ${REASON_TO_STOP[tally.stoppedBy ?? 'signal']}`];
  const title = what.kind === 'scenario' ? `${paint.bold(what.name)}  ${findScenario(what.name).title}: ` : '';
  return `\n${title}${[...counts, ...unsent].join(', ')}${meaningOf(tally, what)}\n`;
}

/** The end of the sentence, which says more of a run in which all went alike. */
function meaningOf(
  { accepted, refused, unreachable, notSent, ...others }: Tally,
  what: TriggerRequest['what'],
): string {
  if (unreachable + notSent + others['timed-out'] > 0 || (accepted > 0 && refused > 0)) return '.';
  if (what.kind === 'forgery') return accepted > 0 ? '. A forgery must be refused.' : ', as a forgery must be.';
  return accepted > 0 ? '. Apple would count this as delivered.' : '.';
}

const REASON_TO_STOP: Readonly<Record<NonNullable<Tally['stoppedBy']>, string>> = {
  unreachable: 'as nothing can be reached there',
  deadline: 'as the time was up',
  signal: 'as it was interrupted',
};

/** Everything that `trigger` can be asked for, for people. */
export function describeCatalogue(view: View): string {
  return joinParts([
    layEntries('Types', typeEntries(), view),
    layEntries('Scenarios, with --scenario', scenarioEntries(), view),
    layEntries('Forgeries, with --forge', forgeryEntries(), view),
    USAGE.map(([line, shows]) => `${view.paint.cyan(line)}  ${view.paint.dim(shows)}`.trimEnd()),
  ]);
}

const USAGE = [
  ['storewire trigger DID_RENEW.BILLING_RECOVERY --to http://localhost:4280/', ''],
  ['storewire trigger --scenario billing-retry --to http://localhost:4280/', ''],
] as const;

/** Subtypes stand below their type with the dot they are written with. */
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
  return SCENARIOS.map(({ name, title, events }) => ({ name, title, depth: 0, remark: events.join(' → ') }));
}

function forgeryEntries(): readonly Listed[] {
  return FORGEABLE_REASONS.map((reason) => ({ name: reason, title: REASONS[reason].title, depth: 0 }));
}

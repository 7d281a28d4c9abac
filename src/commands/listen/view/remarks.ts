import type { DeliveryEvent } from '../../../listener/events.js';
import { findEvent } from '../../../notification/catalogue/events.js';
import { REASONS, type ReasonCode } from '../../../notification/reasons.js';
import { escapeText, showText } from '../../../terminal/escape.js';
import { laySentence } from '../../../terminal/layout.js';
import type { SaidOnce } from '../../../terminal/once.js';
import { type Arrival, indentOf, isDelivered, isWide, type ListenView, type Results, shortId } from './line-model.js';

/** Explanation below a line. `untrusted`: may quote the peer; escaped already. */
interface Remark {
  readonly text: string;
  readonly untrusted: boolean;
  readonly tone?: 'bad' | 'warning';
}

/** Explanations of one notification, as lines. */
export function explainArrival(
  arrival: Arrival,
  results: Results,
  explained: SaidOnce,
  view: ListenView,
): readonly string[] {
  const subject =
    arrival.refusal === null ? explainType(arrival, explained, view) : explainRefusal(arrival, explained, view);
  return layRemarks(
    [
      ...subject,
      ...explainSameUuid(arrival),
      ...explainMarks(arrival, explained),
      ...explainFailures(arrival, results, explained),
    ],
    view,
  );
}

export function layRemarks(remarks: readonly Remark[], view: ListenView): readonly string[] {
  const { paint, columns } = view;
  const indent = ' '.repeat(indentOf(view));
  const room = { columns: columns - indent.length };
  return remarks.flatMap(({ text, untrusted, tone }) => {
    const colour = tone === 'bad' ? paint.red : tone === 'warning' ? paint.yellow : paint.dim;
    return laySentence(text, room, untrusted).map((line) => indent + colour(line));
  });
}

/**
 * The first time a type arrives: its title and meaning. Later: nothing on a wide line, which includes the product, else title and product.
 * The meaning of a type that this version does not know quotes that type, so it is untrusted.
 */
function explainType({ title, meaning, facts }: Arrival, explained: SaidOnce, view: ListenView): readonly Remark[] {
  if (title === null || meaning === null || facts === null) return [];
  const isFirst = explained.isNew(`type ${facts.type}`);
  const remark: Remark = { text: escapeText(meaning), untrusted: !isKnown(facts.type) };
  if (isWide(view)) return isFirst ? [{ ...remark, text: `${escapeText(title)}. ${remark.text}` }] : [];
  const product = facts.productId === null ? '' : ` (${showText(facts.productId)})`;
  return [{ text: `${escapeText(title)}${product}`, untrusted: true }, ...(isFirst ? [remark] : [])];
}

function isKnown(event: string): boolean {
  const [type = '', subtype = null] = event.split('.');
  return findEvent(type, subtype) !== undefined;
}

/** Reason and failed check, with a hint the first time; shorter with `--verbose`, which prints the whole verdict. */
function explainRefusal(
  { refusal, verdict, synthetic }: Arrival,
  explained: SaidOnce,
  { verbose, trustsAuthority }: ListenView,
): readonly Remark[] {
  if (refusal === null) return [];
  const reason = verdict?.reason ?? null;
  if (verdict === null || reason === null) {
    return [{ text: `${refusal.code}  ${refusal.message}`, untrusted: false, tone: 'bad' }];
  }
  if (refusal.format !== undefined) {
    return [
      { text: `${reason}  ${REASONS[reason].title}`, untrusted: false, tone: 'bad' },
      ...newRemark(explained, `format ${refusal.format}`, escapeText(refusal.message), false),
    ];
  }
  const check = verdict.failed.find((failed) => failed.reason === reason) ?? verdict.failed[0];
  const isTestSigned = synthetic && reason === 'UNTRUSTED_ROOT';
  const hint = isTestSigned
    ? trustsAuthority
      ? OTHER_AUTHORITY
      : TRUST_AUTHORITY
    : (HINTS[reason] ?? check?.hint ?? REASONS[reason].hint);
  return [
    { text: `${reason}  ${REASONS[reason].title}`, untrusted: false, tone: 'bad' },
    ...(check === undefined || verbose ? [] : newRemark(explained, `check ${reason}`, describeCheck(check), true)),
    ...(verbose && !isTestSigned ? [] : newRemark(explained, `hint ${reason}`, `hint: ${escapeText(hint)}`, false)),
  ];
}

/** Hints for received requests, instead of those for a pasted payload. */
const HINTS: Partial<Record<ReasonCode, string>> = {
  MALFORMED_JWS: 'the sender posted no complete token; Apple posts {"signedPayload":"…"}',
  SIGNATURE_MISMATCH: 'forged, or modified in transit by a proxy; do not trust its contents',
};

const TRUST_AUTHORITY = "signed by a storewire test authority; to trust this project's, add --trust-authority";

/** For runs that trust the test authority of this project already. */
const OTHER_AUTHORITY =
  "named like a test authority, but not signed with this project's key: forged, or created in another folder";

function describeCheck({ token, id, found, expected }: NonNullable<Arrival['verdict']>['failed'][number]): string {
  const actual = found === undefined ? '' : `: ${showText(found)}`;
  return `${showText(token)} ${id}${actual}${expected === undefined ? '' : `, expected ${showText(expected)}`}`;
}

/** Each time: a handler that takes it for a repeat loses it. */
function explainSameUuid({ sameUuidAs, repeatOf }: Arrival): readonly Remark[] {
  if (sameUuidAs === undefined || repeatOf !== null) return [];
  const text = `Not a repeat of ${shortId(sameUuidAs)}, so it is a notification of its own. Apple gives each a UUID; the mock notifications of its libraries share one. A handler that compares the UUID alone drops it.`;
  return [{ text, untrusted: false, tone: 'warning' }];
}

/** Tolerated irregularities, and the reasons why targets do not get the notification. */
function explainMarks({ refusal, marks, withheld }: Arrival, explained: SaidOnce): readonly Remark[] {
  const tolerated = refusal !== null || marks.length === 0 ? '' : `Tolerated: ${marks.map(showText).join(', ')}`;
  return [
    ...(tolerated === '' ? [] : newRemark(explained, 'marks', tolerated, true)),
    ...withheld.flatMap(({ target, why }) =>
      newRemark(explained, `withheld ${target}`, `${target}: ${escapeText(why)}`, false),
    ),
  ];
}

/** When Apple received a target's failure, Apple retries for that target; in production only, the sandbox never retries. */
function explainFailures(arrival: Arrival, results: Results, explained: SaidOnce): readonly Remark[] {
  const { answered, facts } = arrival;
  const appleRetries = answered !== null && !isDelivered(answered) && facts?.environment === 'Production';
  return [...results.values()].flatMap((event) =>
    event === null ? [] : explainFailure(event, explained, appleRetries ? APPLE_RETRIES : NO_RETRY),
  );
}

/**
 * Reason of a failed attempt, unless it repeats the last one of that target, and for the final attempt the next step. An accepted
 * delivery resets this, so that the next failure is explained again.
 */
export function explainFailure(
  { target, detail, outcome, final }: Pick<DeliveryEvent, 'target' | 'detail' | 'outcome' | 'final'>,
  explained: SaidOnce,
  next = NO_RETRY,
): readonly Remark[] {
  if (outcome === 'accepted') {
    explained.isNew(`detail ${target}`);
    return [];
  }
  const isStatusOnly = detail === null || ONLY_STATUS.test(detail);
  const reason = isStatusOnly ? [] : newRemark(explained, `detail ${target}`, describeDetail(target, detail), true);
  return [...reason, ...(final ? newRemark(explained, 'final', next, false) : [])].map((remark) => ({
    ...remark,
    tone: 'warning' as const,
  }));
}

/** Prefixes the target's name, unless the detail begins with it: an unnamed target is named after its host. */
function describeDetail(target: string, detail: string): string {
  return detail.startsWith(`${target} `) ? escapeText(detail) : `${target}: ${escapeText(detail)}`;
}

/** Details that only repeat the status in the line. */
const ONLY_STATUS = /^answered \d+$/;

const APPLE_RETRIES = 'Apple received this status and will retry';

const NO_RETRY = 'Not retried automatically; once the target is fixed: storewire replay --failed';

function newRemark(explained: SaidOnce, topic: string, text: string, untrusted: boolean): readonly Remark[] {
  return explained.isNew(topic, text) ? [{ text, untrusted }] : [];
}

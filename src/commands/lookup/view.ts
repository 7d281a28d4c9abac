import { repeatAnswer } from '../../document-view/headline.js';
import { addHints, describeHints, describeLine, type Hints } from '../../document-view/line.js';
import type { VerifiedDocument } from '../../notification/verified-document.js';
import type { PurchaseTimeline } from '../../purchase/purchase.js';
import { describePurchase } from '../../purchase-view/describe-purchase.js';
import { describeIdentity, describeState } from '../../purchase-view/state-sentence.js';
import { showText } from '../../terminal/escape.js';
import { countOf, groupDigits } from '../../terminal/format.js';
import { laySentence, type View } from '../../terminal/layout.js';
import { wrapText, wrapWords } from '../../terminal/width.js';
import type { FoldedCustomer, StatedPurchase } from './customer.js';
import { reindex, withTransactionIds } from './transaction-events.js';

/** Transactions of one purchase, other purchases, and rejected tokens that are shown without --verbose. */
const SHOWN = { transactions: 12, purchases: 5, rejected: 5 };

/** Room for a transaction id in front of price and end. */
const WIDE_COLUMNS = 100;

interface ViewFlags {
  readonly verbose: boolean;
}

/** The answer of `lookup`: the purchase, what else the customer has, what is not valid. Ends in a newline; every text of a token is escaped. */
export function describeCustomer(customer: FoldedCustomer, flags: ViewFlags, view: View): string {
  const { requested, others, rejected, verified } = customer;
  const answers = requested.map((each) => describeStated(each, flags, view));
  if (verified.length === 0) answers.push(nothingVerified(rejected.length, view));
  else if (requested.length === 0) answers.push('The customer has no purchase of this app that could be verified.\n');
  const rest = [
    ...(others.length === 0 ? [] : [describeOthers(others, flags, view)]),
    ...(rejected.length === 0 ? [] : [describeRejected(rejected, flags, view)]),
    ...(verified.length === 0 ? [] : [describeRoots(verified, view)]),
  ];
  const [first] = requested;
  const text = [...answers, ...rest].join('\n');
  if (first === undefined || (answers.length === 1 && others.length + rejected.length === 0)) return text;
  return repeatAnswer(text, wrapWords(sentenceOf(first), view.columns));
}

function describeStated({ purchase, stated }: StatedPurchase, { verbose }: ViewFlags, view: View): string {
  const whole = verbose || view.columns >= WIDE_COLUMNS ? withTransactionIds(purchase) : purchase;
  const shown = verbose ? whole : latestPart(whole);
  const earlier = purchase.events.length - shown.events.length;
  const remarks = [
    ...(stated === null ? [] : [stated]),
    ...(earlier > 0
      ? [`The last ${shown.events.length} of ${groupDigits(purchase.events.length)} events; -v shows all.`]
      : []),
  ];
  return describePurchase(shown, view, { remarks });
}

/** The purchase from its last few transactions on: a long one would be a lane without room and pages of text. */
function latestPart(purchase: PurchaseTimeline): PurchaseTimeline {
  if (purchase.events.length <= SHOWN.transactions) return purchase;
  const events = purchase.events.slice(-SHOWN.transactions);
  const fromMs = events[0]?.signedAtMs ?? Number.NEGATIVE_INFINITY;
  const periods = purchase.periods.filter(({ toMs }) => toMs === null || toMs > fromMs);
  return reindex({ ...purchase, periods }, events);
}

/** `Active until …; Apple says 1 (active).` */
function sentenceOf({ purchase, stated }: StatedPurchase): string {
  const { headline } = describeState(purchase);
  return stated === null ? headline : `${headline}; ${stated}`;
}

function describeOthers(others: readonly StatedPurchase[], flags: ViewFlags, view: View): string {
  const title = view.paint.bold('Other purchases of this customer');
  if (flags.verbose) return [`${title}\n`, ...others.map((each) => describeStated(each, flags, view))].join('\n');
  const latest = others.slice(0, SHOWN.purchases);
  const lines = latest.flatMap((each) => {
    const [product = '', ...identity] = describeIdentity(each.purchase);
    return [
      ...indented(sentenceOf(each), 2, view),
      ...indented([product, ...identity].join('  '), 4, view).map((line) => view.paint.dim(line)),
    ];
  });
  const more = others.length - latest.length;
  return `${[title, ...lines, ...(more > 0 ? [`  and ${groupDigits(more)} more; -v shows all.`] : [])].join('\n')}\n`;
}

function indented(text: string, cells: number, { columns }: View): readonly string[] {
  return wrapText(text, Math.max(24, columns - cells)).map((line) => ' '.repeat(cells) + line);
}

function nothingVerified(count: number, { paint, columns }: View): string {
  const text = `Not verified: Apple's server sent ${countOf(count, 'token')}, and none is valid`;
  return `${wrapWords(text, columns)
    .map((line) => paint.red(line))
    .join('\n')}\n`;
}

function describeRejected(rejected: readonly VerifiedDocument[], { verbose }: ViewFlags, view: View): string {
  const shown = verbose ? rejected : rejected.slice(0, SHOWN.rejected);
  const hints = rejected.reduce<Hints>((known, document) => addHints(known, document), {});
  const more = rejected.length - shown.length;
  return [
    `${view.paint.red.bold(`${countOf(rejected.length, 'token')} not valid, and left out of the above`)}\n`,
    ...shown.map((document) => describeLine(document, view)),
    ...(more > 0 ? [`and ${groupDigits(more)} more; -v shows all.\n`] : []),
    describeHints('MALFORMED_JWS' in hints ? { ...hints, MALFORMED_JWS: ASK_AGAIN } : hints, view),
  ].join('');
}

/** Nobody copied this token: the server or a proxy damaged it. */
const ASK_AGAIN = 'Run the command again; a proxy or a fake API in between may change what it returns.';

/** Names the root that verified the tokens: a test authority is not Apple. */
function describeRoots(verified: readonly VerifiedDocument[], view: View): string {
  const roots = [...new Set(verified.map(({ verification }) => verification.root ?? 'an unknown root'))];
  const text = `${countOf(verified.length, 'token')} verified under ${roots.map(nameRoot).join(', ')}.`;
  return `${laySentence(text, view, true)
    .map((line) => view.paint.dim(line))
    .join('\n')}\n`;
}

/** An additional root has its SHA-256 for a name: such tokens are not Apple's. */
function nameRoot(root: string): string {
  return /^[\dA-F]{64}$/.test(root) ? `a root that is not Apple's (SHA-256 ${root.slice(0, 8)}…)` : showText(root);
}

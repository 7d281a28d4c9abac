import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ToolError } from '../../errors.js';
import type { PurchaseTimeline } from '../../purchase/purchase.js';
import { describePurchase } from '../../purchase-view/describe-purchase.js';
import { describePurchases } from '../../purchase-view/describe-purchases.js';
import { PURCHASE_PAGE_STYLE, purchasesToHtml } from '../../purchase-view/html.js';
import { drawPurchasesSvg } from '../../purchase-view/overview-svg.js';
import { describeCounts } from '../../purchase-view/overview-words.js';
import { describeState } from '../../purchase-view/state-sentence.js';
import { drawPurchaseSvg } from '../../purchase-view/svg.js';
import { encodeHtml, toPage } from '../../reports/html.js';
import { isUrlPath } from '../../reports/report-files.js';
import { escapeText } from '../../terminal/escape.js';
import { formatMoment } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import type { TimelineDeps, TimelineOptions } from './options.js';

type OutputKind = 'text' | 'json' | 'svg' | 'html';

/** One output and the file it goes to; null for stdout. */
interface PlannedOutput {
  readonly kind: OutputKind;
  readonly file: string | null;
}

/** Stdout has one output: SVG or HTML for `-`, else JSON with --json, else text. Throws usage `ERR_TIMELINE_OUTPUT`. */
export function planOutputs({ svg, html, json }: TimelineOptions): readonly PlannedOutput[] {
  const given = [
    ...(svg === undefined ? [] : [{ kind: 'svg', file: svg === '-' ? null : svg } as const]),
    ...(html === undefined ? [] : [{ kind: 'html', file: html === '-' ? null : html } as const]),
    ...(json ? [{ kind: 'json', file: null } as const] : []),
  ];
  if (given.filter(({ file }) => file === null).length > 1)
    throw outputError('more than one output would go to stdout', 'Give all but one a file: --svg FILE, --html FILE.');
  if (svg !== undefined && svg === html && svg !== '-')
    throw outputError('--svg and --html name the same file', 'Give each its own file.');
  if (given.some(({ file }) => file !== null && isUrlPath(file)))
    throw outputError('--svg and --html take a file, not a URL', 'Pass the path of a file.');
  return given.some(({ file }) => file === null) ? given : [...given, { kind: 'text', file: null }];
}

function outputError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TIMELINE_OUTPUT', message, { hint });
}

/** What is shown. `note`: where the signatures come from, if not from Apple. */
interface Shown {
  readonly purchases: readonly PurchaseTimeline[];
  readonly note: string | null;
}

/** Writes every output. Throws usage `ERR_OUTPUT_WRITE` for the first file that cannot be written, after the others are. */
export function writeOutputs(
  outputs: readonly PlannedOutput[],
  shown: Shown,
  options: TimelineOptions,
  deps: TimelineDeps,
): void {
  const failures: ToolError[] = [];
  for (const { kind, file } of outputs) {
    const text = render(kind, shown, options, deps);
    if (file === null) deps.stdout.write(text);
    else failures.push(...writeToFile(file, text, deps));
  }
  if (failures[0] !== undefined) throw failures[0];
}

function render(kind: OutputKind, shown: Shown, { verbose }: TimelineOptions, { stdout, now }: TimelineDeps): string {
  const { purchases } = shown;
  const [first] = purchases;
  const isOne = purchases.length === 1 && first !== undefined;
  switch (kind) {
    case 'json':
      return purchases.map(toJsonLine).join('');
    case 'svg':
      return isOne ? drawPurchaseSvg(first, remarksOf(shown)) : drawPurchasesSvg(purchases, remarksOf(shown).remarks);
    case 'html':
      return toHtml(shown);
    case 'text': {
      const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
      return isOne || verbose
        ? purchases.map((purchase) => describePurchase(purchase, view)).join('\n\n')
        : describePurchases(purchases, view);
    }
  }
}

function remarksOf({ note }: Shown): { readonly remarks?: readonly string[] } {
  return note === null ? {} : { remarks: [note] };
}

function toHtml({ purchases, note }: Shown): string {
  const asOf = formatMoment(Math.floor((purchases[0]?.asOfMs ?? 0) / 1_000) * 1_000) ?? '';
  return toPage(
    `storewire timeline: ${purchases.length === 1 ? describeState(purchases[0]!).headline : describeCounts(purchases)}`,
    [
      '<h1>storewire timeline</h1>',
      `<p class="place dim"><span>as of ${encodeHtml(asOf)}</span>${note === null ? '' : ` <span>${encodeHtml(note)}</span>`}</p>`,
      ...purchasesToHtml(purchases),
    ],
    PURCHASE_PAGE_STYLE,
  );
}

const WRITABLE = 'Pass the path of a file that you can write.';

/** Of a new file: it shows customers' purchases. One that exists keeps its mode. */
const FILE_MODE = 0o600;

/** Writes a file, and creates its folder if it is missing. Returns the error if that failed. */
function writeToFile(file: string, text: string, { cwd, stderr }: TimelineDeps): readonly ToolError[] {
  const path = resolve(cwd, file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: FILE_MODE });
    stderr.write(`${stderr.paint.dim(`Wrote ${escapeText(file)}`)}\n`);
    return [];
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return [
      new ToolError('usage', 'ERR_OUTPUT_WRITE', `${file} cannot be written: ${code}`, { hint: WRITABLE, cause }),
    ];
  }
}

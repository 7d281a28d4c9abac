import { escapeText } from '../../terminal/escape.js';
import { formatMoment, groupDigits } from '../../terminal/format.js';
import type { Row } from '../../terminal/layout.js';
import { futureMs, type LikeSelection } from './load.js';
import type { Original } from './original.js';

/** Rows for stderr about a notification that others are made like: its source and verdict, its date, and what was replaced. */
export function likeRows(selection: LikeSelection, nowMs: number): readonly Row[] {
  const { originals, scrubbed } = selection;
  const [first, ...others] = originals;
  if (first === undefined) return [];
  const name =
    others.length === 0
      ? escapeText(first.source)
      : `${escapeText(first.source)} and ${groupDigits(others.length)} more`;
  const rows: (Row | null)[] = [
    { label: 'like', value: name, remark: verdictOf(originals) },
    dateRow(selection, nowMs),
    ...(scrubbed === null ? [] : scrubRows(scrubbed)),
  ];
  return rows.filter((row) => row !== null);
}

/** A copy is no evidence of its original: it is signed by the test authority, whatever signed the original. */
function verdictOf(originals: readonly Original[]): string {
  const refused = originals.find(({ verification }) => verification?.verdict !== 'valid');
  if (refused === undefined) {
    const root = originals[0]?.verification?.root ?? null;
    return root === null ? 'verified' : `verified (${escapeText(root)})`;
  }
  const { verification } = refused;
  if (verification === null || verification === undefined) return 'not verified: it came without its token';
  return `not verified: ${verification.reason ?? verification.verdict}`;
}

function dateRow(selection: LikeSelection, nowMs: number): Row | null {
  const atMs = futureMs(selection, nowMs);
  if (atMs === null) return null;
  return {
    label: 'warning',
    value: `Dated ${formatMoment(atMs)}, in the future: not due before`,
    tone: 'warning',
  };
}

function scrubRows({ replaced, unknown, removed }: NonNullable<LikeSelection['scrubbed']>): readonly Row[] {
  const counts = Object.entries(replaced).map(([kind, count]) => `${count} ${plural(kind, count)}`);
  const rows: (Row | null)[] = [
    { label: 'replaced', value: counts.length === 0 ? 'nothing: no id was found' : counts.join(', ') },
    { label: 'kept', value: 'dates, prices, products, offers, storefront' },
    unknown.length === 0
      ? null
      : {
          label: 'warning',
          value: `Fields that Apple does not document were kept, check them: ${unknown.map(escapeText).join(', ')}`,
          tone: 'warning',
        },
    removed.length === 0 ? null : { label: 'removed', value: `tokens in ${removed.map(escapeText).join(', ')}` },
  ];
  return rows.filter((row) => row !== null);
}

function plural(kind: string, count: number): string {
  if (count === 1) return kind;
  return kind.startsWith('id of') ? kind.replace('id of', 'ids of') : `${kind}s`;
}

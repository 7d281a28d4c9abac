import type { InspectorRow } from '../wire.js';

/** Text of a row that a query is matched against: its fields in lower case, one a line, in the order of {@link FIELDS}. */
export type SearchText = string;

const FIELDS = [
  'id',
  'type',
  'product',
  'bundle',
  'environment',
  'transaction',
  'uuid',
  'account',
  'verdict',
  'reason',
  'answer',
  'target',
  'is',
] as const;

const ALIASES: ReadonlyMap<string, (typeof FIELDS)[number]> = new Map([
  ['env', 'environment'],
  ['productid', 'product'],
  ['bundleid', 'bundle'],
  ['transactionid', 'transaction'],
  ['originaltransactionid', 'transaction'],
  ['appaccounttoken', 'account'],
  ['status', 'answer'],
  ['targets', 'target'],
]);

/** Ids of a notification beside those of its row. */
export interface FurtherIds {
  readonly transactionId?: string | undefined;
  readonly appAccountToken?: string | undefined;
}

export function searchTextOf(row: InspectorRow, { transactionId, appAccountToken }: FurtherIds): SearchText {
  const { originalTransactionId, isRepeat, isSynthetic, isRejected } = row;
  const marks = [isRepeat && 'repeat', isSynthetic && 'synthetic test', isRejected && 'rejected'];
  const further = transactionId === originalTransactionId ? null : transactionId;
  return [
    row.id,
    row.type,
    row.productId,
    row.bundleId,
    row.environment,
    [originalTransactionId, further].filter(Boolean).join(' '),
    row.uuid,
    appAccountToken,
    row.verdict,
    row.reason,
    row.answered === null ? 'none' : String(row.answered),
    row.targets.map(({ name, state, httpStatus }) => `${name} ${state} ${httpStatus ?? ''}`).join(' '),
    marks.filter(Boolean).join(' '),
  ]
    .map((text) => (text ?? '').replaceAll('\n', ' '))
    .join('\n')
    .toLowerCase();
}

export type SearchTest = (text: SearchText) => boolean;

/** Parses `words field:word`, all of which must match; null for an empty query. A word with an unknown field is a plain word. */
export function parseQuery(query: string): SearchTest | null {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return null;
  const tests = words.map(testOf);
  return (text) => tests.every((test) => test(text));
}

function testOf(word: string): SearchTest {
  const at = word.indexOf(':');
  const name = word.slice(0, Math.max(0, at));
  const field = FIELDS.indexOf(ALIASES.get(name) ?? (name as (typeof FIELDS)[number]));
  if (field === -1) return (text) => text.includes(word);
  const wanted = word.slice(at + 1);
  // "invalid" contains "valid".
  if (FIELDS[field] === 'verdict') return (text) => lineOf(text, field).startsWith(wanted);
  return (text) => text.includes(wanted) && lineOf(text, field).includes(wanted);
}

function lineOf(text: SearchText, line: number): string {
  let start = 0;
  for (let skipped = 0; skipped < line; skipped++) start = text.indexOf('\n', start) + 1;
  const end = text.indexOf('\n', start);
  return end === -1 ? text.slice(start) : text.slice(start, end);
}

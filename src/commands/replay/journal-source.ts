import { createHash } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { documentOf } from '../../journal/document.js';
import { type ContextForRoot, type EntryFilter, idOfEntry, passesFilter } from '../../journal/query.js';
import { readBody, readEntries } from '../../journal/read.js';
import type { JournalEntry, ReceiptEntry, RecordedFacts, RejectedEntry } from '../../journal/record.js';
import { MAX_REJECTED_BODY_BYTES } from '../../journal/rejected.js';
import { type DeliveryStatuses, pendingTargets } from '../../journal/summary.js';
import type { Item } from './item.js';
import type { VerifyBody } from './sources.js';

export interface JournalSource {
  readonly folder: string;
  readonly contextFor: ContextForRoot;
  /** For what was rejected: it is judged anew, as the settings may have changed since. */
  readonly judge: VerifyBody;
}

interface Selection {
  readonly filter: EntryFilter;
  /** Only what one of these targets was meant to have and has not accepted; null: all. */
  readonly owedTo: readonly string[] | null;
}

/**
 * Ids of the verified notifications that are wanted, oldest first. One that came several times is in it once, by its first receipt that is
 * wanted.
 */
export async function selectIds(
  folder: string,
  { filter, owedTo }: Selection,
  statuses: DeliveryStatuses,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const seen = new Set<string>();
  for await (const entry of entriesOf(folder, filter.sinceMs)) {
    if (entry.type !== 'receipt' || !passesFilter(entry, filter, statuses)) continue;
    if (owedTo !== null && !pendingTargets(statuses.of(entry.receipt)).some((name) => owedTo.includes(name))) continue;
    const { id, facts } = entry.receipt;
    const key = facts.uuid ?? id;
    if (!seen.has(key)) ids.push(id);
    seen.add(key);
  }
  return ids;
}

/** The entries with these ids, in the order of the journal. */
export async function* itemsWithIds(ids: readonly string[], source: JournalSource): AsyncGenerator<Item> {
  const left = new Set(ids);
  for await (const entry of entriesOf(source.folder, null)) {
    if (left.delete(idOfEntry(entry))) yield itemOfEntry(entry, source);
    if (left.size === 0) return;
  }
}

/** Tears were told when the journal was surveyed. */
function entriesOf(folder: string, sinceMs: number | null): AsyncIterable<JournalEntry> {
  return readEntries(folder, { onDamagedLine: () => undefined, ...(sinceMs === null ? {} : { sinceMs }) });
}

/** Throws usage `ERR_REPLAY_BODY_CUT` for a rejected body that was not kept as it came. */
export function itemOfEntry(entry: JournalEntry, source: JournalSource): Item {
  return entry.type === 'receipt' ? itemOfReceipt(entry, source) : itemOfRejected(entry, source);
}

function itemOfReceipt(entry: ReceiptEntry, { folder, contextFor }: JournalSource): Item {
  const { receipt, deliveries, location } = entry;
  const { id, atMs, facts, verdict, synthetic, contentType } = receipt;
  return {
    id,
    source: `journal:${id}`,
    receivedAtMs: atMs,
    facts,
    verdict,
    synthetic,
    contentType,
    deliveries,
    load: async () => {
      const body = await readBody(folder, location);
      return { body, document: () => documentOf(entry, body, contextFor(verdict.root)) };
    },
  };
}

function itemOfRejected(entry: RejectedEntry, { contextFor, judge }: JournalSource): Item {
  const { id, atMs, contentType, bytes, sha256, bodyBase64 } = entry.rejected;
  const body = Buffer.from(bodyBase64, 'base64');
  if (bytes > MAX_REJECTED_BODY_BYTES)
    throw incompleteBody(id, `of its ${bytes} bytes only the first ${MAX_REJECTED_BODY_BYTES} were kept`);
  const { facts, verdict, synthetic } = judge(body);
  const isWhole = createHash('sha256').update(body).digest('hex') === sha256;
  if (!isWhole || facts?.kind === 'notificationV1')
    throw incompleteBody(id, "the app's shared secret was taken out of it");
  return {
    id,
    source: `journal:${id}`,
    receivedAtMs: atMs,
    facts: facts ?? NOTHING_KNOWN,
    verdict: verdict ?? { verdict: 'invalid', reason: null },
    synthetic,
    contentType,
    deliveries: entry.deliveries,
    load: () => Promise.resolve({ body, document: () => documentOf(entry, body, contextFor(verdict?.root ?? null)) }),
  };
}

/** What is said of a body that holds no token. */
const NOTHING_KNOWN: RecordedFacts = {
  kind: 'unknown',
  type: 'unknown',
  uuid: null,
  bundleId: null,
  appAppleId: null,
  environment: null,
  productId: null,
  signedAtMs: null,
};

function incompleteBody(id: string, why: string): ToolError {
  const message = `${id} was rejected, and ${why}: it cannot be sent again`;
  return new ToolError('usage', 'ERR_REPLAY_BODY_CUT', message, {
    hint: `What is known of it: storewire journal show ${id}`,
  });
}

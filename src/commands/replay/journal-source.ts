import { createHash } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { documentOf } from '../../journal/document.js';
import { notificationKey } from '../../journal/notification-key.js';
import { type ContextForRoot, type EntryFilter, idOfEntry, passesFilter } from '../../journal/query.js';
import { readEntries, readRecordedBody } from '../../journal/read.js';
import type { JournalEntry, ReceiptEntry, RecordedFacts, RejectedEntry } from '../../journal/record.js';
import { MAX_REJECTED_BODY_BYTES } from '../../journal/rejected.js';
import { type DeliveryStatuses, pendingTargets } from '../../journal/summary.js';
import type { Item } from './item.js';
import type { VerifyBody } from './sources.js';

export interface JournalSource {
  readonly folder: string;
  readonly contextFor: ContextForRoot;
  /** Verifies rejected bodies again, since the settings may have changed. */
  readonly verify: VerifyBody;
}

interface Selection {
  readonly filter: EntryFilter;
  /** Selects notifications with a pending delivery to one of these targets; null for all. */
  readonly pendingFor: readonly string[] | null;
}

/** Selects the ids of verified notifications, oldest first. A notification with repeats is listed once, by its first selected receipt. */
export async function selectIds(
  folder: string,
  { filter, pendingFor }: Selection,
  statuses: DeliveryStatuses,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const seen = new Set<string>();
  for await (const entry of entriesOf(folder, filter.sinceMs)) {
    if (entry.type !== 'receipt' || !passesFilter(entry, filter, statuses)) continue;
    if (pendingFor !== null && !pendingTargets(statuses.of(entry.receipt)).some((name) => pendingFor.includes(name)))
      continue;
    const { id, facts } = entry.receipt;
    const key = notificationKey(facts) ?? id;
    if (!seen.has(key)) ids.push(id);
    seen.add(key);
  }
  return ids;
}

/** Reads the entries with these ids, in the order of the journal. */
export async function* itemsWithIds(ids: readonly string[], source: JournalSource): AsyncGenerator<Item> {
  const remaining = new Set(ids);
  for await (const entry of entriesOf(source.folder, null)) {
    if (remaining.delete(idOfEntry(entry))) yield itemOfEntry(entry, source);
    if (remaining.size === 0) return;
  }
}

/** Damaged lines were reported by the summary. */
function entriesOf(folder: string, sinceMs: number | null): AsyncIterable<JournalEntry> {
  return readEntries(folder, { onDamagedLine: () => undefined, ...(sinceMs === null ? {} : { sinceMs }) });
}

/** Builds the item of an entry. Throws usage `ERR_REPLAY_BODY_CUT` for a rejected body that is not stored as received. */
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
      const body = await readRecordedBody(folder, location);
      return { body, document: () => documentOf(entry, body, contextFor(verdict.root)) };
    },
  };
}

function itemOfRejected(entry: RejectedEntry, { contextFor, verify }: JournalSource): Item {
  const { id, atMs, contentType, bytes, sha256, bodyBase64 } = entry.rejected;
  const body = Buffer.from(bodyBase64, 'base64');
  if (bytes > MAX_REJECTED_BODY_BYTES)
    throw incompleteBody(id, `only ${MAX_REJECTED_BODY_BYTES} of its ${bytes} bytes are stored`);
  const { facts, verdict, synthetic } = verify(body);
  const isWhole = createHash('sha256').update(body).digest('hex') === sha256;
  if (!isWhole || facts?.kind === 'notificationV1')
    throw incompleteBody(id, "the app's shared secret was removed from it");
  return {
    id,
    source: `journal:${id}`,
    receivedAtMs: atMs,
    facts: facts ?? NO_FACTS,
    verdict: verdict ?? { verdict: 'invalid', reason: null },
    synthetic,
    contentType,
    deliveries: entry.deliveries,
    load: () => Promise.resolve({ body, document: () => documentOf(entry, body, contextFor(verdict?.root ?? null)) }),
  };
}

/** Facts of a body that holds no token. */
const NO_FACTS: RecordedFacts = {
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
  const message = `${id} was rejected and cannot be sent again: ${why}`;
  return new ToolError('usage', 'ERR_REPLAY_BODY_CUT', message, {
    hint: `Show it: storewire journal show ${id}`,
  });
}

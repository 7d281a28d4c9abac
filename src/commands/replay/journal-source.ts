import { createHash } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { pendingTargets } from '../../journal/delivery-status.js';
import { documentOf } from '../../journal/document.js';
import type { Position } from '../../journal/index/indexed-files.js';
import { idText } from '../../journal/index/row.js';
import { type ContextForRoot, type EntryFilter, passesFilter, positionsFor, rowFilterOf } from '../../journal/query.js';
import type { JournalReader } from '../../journal/reader.js';
import {
  type JournalEntry,
  type ReceiptEntry,
  type RecordedFacts,
  type RejectedEntry,
  recordedRoot,
} from '../../journal/record.js';
import { MAX_REJECTED_BODY_BYTES } from '../../journal/rejected.js';
import type { VerifiedBody } from '../../listener/verification/result.js';
import { createBodyVerifier } from '../../listener/verification/verify-body.js';
import { createContextsByRoot, rootsForRecorded } from '../../session/journal.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { Item } from './item.js';
import type { OnSkipped, SkippedInput } from './skipped.js';
import type { VerifyBody } from './sources.js';

export interface JournalSource {
  readonly reader: JournalReader;
  readonly contextFor: ContextForRoot;
  /** Verifies rejected bodies again, since the settings may have changed. */
  readonly verify: VerifyBody;
  /** Verifies the body of a receipt again as of its time: a journal can come with a clone. */
  readonly verifyReceipt: (body: Uint8Array, entry: ReceiptEntry) => VerifiedBody;
}

/** Opens the journal as a source. The test authority of the project is trusted only for what was recorded under it. */
export function openJournalSource(
  folder: string,
  reader: JournalReader,
  { roots, verify }: { readonly roots: readonly TrustedRoot[]; readonly verify: VerifyBody },
): JournalSource {
  const rootsFor = rootsForRecorded(folder, roots);
  const verifiers = new Map<readonly TrustedRoot[], ReturnType<typeof createBodyVerifier>>();
  const verifierFor = (recordedRoot: string | null): ReturnType<typeof createBodyVerifier> => {
    const trusted = rootsFor(recordedRoot);
    const verifier =
      verifiers.get(trusted) ?? createBodyVerifier({ roots: trusted, expectations: {}, wantsDocuments: false });
    verifiers.set(trusted, verifier);
    return verifier;
  };
  return {
    reader,
    contextFor: createContextsByRoot(folder, roots),
    verify,
    verifyReceipt: (body, entry) => verifierFor(recordedRoot(entry))({ body, atMs: entry.receipt.atMs }),
  };
}

interface Selection {
  readonly filter: EntryFilter;
  /** Selects notifications with a pending delivery to one of these targets; null for all. */
  readonly pendingFor: readonly string[] | null;
}

/** Selects the ids of verified notifications, oldest first. A notification with repeats is listed once, by its first selected receipt. */
export async function selectIds(reader: JournalReader, { filter, pendingFor }: Selection): Promise<readonly string[]> {
  const accepts = rowFilterOf({ ...filter, only: [] }, reader);
  const isSelected = (position: Position): boolean =>
    position.data.kind === 'receipt' &&
    position.data.atMs >= (filter.sinceMs ?? Number.NEGATIVE_INFINITY) &&
    accepts(position);
  const byIds = await positionsFor(filter, reader);
  if (pendingFor !== null) return selectPending(reader, filter, onlyThese(byIds.positions, isSelected), pendingFor);
  const ids: string[] = [];
  const seen = new Set<string>();
  for await (const position of reader.positions({ sinceMs: filter.sinceMs, accepts: isSelected, ...byIds })) {
    const { keyHigh, keyLow } = position.data;
    const key = `${keyHigh}:${keyLow}`;
    if (seen.has(key) || !isExactly(reader, position, filter)) continue;
    ids.push(idText(position.data));
    seen.add(key);
  }
  return ids;
}

function onlyThese(
  positions: readonly Position[] | undefined,
  isSelected: (position: Position) => boolean,
): (position: Position) => boolean {
  if (positions === undefined) return isSelected;
  const ids = new Set(positions.map(({ data }) => idText(data)));
  return (position) => isSelected(position) && ids.has(idText(position.data));
}

function selectPending(
  reader: JournalReader,
  filter: EntryFilter,
  isSelected: (position: Position) => boolean,
  pendingFor: readonly string[],
): readonly string[] {
  const selected: Position[] = [];
  for (const { status, receipts } of reader.pending()) {
    if (!pendingTargets(status).some((name) => pendingFor.includes(name))) continue;
    const first = receipts.find((position) => isSelected(position) && isExactly(reader, position, filter));
    if (first !== undefined) selected.push(first);
  }
  return selected.sort(byPosition).map(({ data }) => idText(data));
}

/** A filter on types reads the record: the index may have the type of another. */
function isExactly(reader: JournalReader, position: Position, filter: EntryFilter): boolean {
  if (filter.events === null) return true;
  const entry = reader.entryAt(position);
  return entry !== null && passesFilter(entry, { ...filter, only: [] }, reader.statuses);
}

function byPosition(a: Position, b: Position): number {
  return a.file === b.file ? a.row - b.row : a.file - b.file;
}

/** Reads the entries with these ids, in the order of receipt. */
export async function* itemsWithIds(
  ids: readonly string[],
  source: JournalSource,
  onSkipped: OnSkipped,
): AsyncGenerator<Item> {
  const positions = ids.flatMap((id) => source.reader.positionsOf(id).slice(0, 1));
  for (const position of positions.sort((a, b) => a.data.atMs - b.data.atMs || byPosition(a, b))) {
    const entry = source.reader.entryAt(position);
    if (entry === null) continue;
    const item = itemOfEntry(entry, source);
    if ('code' in item) onSkipped(item);
    else yield item;
  }
}

/** Builds the item of an entry, or the reason why it is not sent. Throws usage `ERR_REPLAY_BODY_CUT` for a rejected body that is not stored as received. */
export function itemOfEntry(entry: JournalEntry, source: JournalSource): Item | SkippedInput {
  return entry.type === 'receipt' ? itemOfReceipt(entry, source) : itemOfRejected(entry, source);
}

function itemOfReceipt(entry: ReceiptEntry, { reader, contextFor, verifyReceipt }: JournalSource): Item | SkippedInput {
  const { receipt, deliveries } = entry;
  const { id, atMs, contentType } = receipt;
  const body = reader.bodyOf(entry);
  const { verdict, facts, synthetic, refusal } = verifyReceipt(body, entry);
  if (refusal !== null || verdict === null || facts === null) return unverified(id, verdict?.reason ?? refusal?.code);
  if (facts.uuid !== (receipt.facts.uuid ?? null)) return unverified(id, 'its record is about another notification');
  const { variant } = receipt.facts;
  return {
    id,
    source: `journal:${id}`,
    receivedAtMs: atMs,
    facts: { ...facts, ...(variant === undefined ? {} : { variant }) },
    verdict,
    synthetic,
    contentType,
    deliveries,
    load: () => Promise.resolve({ body, document: () => documentOf(entry, body, contextFor(recordedRoot(entry))) }),
  };
}

function unverified(id: string, reason: string | null | undefined): SkippedInput {
  return {
    code: 'ERR_REPLAY_UNVERIFIED',
    source: `journal:${id}`,
    message: `it was recorded as verified, but its bytes do not verify now: ${reason ?? 'no token'}`,
    hint: `Show it: storewire journal show ${id}. If listen was given its root, pass it too: --root FILE`,
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

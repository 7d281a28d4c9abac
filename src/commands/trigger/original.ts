import type { Deps } from '../../cli/deps.js';
import { interrupted, ToolError } from '../../errors.js';
import type { Claim } from '../../input/claim.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import { isEntryId, readDocument } from '../../journal/query.js';
import { buildDecodedDocument } from '../../notification/build-document.js';
import type { PayloadDocument } from '../../notification/document.js';
import { buildVerdictDocument } from '../../notification/internal-error.js';
import { createVerificationContext, type VerificationContext } from '../../notification/verification-context.js';
import {
  createContextsByRoot,
  findJournalFolder,
  noJournalError,
  openReader,
  withProjectRoot,
} from '../../session/journal.js';
import { readTrustedRoots } from '../../session/trust.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp } from '../../settings/resolve-app.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';
import { openBase } from '../../simulator/payloads/open-base.js';

/** A notification that others are made like. */
export interface Original {
  readonly source: string;
  readonly built: BuiltNotification;
  /** Null where it came without its token, so that nothing can be verified. */
  readonly verification: PayloadDocument['verification'] | null;
}

export type OriginalDeps = ReadDeps & Pick<Deps, 'userId' | 'now' | 'stderr'>;

/**
 * Reads the notifications of `--like`: the journal entry of an id, its first characters or `last`; a file; `-` for stdin. They need not
 * verify. Throws (usage) `ERR_TRIGGER_LIKE` where there is none, and the errors of the journal and of {@link readInput}.
 */
export async function readOriginals(
  input: string,
  open: OpenSettings,
  deps: OriginalDeps,
): Promise<readonly [Original, ...Original[]]> {
  const documents = isEntryId(input.toLowerCase())
    ? [await readEntry(input.toLowerCase(), open, deps)]
    : await readDocuments(input, open, deps);
  const [first, ...others] = documents.map(toOriginal);
  if (first === undefined)
    throw likeError(
      `${nameOf(input)} holds no notification`,
      'Pass the signedPayload, its JSON body, or the id of a journal entry: last',
    );
  return [first, ...others];
}

async function readEntry(id: string, open: OpenSettings, deps: OriginalDeps): Promise<PayloadDocument> {
  const folder = findJournalFolder(open, deps);
  if (folder === null) throw noJournalError();
  const reader = await openReader(folder, {}, deps);
  try {
    if (reader.isEmpty) throw noJournalError(reader);
    const entry = await reader.find(id);
    const roots = await readTrustedRoots(resolveApp(open).roots?.value ?? [], deps);
    return readDocument(entry, reader, createContextsByRoot(folder, roots));
  } finally {
    await reader.close();
  }
}

async function readDocuments(
  input: string,
  open: OpenSettings,
  deps: OriginalDeps,
): Promise<readonly PayloadDocument[]> {
  const roots = await readTrustedRoots(resolveApp(open).roots?.value ?? [], deps);
  const claims: Claim[] = [];
  for await (const batch of readInput([input], deps)) {
    for (const unit of batch.units) claims.push(...parseClaims(batch, unit));
  }
  if (deps.signal.aborted) throw interrupted();
  const context = createVerificationContext(withProjectRoot(roots, open, deps));
  return claims.map((claim) => toDocument(claim, context, deps.now()));
}

function toDocument(claim: Claim, context: VerificationContext, nowMs: number): PayloadDocument {
  switch (claim.type) {
    case 'token':
      return buildVerdictDocument(claim.text, claim, { nowMs }, context);
    case 'document':
      return { ...claim.document, source: claim.source };
    case 'decoded':
      return buildDecodedDocument(claim, claim.kind, claim.payload);
    case 'v1':
      throw likeError(
        `${claim.source} is a version 1 notification, which has no signature`,
        'Start from a version 2 notification.',
      );
    case 'oversize':
      throw likeError(`${claim.source} is too long for a notification`, 'Genuine ones have 19 KB.');
  }
}

function toOriginal({ kind, source, notification, tokens, verification }: PayloadDocument): Original {
  if (kind !== 'notification' || notification === undefined) throw likeError(defectOf(source, kind), hintOf(kind));
  return { source, built: openBase(notification), verification: tokens.length === 0 ? null : (verification ?? null) };
}

const KIND_NAMES: Readonly<Record<Exclude<PayloadDocument['kind'], 'notification'>, string>> = {
  transaction: 'a transaction',
  renewalInfo: 'a renewal info',
  appTransaction: 'an app transaction',
  realtimeRequest: 'a retention message request',
  notificationV1: 'a version 1 notification',
  unknown: 'no payload that can be read',
};

function defectOf(source: string, kind: PayloadDocument['kind']): string {
  return `${source} is ${kind === 'notification' ? 'unreadable' : KIND_NAMES[kind]}, not a notification`;
}

function hintOf(kind: PayloadDocument['kind']): string {
  return kind === 'transaction'
    ? 'To tie a notification to its purchase: storewire trigger DID_RENEW --original-transaction-id ID'
    : 'Pass the signedPayload of a notification, its JSON body, or the id of a journal entry: last';
}

function nameOf(input: string): string {
  return input === '-' ? 'standard input' : input;
}

/** Error `ERR_TRIGGER_LIKE` (usage). */
export function likeError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_LIKE', message, { hint });
}

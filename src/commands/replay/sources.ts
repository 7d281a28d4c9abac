import { createHash } from 'node:crypto';
import type { Deps } from '../../cli/deps.js';
import type { FilterTally } from '../../cli/filter-report.js';
import type { Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import { type Claim, MAX_TOKEN_BYTES, type TokenClaim } from '../../input/claim.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import { findInputs } from '../../input/sources.js';
import type { EntryFilter } from '../../journal/query.js';
import type { VerifiedBody } from '../../listener/verification/result.js';
import type { DocumentContext, PayloadDocument } from '../../notification/document.js';
import { matchesEvents } from '../../notification/event-filter.js';
import { filterDocument, type PayloadFilter } from '../../notification/payload-filter.js';
import { NOTHING_UNREADABLE } from '../../pipeline/job.js';
import type { SentNotification } from '../../server-api/responses.js';
import { openSentHistory, type SentHistoryFlags } from '../../session/sent-history.js';
import type { ServerDeps } from '../../session/server.js';
import type { Item } from './item.js';
import type { ReplaySelection } from './selection.js';
import type { SkippedInput, SkippedInputs } from './skipped.js';

interface InputContext {
  readonly verify: VerifyBody;
  readonly filter: EntryFilter;
  readonly filtered: FilterTally;
  readonly skipped: SkippedInputs;
  readonly notes: Reporter;
  /** Milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

type InputSelection = Extract<ReplaySelection, { kind: 'inputs' | 'history' }>;

/**
 * Checks before anything is sent that every input exists. Throws usage `ERR_INPUT_NOT_FOUND` for an argument that is neither a file nor an
 * id, and the other errors of {@link findInputs}.
 */
export function checkInputs(inputs: readonly string[], deps: ReadDeps): void {
  for (const input of inputs) {
    try {
      findInputs([input], deps);
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'ERR_INPUT_NOT_FOUND') throw error;
      const shown = input.length > MAX_SHOWN ? `${input.slice(0, MAX_SHOWN)}…` : input;
      throw new ToolError('usage', error.code, `${shown} is neither the id of a notification nor a file`, {
        hint: 'List the ids: storewire journal list. The newest notification is: last',
        cause: error,
      });
    }
  }
}

/** Quotes only part of an argument, because it may be a damaged payload. */
const MAX_SHOWN = 40;

/** Opens inputs or the history as a stream of items, which are read on demand. The client of Apple's API is set up at once. */
export async function openInputs(
  selection: InputSelection,
  flags: SentHistoryFlags,
  context: InputContext,
  deps: ServerDeps & ReadDeps & Pick<Deps, 'stdin'>,
): Promise<AsyncIterable<Item>> {
  if (selection.kind === 'inputs') {
    return filterItems(
      readItems(selection.inputs, context.verify, context.skipped.add, deps),
      context.filter,
      context.filtered,
    );
  }
  const history = await openSentHistory(flags, context.notes, deps);
  // Apple filters by date.
  return filterItems(
    itemsOfPages(history.pages(context.deadlineMs), context),
    { ...context.filter, sinceMs: null },
    context.filtered,
  );
}

async function* itemsOfPages(
  pages: AsyncIterable<readonly SentNotification[]>,
  { verify, skipped }: InputContext,
): AsyncGenerator<Item> {
  for await (const page of pages) {
    for (const { signedPayload, sendAttempts } of page) {
      const origin = { source: 'history', repaired: [], context: { sendAttempts } };
      const item = itemOfToken(signedPayload ?? '', origin, verify);
      if ('code' in item) skipped.add(item);
      else yield item;
    }
  }
}

async function* filterItems(
  items: AsyncIterable<Item>,
  { sinceMs, events, ids }: EntryFilter,
  filtered: FilterTally,
): AsyncGenerator<Item> {
  for await (const item of items) {
    const atMs = item.receivedAtMs ?? item.facts.signedAtMs ?? 0;
    if (sinceMs !== null && atMs < sinceMs) continue;
    if (events !== null && !matchesEvents(item.facts.type, events)) continue;
    if (ids === undefined || (await matchesItem(item, ids, filtered))) yield item;
  }
}

/** Facts hold ids of verified notifications only, so that the document is compared. */
async function matchesItem(item: Item, ids: PayloadFilter, filtered: FilterTally): Promise<boolean> {
  const result = filterDocument((await item.load()).document(), ids);
  filtered.add(result);
  return result === 'match';
}

/** Verifies a body as `listen` does, with its document. */
export type VerifyBody = (body: Uint8Array) => VerifiedBody;

type TokenOrigin = Pick<TokenClaim, 'source' | 'repaired' | 'context'>;

/** Reads the notifications of files, stdin and arguments, in order. Throws the errors of {@link readInput}, and `ERR_INPUT_NO_PAYLOAD`. */
async function* readItems(
  inputs: readonly string[],
  verify: VerifyBody,
  onSkipped: (skipped: SkippedInput) => void,
  deps: ReadDeps,
): AsyncGenerator<Item> {
  let claims = 0;
  for await (const batch of readInput(inputs, deps)) {
    for (const unit of batch.units) {
      for (const claim of parseClaims(batch, unit)) {
        claims += 1;
        const item = itemOfClaim(claim, verify);
        if ('code' in item) onSkipped(item);
        else yield item;
      }
    }
  }
  if (claims === 0 && !deps.signal.aborted)
    throw (await import('../../pipeline/no-payload.js')).noPayload(inputs, NOTHING_UNREADABLE, deps);
}

function itemOfClaim(claim: Claim, verify: VerifyBody): Item | SkippedInput {
  return claim.type === 'token' ? itemOfToken(claim.text, claim, verify) : skipClaim(claim);
}

/** Builds the item of a token, or the reason why it cannot be sent. */
function itemOfToken(jws: string, origin: TokenOrigin, verify: VerifyBody): Item | SkippedInput {
  const body = Buffer.from(JSON.stringify({ signedPayload: jws }));
  const result = verify(body);
  const { facts, verdict, document, synthetic } = result;
  if (facts === null || verdict === null || document === null) return skipToken(origin.source, result);
  if (facts.kind !== 'notification') return skipToken(origin.source, result);
  const shown = documentFrom(document, origin);
  return {
    id: idOf(jws, origin.context),
    source: origin.source,
    receivedAtMs: origin.context?.received?.atMs ?? null,
    facts,
    verdict,
    synthetic,
    contentType: 'application/json',
    deliveries: [],
    load: () => Promise.resolve({ body, document: () => shown }),
  };
}

function documentFrom(document: PayloadDocument, { source, repaired, context }: TokenOrigin): PayloadDocument {
  return { ...document, source, ...(repaired.length === 0 ? {} : { repaired }), ...context };
}

const ID = /^[0-9a-f]{16}$/;

/** Id of a document from a journal; for other inputs an id derived from the content, so that a run can be resumed. */
function idOf(jws: string, context: DocumentContext | undefined): string {
  const id = context?.received?.id ?? '';
  return ID.test(id) ? id : createHash('sha256').update(jws).digest('hex').slice(0, 16);
}

const ORIGINAL = 'Pass the original payload, or documents with their JWS: storewire journal export';

/** Skips a claim without a token, or with an oversized one. */
function skipClaim(claim: Exclude<Claim, { type: 'token' }>): SkippedInput {
  const { source } = claim;
  if (claim.type === 'oversize') {
    const message = `the token has ${claim.bytes} bytes; the limit is ${MAX_TOKEN_BYTES}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: ORIGINAL };
  }
  const message =
    claim.type === 'v1'
      ? 'a version 1 notification has no JWS; only version 2 can be sent'
      : 'the document has no JWS, so there is nothing to send';
  return { code: 'ERR_INPUT_NO_JWS', source, message, hint: ORIGINAL };
}

/** Skips a token that cannot be parsed, or is no notification, since no endpoint accepts it. */
function skipToken(source: string, { facts, refusal, verdict }: VerifiedBody): SkippedInput {
  if (facts === null) {
    const code = verdict?.reason ?? refusal?.code ?? 'MALFORMED_JWS';
    const message = `${code}: ${refusal?.message ?? 'the token cannot be read'}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: 'Inspect it: storewire decode' };
  }
  const message = `wrong payload type: ${facts.kind}, but only notifications can be sent`;
  return { code: 'ERR_INPUT_KIND', source, message, hint: 'Inspect it: storewire decode' };
}

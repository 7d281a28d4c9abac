import { createHash } from 'node:crypto';
import type { Deps } from '../../cli/deps.js';
import type { Reporter } from '../../cli/reporter.js';
import { ToolError } from '../../errors.js';
import { type Claim, MAX_TOKEN_BYTES, type TokenClaim } from '../../input/claim.js';
import { parseClaims } from '../../input/claims/parse-claims.js';
import { type ReadDeps, readInput } from '../../input/read.js';
import type { EntryFilter } from '../../journal/query.js';
import type { VerifiedBody } from '../../listener/verification/result.js';
import type { DocumentContext, PayloadDocument } from '../../notification/document.js';
import { matchesEvents } from '../../notification/event-filter.js';
import type { SentNotification } from '../../server-api/responses.js';
import { openSentHistory, type SentHistoryFlags } from '../../session/sent-history.js';
import type { ServerDeps } from '../../session/server.js';
import type { Item } from './item.js';
import type { ReplaySelection } from './selection.js';

interface InputContext {
  readonly judge: VerifyBody;
  readonly filter: EntryFilter;
  readonly skipped: SkippedInputs;
  readonly notes: Reporter;
  /** Milliseconds since the epoch; Infinity for none. */
  readonly deadlineMs: number;
}

type Elsewhere = Extract<ReplaySelection, { kind: 'inputs' | 'history' }>;

/** What does not come from the journal, as it is read. What is not asked for yet is not read yet, but Apple's side is set up. */
export async function openInputs(
  wish: Elsewhere,
  flags: SentHistoryFlags,
  context: InputContext,
  deps: ServerDeps & ReadDeps & Pick<Deps, 'stdin'>,
): Promise<AsyncIterable<Item>> {
  if (wish.kind === 'inputs') {
    return filterItems(readItems(wish.inputs, context.judge, context.skipped.add, deps), context.filter);
  }
  const history = await openSentHistory(flags, context.notes, deps);
  // Apple has filtered by date.
  return filterItems(itemsOfPages(history.pages(context.deadlineMs), context), { ...context.filter, sinceMs: null });
}

async function* itemsOfPages(
  pages: AsyncIterable<readonly SentNotification[]>,
  { judge, skipped }: InputContext,
): AsyncGenerator<Item> {
  for await (const page of pages) {
    for (const { signedPayload, sendAttempts } of page) {
      const origin = { source: 'history', repaired: [], context: { sendAttempts } };
      const item = itemOfToken(signedPayload ?? '', origin, judge);
      if ('code' in item) skipped.add(item);
      else yield item;
    }
  }
}

async function* filterItems(items: AsyncIterable<Item>, { sinceMs, events }: EntryFilter): AsyncGenerator<Item> {
  for await (const item of items) {
    const atMs = item.receivedAtMs ?? item.facts.signedAtMs ?? 0;
    if (sinceMs !== null && atMs < sinceMs) continue;
    if (events === null || matchesEvents(item.facts.type, events)) yield item;
  }
}

/** Judges a body as `listen` would have, with its document. */
export type VerifyBody = (body: Uint8Array) => VerifiedBody;

type TokenOrigin = Pick<TokenClaim, 'source' | 'repaired' | 'context'>;

/** The notifications of files, standard input and arguments, in order. Throws what {@link readInput} does. */
async function* readItems(
  inputs: readonly string[],
  judge: VerifyBody,
  onSkipped: (skipped: SkippedInput) => void,
  deps: ReadDeps,
): AsyncGenerator<Item> {
  for await (const batch of readInput(inputs, deps)) {
    for (const unit of batch.units) {
      for (const claim of parseClaims(batch, unit)) {
        const item = itemOfClaim(claim, judge);
        if ('code' in item) onSkipped(item);
        else yield item;
      }
    }
  }
}

function itemOfClaim(claim: Claim, judge: VerifyBody): Item | SkippedInput {
  return claim.type === 'token' ? itemOfToken(claim.text, claim, judge) : skipClaim(claim);
}

/** A token as what `replay` sends of it, or why it is not sent. */
function itemOfToken(jws: string, origin: TokenOrigin, judge: VerifyBody): Item | SkippedInput {
  const body = Buffer.from(JSON.stringify({ signedPayload: jws }));
  const judged = judge(body);
  const { facts, verdict, document, synthetic } = judged;
  if (facts === null || verdict === null || document === null) return skipToken(origin.source, judged);
  if (facts.kind !== 'notification') return skipToken(origin.source, judged);
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

/** A journal's own document keeps its id; for the rest, what it holds decides, so that a run can be resumed. */
function idOf(jws: string, context: DocumentContext | undefined): string {
  const id = context?.received?.id ?? '';
  return ID.test(id) ? id : createHash('sha256').update(jws).digest('hex').slice(0, 16);
}

/** Input that cannot be sent, and why. `message` may quote the payload. */
interface SkippedInput {
  readonly code: 'ERR_INPUT_NO_JWS' | 'ERR_INPUT_MALFORMED' | 'ERR_INPUT_KIND';
  readonly source: string;
  readonly message: string;
  readonly hint: string;
}

const ORIGINAL = 'Give the original payload, or documents with their JWS, as storewire journal export writes them.';

/** What never had a token, or is too large for one. */
function skipClaim(claim: Exclude<Claim, { type: 'token' }>): SkippedInput {
  const { source } = claim;
  if (claim.type === 'oversize') {
    const message = `a token of ${claim.bytes} bytes; the limit is ${MAX_TOKEN_BYTES}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: ORIGINAL };
  }
  const message =
    claim.type === 'v1'
      ? 'a version 1 body has no JWS, and version 2 is all that is sent'
      : 'the document has no JWS, so there is nothing to send';
  return { code: 'ERR_INPUT_NO_JWS', source, message, hint: ORIGINAL };
}

/** A token that cannot be opened, or is no notification: no endpoint could take it for one. */
function skipToken(source: string, { facts, refusal, verdict }: VerifiedBody): SkippedInput {
  if (facts === null) {
    const code = verdict?.reason ?? refusal?.code ?? 'MALFORMED_JWS';
    const message = `${code}: ${refusal?.message ?? 'it cannot be read'}`;
    return { code: 'ERR_INPUT_MALFORMED', source, message, hint: 'See what it is: storewire decode' };
  }
  const message = `its kind is ${facts.kind}: only notifications are sent`;
  return { code: 'ERR_INPUT_KIND', source, message, hint: 'See what it is: storewire decode' };
}

/** Counts what could not be sent and keeps the first of it. */
export interface SkippedInputs {
  add(skipped: SkippedInput): void;
  /** The error that tells of it, once the rest was sent; null where all could be sent. */
  error(): ToolError | null;
}

export function createSkippedInputs(): SkippedInputs {
  let count = 0;
  let first: SkippedInput | null = null;
  return {
    add(skipped) {
      count += 1;
      first ??= skipped;
    },
    error() {
      if (first === null) return null;
      const { code, source, message, hint } = first;
      const several = count === 1 ? '' : `${count} payloads could not be sent; the first: `;
      return new ToolError('usage', code, `${several}${source}: ${message}`, { hint });
    },
  };
}

import { createHash } from 'node:crypto';
import type { Judged } from '../../listener/judge/judged.js';
import type { DocumentContext, PayloadDocument } from '../../notification/document.js';
import type { Claim, TokenClaim } from '../input/claim.js';
import { parseClaims } from '../input/claims.js';
import { type ReadDeps, readInput } from '../input/read.js';
import type { Item } from './item.js';
import { type Unfit, unfitClaim, unfitToken } from './unfit.js';

/** Judges a body as `listen` would have, with its document. */
export type JudgeBody = (body: Uint8Array) => Judged;

export type TokenOrigin = Pick<TokenClaim, 'source' | 'repaired' | 'context'>;

/** The notifications of files, standard input and arguments, in order. Throws what {@link readInput} does. */
export async function* readItems(
  inputs: readonly string[],
  judge: JudgeBody,
  onUnfit: (unfit: Unfit) => void,
  deps: ReadDeps,
): AsyncGenerator<Item> {
  for await (const batch of readInput(inputs, deps)) {
    for (const unit of batch.units) {
      for (const claim of parseClaims(batch, unit)) {
        const item = itemOfClaim(claim, judge);
        if ('code' in item) onUnfit(item);
        else yield item;
      }
    }
  }
}

function itemOfClaim(claim: Claim, judge: JudgeBody): Item | Unfit {
  return claim.type === 'token' ? itemOfToken(claim.text, claim, judge) : unfitClaim(claim);
}

/** A token as what `replay` sends of it, or why it is not sent. */
export function itemOfToken(jws: string, origin: TokenOrigin, judge: JudgeBody): Item | Unfit {
  const body = Buffer.from(JSON.stringify({ signedPayload: jws }));
  const judged = judge(body);
  const { facts, verdict, document, synthetic } = judged;
  if (facts === null || verdict === null || document === null) return unfitToken(origin.source, judged);
  if (facts.kind !== 'notification') return unfitToken(origin.source, judged);
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

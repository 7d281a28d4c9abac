import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '../../jws/json.js';
import type { Kind } from '../../notification/document.js';
import { createEngine } from '../../notification/engine.js';
import { bundleIdOf } from '../../notification/kind.js';
import type { OpenedToken } from '../../notification/open.js';
import { verifyPayload } from '../../notification/verify.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { NamedIds } from './forgery.js';
import { idsOf } from './workshop.js';

/** A token that the App Store signed, given by the user. */
export interface GenuineToken {
  /** Where it stood: a file, and in it `data.signedTransactionInfo` for one that was nested. */
  readonly source: string;
  readonly text: string;
  readonly kind: Kind;
  readonly payload: JsonObject;
  readonly bundleId: string | null;
  readonly ids: NamedIds;
  readonly signedMs: number;
  /** Its certificates, public as they are: whoever holds one token of the App Store holds them. */
  readonly x5c: readonly string[];
  readonly leaf: X509Certificate;
}

/**
 * The tokens in a payload, the outer one first; the reason it is not genuine, in words, where a check fails. `roots` says who may have
 * signed it: Apple.
 */
export function openGenuine(
  text: string,
  source: string,
  roots: readonly TrustedRoot[],
  nowMs: number,
): readonly GenuineToken[] | string {
  const engine = createEngine(roots);
  const opened = engine.open(text);
  const { verification, tokens } = verifyPayload(opened, { nowMs }, engine);
  if (verification.verdict !== 'valid') return verification.reason ?? verification.verdict;
  return tokens.map(({ token, moment }) => tokenOf(token, source, moment.atMs, opened[0]));
}

function tokenOf(token: OpenedToken, source: string, signedMs: number, outer: OpenedToken): GenuineToken {
  const { text, kind, header, path } = token;
  const payload = token.payload ?? {};
  const x5c = header?.x5c as readonly string[];
  return {
    source: token === outer ? source : `${source}, ${path}`,
    text,
    kind,
    payload,
    bundleId: bundleIdOf(payload, kind),
    ids: idsOf(kind === 'notification' ? payload : undefined, kind === 'transaction' ? payload : undefined),
    signedMs,
    x5c,
    leaf: new X509Certificate(Buffer.from(x5c[0] ?? '', 'base64')),
  };
}

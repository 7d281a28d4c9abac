import { X509Certificate } from 'node:crypto';
import { ES256_SIGNATURE_BYTES, signJws } from '../../jws/es256.js';
import { type JsonObject, stringifyJson } from '../../jws/json.js';
import type { Kind } from '../../notification/document.js';
import { bundleIdOf } from '../../notification/kind.js';
import type { OpenedToken } from '../../notification/open.js';
import { createVerificationContext } from '../../notification/verification-context.js';
import { verifyPayload } from '../../notification/verify.js';
import { signPayload } from '../../simulator/authority/sign-payload.js';
import { setField } from '../../simulator/payloads/edits.js';
import type { TrustedRoot } from '../../trust/roots.js';
import {
  type AuditForgery,
  type Draft,
  type ForgeryFacts,
  type ForgeryKit,
  fillDraft,
  idsOf,
  type NamedIds,
  postOf,
} from '../forgery.js';
import { hmacToken, pemOf, signingInput, unrelatedKey, withSignature } from '../signers.js';
import {
  ALGORITHM_CHECK,
  ALGORITHM_FIX,
  APP_CHECK,
  FORGE_ANYTHING,
  KIND_CHECK,
  SIGNATURE_CHECK,
  SIGNATURE_FIX,
} from './texts.js';

/** Genuine tokens of one kind sent unchanged, at most. */
const MOST_UNCHANGED = 5;

/** A forgery that the given tokens do not allow, and the reason. */
export interface NotMade {
  readonly id: string;
  readonly why: string;
}

interface GenuineForgeries {
  readonly forgeries: readonly AuditForgery[];
  readonly notMade: readonly NotMade[];
}

/**
 * Plans forgeries from tokens that the App Store signed. Notifications of another app are sent unchanged, and so are transactions, instead
 * of a notification. A notification of the audited app is only used with changes, as it is genuine otherwise. `bundleId` is null if no app
 * is configured.
 */
export function planGenuine(tokens: readonly GenuineToken[], bundleId: string | null): GenuineForgeries {
  const notMade: NotMade[] = [];
  if (tokens.length === 0) return { forgeries: [], notMade };
  const notifications = tokens.filter(({ kind }) => kind === 'notification');
  const transactions = tokens.filter(({ kind }) => kind === 'transaction');
  const foreign = notifications.filter((token) => bundleId !== null && token.bundleId !== bundleId);
  if (bundleId === null) notMade.push({ id: 'genuine.other-app', why: 'needs --bundle-id' });
  else if (foreign.length === 0) notMade.push({ id: 'genuine.other-app', why: 'needs a notification of another app' });
  if (transactions.length === 0) notMade.push({ id: 'genuine.transaction', why: 'needs a transaction' });
  if (notifications.length === 0) notMade.push({ id: 'genuine.tampered-payload', why: 'needs a notification' });
  const [any] = tokens;
  return {
    notMade,
    forgeries: [
      ...numbered(foreign, otherApp),
      ...numbered(transactions, asNotification),
      ...transactions.slice(0, 1).map(nestedInForgery),
      ...notifications.slice(0, 1).map(tampered),
      ...(any === undefined ? [] : withGenuineChain(any)),
    ],
  };
}

function numbered(
  tokens: readonly GenuineToken[],
  plan: (token: GenuineToken, suffix: string) => AuditForgery,
): readonly AuditForgery[] {
  return tokens.slice(0, MOST_UNCHANGED).map((token, index) => plan(token, index === 0 ? '' : `-${index + 1}`));
}

function otherApp(token: GenuineToken, suffix: string): AuditForgery {
  return {
    id: `genuine.other-app${suffix}`,
    severity: 'high',
    title: 'a genuine notification of another app',
    impact:
      'Any developer can get App Store notifications for their own app, with product ids and account tokens of their choice.',
    fix: 'Compare bundleId, and appAppleId in Production, with those of your app.',
    appleCheck: APP_CHECK,
    requires: 'apple',
    make: () => Promise.resolve(postOf(token.text, token.ids)),
  };
}

function asNotification(token: GenuineToken, suffix: string): AuditForgery {
  return {
    id: `genuine.transaction${suffix}`,
    severity: 'high',
    title: 'a genuine transaction instead of a notification',
    impact: 'Every user of an app has genuine transactions of it and can send them repeatedly.',
    fix: 'Accept notifications only: require notificationType and notificationUUID.',
    appleCheck: KIND_CHECK,
    requires: 'apple',
    make: () => Promise.resolve(postOf(token.text, token.ids)),
  };
}

function nestedInForgery(token: GenuineToken): AuditForgery {
  return {
    id: 'genuine.nested',
    severity: 'critical',
    title: 'a genuine transaction nested in a forged notification',
    impact:
      'Every user of an app has genuine transactions of it and can claim that they were refunded, revoked or renewed.',
    fix: `${SIGNATURE_FIX} Valid nested tokens do not authenticate the notification around them.`,
    appleCheck: 'verifyAndDecodeNotification always verifies the outer token.',
    requires: 'apple',
    make: async ({ draft, lookalike }) => {
      const made = draft();
      const payload = setField(fillDraft(made, lookalike), ['data', 'signedTransactionInfo'], token.text);
      const ids = { ...made.ids, originalTransactionId: token.ids.originalTransactionId };
      return postOf(signPayload(payload, lookalike), ids);
    },
  };
}

const SIGNATURE_FACTS: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  impact: `The chain can be copied from any App Store token. ${FORGE_ANYTHING}`,
  fix: SIGNATURE_FIX,
  appleCheck: SIGNATURE_CHECK,
  requires: 'apple',
};

function tampered(token: GenuineToken): AuditForgery {
  return {
    ...SIGNATURE_FACTS,
    id: 'genuine.tampered-payload',
    title: 'a genuine notification, modified',
    make: async ({ draft }) => {
      const { ids } = draft();
      const payload = { ...token.payload, notificationUUID: ids.notificationUUID ?? '' };
      const [header, , signature] = token.text.split('.');
      const changed = [header, Buffer.from(stringifyJson(payload)).toString('base64url'), signature].join('.');
      return postOf(changed, { ...token.ids, notificationUUID: ids.notificationUUID });
    },
  };
}

/** Forgeries with the chain of a genuine token, dated like it, so that its certificates are valid. */
function withGenuineChain(token: GenuineToken): readonly AuditForgery[] {
  const { x5c, leaf } = token;
  const under =
    (sign: (payload: ReturnType<typeof fillDraft>) => string): AuditForgery['make'] =>
    async (kit: ForgeryKit) => {
      const made: Draft = kit.draft({ nowMs: token.signedMs });
      return postOf(sign(fillDraft(made, kit.lookalike)), made.ids);
    };
  const bytes = (count: number, alg: string): AuditForgery['make'] =>
    under((payload) => withSignature(signingInput({ alg, x5c }, payload), new Uint8Array(count)));
  const unsigned = { ...SIGNATURE_FACTS, fix: ALGORITHM_FIX, appleCheck: ALGORITHM_CHECK };
  return [
    {
      ...SIGNATURE_FACTS,
      id: 'genuine.wrong-key',
      title: "Apple's chain with a signature of another key",
      make: under((payload) => signJws(payload, { key: unrelatedKey().privateKey, header: { x5c } })),
    },
    {
      ...SIGNATURE_FACTS,
      id: 'genuine.empty-signature',
      title: "Apple's chain with an empty signature",
      make: bytes(0, 'ES256'),
    },
    {
      ...SIGNATURE_FACTS,
      id: 'genuine.zero-signature',
      title: "Apple's chain with a signature of 64 zero bytes (r = s = 0)",
      make: bytes(ES256_SIGNATURE_BYTES, 'ES256'),
    },
    { ...unsigned, id: 'genuine.alg-none', title: "Apple's chain with alg none", make: bytes(0, 'none') },
    {
      ...unsigned,
      id: 'genuine.hs256-public-key',
      title: "Apple's chain with alg HS256 and the leaf's public key as the secret",
      make: under((payload) => hmacToken({ x5c }, payload, pemOf(leaf.publicKey))),
    },
  ];
}

/** A token signed by the App Store, given by the user. */
export interface GenuineToken {
  /** File, with the path of a nested token: `data.signedTransactionInfo`. */
  readonly source: string;
  readonly text: string;
  readonly kind: Kind;
  readonly payload: JsonObject;
  readonly bundleId: string | null;
  readonly ids: NamedIds;
  readonly signedMs: number;
  /** Certificates of the token; public, as every App Store token contains them. */
  readonly x5c: readonly string[];
  readonly leaf: X509Certificate;
}

/** The tokens of a payload, outer one first; or the reason code if verification against `roots` fails. */
export function openGenuine(
  text: string,
  source: string,
  roots: readonly TrustedRoot[],
  nowMs: number,
): readonly GenuineToken[] | string {
  const engine = createVerificationContext(roots);
  const opened = engine.open(text);
  const { verification, tokens } = verifyPayload(opened, { nowMs }, engine);
  if (verification.verdict !== 'valid') return verification.reason ?? verification.verdict;
  return tokens.map(({ token, time }) => tokenOf(token, source, time.atMs, opened[0]));
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

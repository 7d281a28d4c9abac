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
  type Draft,
  type Forgery,
  type ForgeryFacts,
  type ForgeryKit,
  fillDraft,
  idsOf,
  type NamedIds,
  postOf,
} from '../forgery.js';
import { hmacToken, pemOf, signingInput, strangerKey, withSignature } from '../signers.js';
import {
  ALGORITHM_CHECK,
  ALGORITHM_FIX,
  APP_CHECK,
  FORGE_ANYTHING,
  KIND_CHECK,
  SIGNATURE_CHECK,
  SIGNATURE_FIX,
} from './texts.js';

/** Of many files the first of each kind shows what there is to show. */
const MOST_AS_THEY_ARE = 5;

/** What could not be made of the tokens given, and why. */
export interface NotMade {
  readonly id: string;
  readonly why: string;
}

interface GenuineForgeries {
  readonly forgeries: readonly Forgery[];
  readonly notMade: readonly NotMade[];
}

/**
 * What an attacker makes of tokens that the App Store signed. Those of another app go out as they are, and a transaction of any app in the
 * notification's place; a notification of the audited app itself would be no forgery, and is only taken to be changed. `bundleId` is
 * null where nobody said which app it is.
 */
export function planGenuine(tokens: readonly GenuineToken[], bundleId: string | null): GenuineForgeries {
  const notMade: NotMade[] = [];
  if (tokens.length === 0) return { forgeries: [], notMade };
  const notifications = tokens.filter(({ kind }) => kind === 'notification');
  const transactions = tokens.filter(({ kind }) => kind === 'transaction');
  const foreign = notifications.filter((token) => bundleId !== null && token.bundleId !== bundleId);
  if (bundleId === null)
    notMade.push({ id: 'genuine.other-app', why: 'it is not said which app is yours: --bundle-id' });
  else if (foreign.length === 0)
    notMade.push({ id: 'genuine.other-app', why: 'no notification of another app was given' });
  if (transactions.length === 0) notMade.push({ id: 'genuine.transaction', why: 'no transaction was given' });
  if (notifications.length === 0) notMade.push({ id: 'genuine.tampered-payload', why: 'no notification was given' });
  const [any] = tokens;
  return {
    notMade,
    forgeries: [
      ...numbered(foreign, otherApp),
      ...numbered(transactions, asNotification),
      ...transactions.slice(0, 1).map(nestedInForgery),
      ...notifications.slice(0, 1).map(tampered),
      ...(any === undefined ? [] : borrowed(any)),
    ],
  };
}

function numbered(
  tokens: readonly GenuineToken[],
  plan: (token: GenuineToken, suffix: string) => Forgery,
): readonly Forgery[] {
  return tokens.slice(0, MOST_AS_THEY_ARE).map((token, index) => plan(token, index === 0 ? '' : `-${index + 1}`));
}

function otherApp(token: GenuineToken, suffix: string): Forgery {
  return {
    id: `genuine.other-app${suffix}`,
    severity: 'high',
    title: 'a genuine notification of another app',
    gain: 'Any developer has the App Store sign notifications of an app of their own, with product ids and account tokens of their choice.',
    fix: 'Compare bundleId, and appAppleId in Production, with those of your app.',
    appleCheck: APP_CHECK,
    rests: 'apple',
    make: () => Promise.resolve(postOf(token.text, token.ids)),
  };
}

function asNotification(token: GenuineToken, suffix: string): Forgery {
  return {
    id: `genuine.transaction${suffix}`,
    severity: 'high',
    title: "a genuine transaction in the notification's place",
    gain: 'Anyone who uses an app holds genuine transactions of it, and can send each as often as they like.',
    fix: 'Take notifications only: a payload without notificationType and notificationUUID is none.',
    appleCheck: KIND_CHECK,
    rests: 'apple',
    make: () => Promise.resolve(postOf(token.text, token.ids)),
  };
}

function nestedInForgery(token: GenuineToken): Forgery {
  return {
    id: 'genuine.nested',
    severity: 'critical',
    title: 'a genuine transaction nested in a notification that anyone wrote',
    gain: 'Anyone who uses an app holds genuine transactions of it, and can say of them that they were refunded, revoked or renewed.',
    fix: `${SIGNATURE_FIX} Nested tokens prove themselves, not what the notification says about them.`,
    appleCheck: 'verifyAndDecodeNotification verifies the outer token for itself, whatever is nested in it.',
    rests: 'apple',
    make: async ({ draft, impostor }) => {
      const made = draft();
      const payload = setField(fillDraft(made, impostor), ['data', 'signedTransactionInfo'], token.text);
      const ids = { ...made.ids, originalTransactionId: token.ids.originalTransactionId };
      return postOf(signPayload(payload, impostor), ids);
    },
  };
}

const CHEATED: Omit<ForgeryFacts, 'id' | 'title'> = {
  severity: 'critical',
  gain: `The chain can be copied from any token of the App Store. ${FORGE_ANYTHING}`,
  fix: SIGNATURE_FIX,
  appleCheck: SIGNATURE_CHECK,
  rests: 'apple',
};

function tampered(token: GenuineToken): Forgery {
  return {
    ...CHEATED,
    id: 'genuine.tampered-payload',
    title: 'a genuine notification that was changed',
    make: async ({ draft }) => {
      const { ids } = draft();
      const payload = { ...token.payload, notificationUUID: ids.notificationUUID ?? '' };
      const [header, , signature] = token.text.split('.');
      const changed = [header, Buffer.from(stringifyJson(payload)).toString('base64url'), signature].join('.');
      return postOf(changed, { ...token.ids, notificationUUID: ids.notificationUUID });
    },
  };
}

/** Everything of ours under the chain of a genuine token, dated as that, so that its certificates were good. */
function borrowed(token: GenuineToken): readonly Forgery[] {
  const { x5c, leaf } = token;
  const under =
    (sign: (payload: ReturnType<typeof fillDraft>) => string): Forgery['make'] =>
    async (workshop: ForgeryKit) => {
      const made: Draft = workshop.draft({ nowMs: token.signedMs });
      return postOf(sign(fillDraft(made, workshop.impostor)), made.ids);
    };
  const bytes = (count: number, alg: string): Forgery['make'] =>
    under((payload) => withSignature(signingInput({ alg, x5c }, payload), new Uint8Array(count)));
  const unsigned = { ...CHEATED, fix: ALGORITHM_FIX, appleCheck: ALGORITHM_CHECK };
  return [
    {
      ...CHEATED,
      id: 'genuine.wrong-key',
      title: "Apple's own chain, and a signature of another key",
      make: under((payload) => signJws(payload, { key: strangerKey().privateKey, header: { x5c } })),
    },
    {
      ...CHEATED,
      id: 'genuine.empty-signature',
      title: "Apple's own chain, and a signature of no bytes",
      make: bytes(0, 'ES256'),
    },
    {
      ...CHEATED,
      id: 'genuine.zero-signature',
      title: "Apple's own chain, and a signature of 64 zeros (r = s = 0)",
      make: bytes(ES256_SIGNATURE_BYTES, 'ES256'),
    },
    { ...unsigned, id: 'genuine.alg-none', title: "Apple's own chain, and alg none", make: bytes(0, 'none') },
    {
      ...unsigned,
      id: 'genuine.hs256-public-key',
      title: "Apple's own chain, and alg HS256 with its leaf's public key as the secret",
      make: under((payload) => hmacToken({ x5c }, payload, pemOf(leaf.publicKey))),
    },
  ];
}

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
  const engine = createVerificationContext(roots);
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

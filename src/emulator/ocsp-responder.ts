import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Issuer, SigningChain } from '../simulator/authority/chain.js';
import {
  buildOcspFailure,
  buildOcspResponse,
  type CertificateStatement,
  parseOcspRequest,
} from '../simulator/authority/ocsp-response.js';
import { issueOcspSigner } from '../simulator/authority/ocsp-signer.js';
import { type Certificate, parseCertificate } from '../trust/certificate.js';
import { type CertificateId, identify, names } from '../trust/ocsp/messages.js';
import { type Answer, type Incoming, textAnswer } from './http.js';

export type CertificateRole = 'leaf' | 'intermediate';

export type OcspState = 'good' | 'revoked' | 'unknown';

interface OcspOptions {
  readonly chain: () => SigningChain;
  /** The root's private key. */
  readonly rootKey: KeyObject;
  readonly now: () => number;
  readonly stateOf: (role: CertificateRole) => OcspState;
}

/** Where the two certificates of a chain say that their responder is. */
export const OCSP_PATHS: Readonly<Record<CertificateRole, string>> = {
  leaf: '/ocsp/leaf',
  intermediate: '/ocsp/intermediate',
};

const HOUR_MS = 3_600_000;

const DER = { 'content-type': 'application/ocsp-response' };

/**
 * Answers for the chain of this run, on the real clock: the root for the intermediate, the intermediate for the leaf. Both forms
 * of RFC 6960 appendix A are taken, a POST and a GET with the request in the path.
 */
export function createOcspResponder(options: OcspOptions): (incoming: Incoming) => Promise<Answer> {
  const pairs = new Map<CertificateRole, Promise<Pair>>();
  const pairOf = (role: CertificateRole): Promise<Pair> => {
    const pair = pairs.get(role) ?? makePair(role, options);
    pairs.set(role, pair);
    return pair;
  };
  return async (incoming) => {
    const asked = readRequest(incoming);
    if (asked === null) return textAnswer(404, 'Not Found\n');
    const ids = await parseOcspRequest(asked.bytes).catch(() => []);
    const [id] = ids;
    if (id === undefined) return derAnswer(await buildOcspFailure('malformedRequest'), 'the request is not OCSP');
    return answerFor(asked.role, id, await pairOf(asked.role), options);
  };
}

function readRequest({ method, url, body }: Incoming): { role: CertificateRole; bytes: Uint8Array } | null {
  const [, role, rest = ''] = /^\/ocsp\/(leaf|intermediate)(?:\/(.*))?$/.exec(url.pathname) ?? [];
  if (role === undefined) return null;
  const bytes = method === 'POST' ? body : Buffer.from(decodeSafely(rest), 'base64');
  return method === 'POST' || method === 'GET' ? { role: role as CertificateRole, bytes } : null;
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

async function answerFor(
  role: CertificateRole,
  id: CertificateId,
  { certificate, issuer, signer }: Pair,
  options: OcspOptions,
): Promise<Answer> {
  const own = identify(issuer, issuer, id.hashOid);
  if (own === null || Buffer.compare(own.issuerKeyHash, id.issuerKeyHash) !== 0) {
    return derAnswer(await buildOcspFailure('unauthorized'), 'it asks about a certificate of another issuer');
  }
  const nowMs = options.now();
  const known = names(id, certificate, issuer);
  const state = known ? toState(options.stateOf(role), nowMs) : 'unknown';
  const statements = [{ id, state, thisUpdateMs: nowMs - HOUR_MS, nextUpdateMs: nowMs + HOUR_MS }];
  const response = await buildOcspResponse({
    statements,
    producedAtMs: nowMs,
    signer,
    certificates: [signer.certificate],
  });
  return derAnswer(response, known ? undefined : 'it asks about a certificate that is not of this run');
}

function toState(state: OcspState, nowMs: number): CertificateStatement['state'] {
  return state === 'revoked' ? { revokedAtMs: nowMs - HOUR_MS, reason: KEY_COMPROMISE } : state;
}

const KEY_COMPROMISE = 1;

interface Pair {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly signer: { readonly certificate: Certificate; readonly key: KeyObject };
}

async function makePair(role: CertificateRole, { chain, rootKey }: OcspOptions): Promise<Pair> {
  const { leaf, intermediate, root, intermediateKey } = chain();
  const ofLeaf = { certificate: intermediate, key: intermediateKey };
  const [certificate, issuer]: readonly [X509Certificate, Issuer] =
    role === 'leaf' ? [leaf, ofLeaf] : [intermediate, { certificate: root, key: rootKey }];
  const signer = await issueOcspSigner(issuer);
  return {
    certificate: read(certificate),
    issuer: read(issuer.certificate),
    signer: { certificate: read(signer.certificate), key: signer.key },
  };
}

function read(certificate: X509Certificate): Certificate {
  return parseCertificate(certificate.raw);
}

function derAnswer(body: Uint8Array, cause?: string): Answer {
  return { status: 200, headers: DER, body, ...(cause === undefined ? {} : { cause }) };
}

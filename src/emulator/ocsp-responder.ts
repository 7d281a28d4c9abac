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
import { type CertificateId, identify, matchesCertificate } from '../trust/ocsp/messages.js';
import { type EmulatorRequest, type EmulatorResponse, textResponse } from './http.js';

export type CertificateRole = 'leaf' | 'intermediate';

export type OcspState = 'good' | 'revoked' | 'unknown';

interface OcspOptions {
  readonly chain: () => SigningChain;
  /** Private key of the root. */
  readonly rootKey: KeyObject;
  readonly now: () => number;
  readonly stateOf: (role: CertificateRole) => OcspState;
}

/** Paths of the responder URLs in the two certificates. */
export const OCSP_PATHS: Readonly<Record<CertificateRole, string>> = {
  leaf: '/ocsp/leaf',
  intermediate: '/ocsp/intermediate',
};

const HOUR_MS = 3_600_000;

const DER = { 'content-type': 'application/ocsp-response' };

/**
 * Creates the OCSP responder for the emulator's chain: the root answers for the intermediate, the intermediate for the
 * leaf. Uses the real clock. Accepts POST and GET with the request in the path (RFC 6960 appendix A).
 */
export function createOcspResponder(options: OcspOptions): (request: EmulatorRequest) => Promise<EmulatorResponse> {
  const pairs = new Map<CertificateRole, Promise<Pair>>();
  const pairOf = (role: CertificateRole): Promise<Pair> => {
    const pair = pairs.get(role) ?? makePair(role, options);
    pairs.set(role, pair);
    return pair;
  };
  return async (request) => {
    const ocspRequest = parseHttpRequest(request);
    if (ocspRequest === null) return textResponse(404, 'Not Found\n');
    const ids = await parseOcspRequest(ocspRequest.bytes).catch(() => []);
    const [id] = ids;
    if (id === undefined) return derResponse(await buildOcspFailure('malformedRequest'), 'not an OCSP request');
    return respond(ocspRequest.role, id, await pairOf(ocspRequest.role), options);
  };
}

function parseHttpRequest({ method, url, body }: EmulatorRequest): { role: CertificateRole; bytes: Uint8Array } | null {
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

async function respond(
  role: CertificateRole,
  id: CertificateId,
  { certificate, issuer, signer }: Pair,
  options: OcspOptions,
): Promise<EmulatorResponse> {
  const issuerId = identify(issuer, issuer, id.hashOid);
  if (issuerId === null || Buffer.compare(issuerId.issuerKeyHash, id.issuerKeyHash) !== 0) {
    return derResponse(await buildOcspFailure('unauthorized'), 'the certificate is from another issuer');
  }
  const nowMs = options.now();
  const isKnown = matchesCertificate(id, certificate, issuer);
  const state = isKnown ? statementState(options.stateOf(role), nowMs) : 'unknown';
  const statements = [{ id, state, thisUpdateMs: nowMs - HOUR_MS, nextUpdateMs: nowMs + HOUR_MS }];
  const response = await buildOcspResponse({
    statements,
    producedAtMs: nowMs,
    signer,
    certificates: [signer.certificate],
  });
  return derResponse(response, isKnown ? undefined : "the certificate is not in the emulator's chain");
}

function statementState(state: OcspState, nowMs: number): CertificateStatement['state'] {
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
    certificate: toCertificate(certificate),
    issuer: toCertificate(issuer.certificate),
    signer: { certificate: toCertificate(signer.certificate), key: signer.key },
  };
}

function toCertificate(certificate: X509Certificate): Certificate {
  return parseCertificate(certificate.raw);
}

function derResponse(body: Uint8Array, cause?: string): EmulatorResponse {
  return { status: 200, headers: DER, body, ...(cause === undefined ? {} : { cause }) };
}

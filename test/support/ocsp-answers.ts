import {
  buildOcspFailure,
  buildOcspResponse,
  type CertificateStatement,
  type OcspResponseFields,
} from '../../src/simulator/authority/ocsp-response.js';
import type { CertificateId } from '../../src/trust/ocsp/messages.js';
import { type CertificateToMake, type Made, makeCertificate, ocspSignerExtensions, x509 } from './certificates.js';

/** What an answer is made from: what was asked, who issued that certificate, and the moment. */
export interface Asked {
  readonly id: CertificateId;
  readonly issuer: Made;
  readonly nowMs: number;
}

type Answer = (asked: Asked) => Promise<Uint8Array>;

const HOUR_MS = 3_600_000;
const { digitalSignature, keyAgreement } = x509.KeyUsageFlags;

/** Answers a responder may give with HTTP 200, well made or with one thing wrong. */
export const ANSWERS = {
  good: sign({}),
  'good-by-issuer': sign({ signer: 'issuer' }),
  'good-by-name': sign({ namedBy: 'name' }),
  'good-sha512': sign({ hash: 'sha512' }),
  'good-rsa': sign({ signer: { keyKind: 'RSA' } }),
  'good-just-stale': sign({ statement: ({ nowMs }) => ({ nextUpdateMs: nowMs - 30_000 }) }),
  'good-just-ahead': sign({ statement: ({ nowMs }) => ({ thisUpdateMs: nowMs + 30_000 }) }),
  'good-among-others': sign({ ids: (id) => [{ ...id, serial: '7F' }, id] }),
  revoked: sign({ statement: ({ nowMs }) => ({ state: { revokedAtMs: nowMs - HOUR_MS, reason: 1 } }) }),
  'revoked-without-reason': sign({ statement: ({ nowMs }) => ({ state: { revokedAtMs: nowMs - HOUR_MS } }) }),
  unknown: sign({ statement: () => ({ state: 'unknown' }) }),
  stale: sign({ statement: ({ nowMs }) => ({ nextUpdateMs: nowMs - 61_000 }) }),
  'stale-revoked': sign({
    statement: ({ nowMs }) => ({ state: { revokedAtMs: nowMs - 3 * HOUR_MS }, nextUpdateMs: nowMs - HOUR_MS }),
  }),
  'not-yet': sign({ statement: ({ nowMs }) => ({ thisUpdateMs: nowMs + 61_000 }) }),
  'no-end': sign({ statement: () => ({ nextUpdateMs: null }) }),
  'wrong-signer': sign({ signer: 'stranger' }),
  'signer-without-eku': sign({ signer: { extensions: [] } }),
  'signer-of-other-purpose': sign({
    signer: { extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])] },
  }),
  'signer-may-not-sign': sign({
    signer: { extensions: [...ocspSignerExtensions(), new x509.KeyUsagesExtension(keyAgreement, true)] },
  }),
  'signer-may-sign': sign({
    signer: { extensions: [...ocspSignerExtensions(), new x509.KeyUsagesExtension(digitalSignature, true)] },
  }),
  'signer-expired': sign({ signer: { notAfterMs: Date.UTC(2026, 0, 1) } }),
  'signer-not-sent': sign({ certificates: () => [] }),
  'wrong-certificate': sign({ ids: (id) => [{ ...id, serial: '7F' }] }),
  'wrong-issuer': sign({ ids: (id) => [{ ...id, issuerKeyHash: id.issuerNameHash }] }),
  'no-statement': sign({ ids: () => [] }),
  twice: sign({ ids: (id) => [id, id] }),
  'sha1-signature': sign({ hash: 'sha1' }),
  'bad-signature': async (asked) => flipLastByteOf(await sign({ signer: 'issuer' })(asked)),
  'changed-after-signing': async (asked) => changeStatement(asked),
  'try-later': () => buildOcspFailure('tryLater'),
  unauthorized: () => buildOcspFailure('unauthorized'),
  garbage: async () => Buffer.from('<html>this is a captive portal</html>'),
  truncated: async (asked) => (await sign({})(asked)).subarray(0, -10),
  trailing: async (asked) => Buffer.concat([await sign({})(asked), Buffer.of(0)]),
  empty: async () => new Uint8Array(),
} as const satisfies Readonly<Record<string, Answer>>;

export type AnswerName = keyof typeof ANSWERS;

interface Wish {
  /** A delegated signer with these peculiarities unless `issuer` itself or a `stranger` of the same name signs. */
  readonly signer?: 'issuer' | 'stranger' | Partial<CertificateToMake>;
  readonly statement?: (asked: Asked) => Partial<CertificateStatement>;
  readonly ids?: (id: CertificateId) => readonly CertificateId[];
  readonly namedBy?: 'keyHash' | 'name';
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly certificates?: (signer: Made) => OcspResponseFields['certificates'] & {};
}

function sign({ signer = {}, statement, ids, namedBy, hash, certificates }: Wish): Answer {
  return async (asked) => {
    const { nowMs, issuer } = asked;
    const made = await makeSigner(signer, issuer);
    const times = { thisUpdateMs: nowMs - HOUR_MS, nextUpdateMs: nowMs + HOUR_MS };
    return buildOcspResponse({
      statements: (ids?.(asked.id) ?? [asked.id]).map((id) => ({ id, state: 'good', ...times, ...statement?.(asked) })),
      producedAtMs: nowMs,
      signer: made,
      certificates: certificates?.(made) ?? (signer === 'issuer' ? [] : [made.certificate]),
      ...(namedBy === undefined ? {} : { namedBy }),
      ...(hash === undefined ? {} : { hash }),
    });
  };
}

async function makeSigner(signer: Wish['signer'] & {}, issuer: Made): Promise<Made> {
  if (signer === 'issuer') return issuer;
  const wish: CertificateToMake = { subject: 'CN=Test OCSP Responder', extensions: ocspSignerExtensions() };
  if (signer !== 'stranger') return makeCertificate({ ...wish, issuer, ...signer });
  const namesake = await makeCertificate({ subject: new x509.X509Certificate(issuer.certificate.der).subject });
  return makeCertificate({ ...wish, issuer: namesake });
}

/** Without certificates sent along, an answer ends in its signature. */
function flipLastByteOf(answer: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(answer);
  flipped[flipped.length - 1]! ^= 1;
  return flipped;
}

/** A signed `unknown` ([2], 82 00) turned into `good` ([0], 80 00) behind the serial it is about. */
async function changeStatement(asked: Asked): Promise<Uint8Array> {
  const answer = Buffer.from(await sign({ signer: 'issuer', statement: () => ({ state: 'unknown' }) })(asked));
  const serial = Buffer.from(asked.id.serial, 'hex');
  answer[answer.indexOf(Buffer.concat([serial, Buffer.of(0x82, 0)])) + serial.length] = 0x80;
  return answer;
}

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { makeCertificate, parseCertificateName } from './certificate.js';
import type { Issuer } from './chain.js';

/**
 * Issues a delegated OCSP responder certificate with a fresh P-256 key, valid as long as the issuer. Apple's responders
 * use one, and Apple's node library requires it: it rejects a response that the issuer itself signed.
 */
export function issueOcspSigner(issuer: Issuer): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { certificate, key } = issuer;
  return makeCertificate({
    subject: { CN: 'storewire TEST OCSP Responder', OU: 'storewire TEST', O: 'storewire' },
    issuer: parseCertificateName(certificate.subject),
    publicKey,
    signingKey: key,
    hash: 'sha384',
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    extensions: { isCa: false, keyUsage: 'digitalSignature', issuerKey: createPublicKey(key), ocspSigner: true },
  }).then((signer) => ({ certificate: signer, key: privateKey }));
}

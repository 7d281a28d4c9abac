import { generateKeyPairSync } from 'node:crypto';
import { signJws } from '../../jws/es256.js';
import type { JsonObject } from '../../jws/json.js';
import type { PayloadOptions } from '../payloads/options.js';
import { buildTransaction } from '../payloads/single.js';
import { type CertificateName, makeCertificate } from './certificate.js';
import { toBase64 } from './chain.js';
import type { Signer } from './sign-payload.js';

const XCODE_NAME: CertificateName = { CN: 'StoreKit Testing in Xcode', O: 'StoreKit Testing in Xcode' };

const YEAR_MS = 365 * 86_400_000;

/** Creates a signer like that of StoreKit Testing in Xcode: one self-signed P-256 certificate, valid for a year. */
export async function createXcodeSigner({ nowMs }: { readonly nowMs: number }): Promise<Signer> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = await makeCertificate({
    subject: XCODE_NAME,
    issuer: XCODE_NAME,
    publicKey,
    signingKey: privateKey,
    hash: 'sha256',
    notBeforeMs: nowMs,
    notAfterMs: nowMs + YEAR_MS,
    extensions: { isCa: false, keyUsage: 'digitalSignature' },
  });
  return { leafKey: privateKey, x5c: [toBase64(certificate)] };
}

/** Signs as Xcode does: header with `kid` Apple_Xcode_Key, `typ` JWT and one certificate. */
export function signAsXcode(payload: object, { leafKey, x5c }: Signer): string {
  return signJws(payload, { key: leafKey, header: { kid: 'Apple_Xcode_Key', typ: 'JWT', x5c } });
}

/** Builds a transaction of StoreKit Testing: environment Xcode, ids from 0, dates with fractions of a millisecond. */
export function buildXcodeTransaction(options: PayloadOptions): JsonObject {
  const transaction = buildTransaction(options);
  const dates = ['purchaseDate', 'originalPurchaseDate', 'expiresDate', 'signedDate'];
  const fractional = dates.flatMap((name) => {
    const date = transaction[name];
    return typeof date === 'number' ? [[name, date + 0.375]] : [];
  });
  const ids = { transactionId: '0', originalTransactionId: '0', webOrderLineItemId: '0' };
  return { ...transaction, ...ids, ...Object.fromEntries(fractional), environment: 'Xcode', storefrontId: '143441' };
}

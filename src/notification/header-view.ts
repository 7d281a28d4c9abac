import type { Json, JsonObject } from '../jws/json.js';
import { type Certificate, CertificateError, parseCertificate } from '../trust/certificate.js';
import type { Chain } from '../trust/chain.js';
import { isoSeconds } from '../trust/validity.js';
import type { CertificateSummary } from './document.js';

/** A header as documents show it. `chain`: its certificates, where they are parsed. `raw`: with the full certificates. */
export type HeaderView = typeof viewHeader;

/** Cached views of headers, without and with the full certificates. */
const views = { short: new WeakMap<JsonObject, JsonObject>(), raw: new WeakMap<JsonObject, JsonObject>() };

/** The header with each certificate summarised; an entry that is not a certificate is kept unchanged. Cached by header object. */
export function viewHeader(header: JsonObject, chain: Chain | null, raw: boolean): JsonObject {
  const { x5c } = header;
  if (!Array.isArray(x5c)) return header;
  const cache = raw ? views.raw : views.short;
  const cached = cache.get(header);
  if (cached !== undefined) return cached;
  const certificates = chain === null ? [] : [chain.leaf, chain.intermediate, chain.sentRoot];
  const view = { ...header, x5c: x5c.map((entry, index) => summarise(entry, certificates[index], raw)) };
  cache.set(header, view);
  return view;
}

/** `known` is the certificate in `entry`, if it is already parsed. */
function summarise(entry: Json, known: Certificate | undefined, raw: boolean): Json {
  if (typeof entry !== 'string') return entry;
  try {
    const summary = summariseCertificate(known ?? parseCertificate(Buffer.from(entry, 'base64')));
    return { ...summary, ...(raw ? { der: entry } : {}) };
  } catch (error) {
    if (error instanceof CertificateError) return entry;
    throw error;
  }
}

function summariseCertificate(certificate: Certificate): CertificateSummary & JsonObject {
  return {
    subject: certificate.subject,
    serial: certificate.serial,
    sha256: certificate.sha256,
    notBefore: isoSeconds(certificate.notBeforeMs),
    notAfter: isoSeconds(certificate.notAfterMs),
  };
}

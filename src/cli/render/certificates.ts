import { isJsonObject, type Json } from '../../jws/json.js';
import type { PayloadDocument, TokenView } from '../../notification/document.js';
import { showText } from './escape.js';
import type { Row } from './layout.js';

/**
 * Whom the outer token names as its signer: leaf, how long it is valid, and who issued it. Names in certificates prove nothing;
 * that is the verdict's business. No rows where the header holds no certificates.
 */
export function certificateRows({ tokens }: PayloadDocument): readonly Row[] {
  const [outer, ...nested] = tokens;
  const chain = outer === undefined ? [] : chainOf(outer);
  const differ = nested.some((token) => fingerprintsOf(token) !== fingerprintsOf(outer!));
  return [
    ...chain.slice(0, MOST_CERTIFICATES).map((certificate, index) => certificateRow(certificate, index, chain.length)),
    ...(differ ? [{ label: 'nested', value: 'signed with other certificates' }] : []),
  ];
}

/** The App Store sends three; what has more is refused anyway. */
const MOST_CERTIFICATES = 5;

function certificateRow(certificate: Json, index: number, count: number): Row {
  if (index === 0) return { label: 'leaf', value: nameOf(certificate), remark: validityOf(certificate) };
  return { label: index === count - 1 && count > 2 ? 'root' : 'issued by', value: nameOf(certificate) };
}

function chainOf({ header }: TokenView): readonly Json[] {
  const { x5c } = header;
  return Array.isArray(x5c) ? x5c : [];
}

/** `CN=Apple Root CA - G3, OU=…` is `Apple Root CA - G3`; the whole subject where it has no common name. */
function nameOf(certificate: Json): string {
  if (!isJsonObject(certificate) || typeof certificate.subject !== 'string') return 'not a certificate';
  const { subject } = certificate;
  return showText(/(?:^|, )CN=((?:[^,\\]|\\.)*)/.exec(subject)?.[1] ?? subject);
}

function validityOf(certificate: Json): string | null {
  if (!isJsonObject(certificate)) return null;
  const { notBefore, notAfter } = certificate;
  return isDay(notBefore) && isDay(notAfter) ? `${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}` : null;
}

function isDay(value: Json | undefined): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);
}

function fingerprintsOf(token: TokenView): string {
  return chainOf(token)
    .map((certificate) => (isJsonObject(certificate) ? certificate.sha256 : certificate))
    .join(' ');
}

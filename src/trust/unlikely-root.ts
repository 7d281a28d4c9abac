import type { Certificate } from './certificate.js';
import { APPLE_ROOT_NAME } from './roots.js';
import { isoSeconds } from './validity.js';

/**
 * Why a certificate that is readable is probably not the root that was meant; null for an ordinary root. It may follow "the root FILE is".
 * Names are those in the certificate: they prove nothing.
 */
export function describeUnlikelyRoot(certificate: Certificate, nowMs: number): string | null {
  const name = certificate.subject;
  if (!certificate.isCa) return `a leaf certificate (${name}), not a root: ${LEAVE_OUT}`;
  if (!certificate.subjectDer.equals(certificate.issuerDer))
    return `an intermediate (${name}), not a root: its issuer is ${certificate.issuer}. ${INTERMEDIATE}`;
  const other = OTHER_APPLE_ROOTS.find(([matches]) => matches.test(name));
  if (other !== undefined)
    return `named ${other[1]}, which is not in today's chain: the App Store signs under ${APPLE_ROOT_NAME}, which is built in`;
  if (/(?:^|, )CN=Apple Root CA - G3(?:,|$)/.test(name))
    return `named ${APPLE_ROOT_NAME} but another certificate, SHA-256 ${certificate.sha256}: Apple's own is built in`;
  if (certificate.notAfterMs < nowMs)
    return `a root that expired at ${isoSeconds(certificate.notAfterMs)}: only payloads signed before that can be valid under it`;
  return null;
}

const LEAVE_OUT = `nothing is issued under it. ${APPLE_ROOT_NAME} is built in and needs no --root; a copy is at https://www.apple.com/certificateauthority/AppleRootCA-G3.cer`;

const INTERMEDIATE = `The App Store sends its intermediate in every token. ${APPLE_ROOT_NAME} is built in and needs no --root; a copy is at https://www.apple.com/certificateauthority/AppleRootCA-G3.cer`;

/** Apple's roots besides G3, https://www.apple.com/certificateauthority/. */
const OTHER_APPLE_ROOTS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|, )CN=Apple Root CA - G2(?:,|$)/, 'Apple Root CA - G2'],
  [/(?:^|, )CN=Apple Root CA(?:,|$)/, 'Apple Root CA'],
  [/(?:^|, )CN=Apple Root Certificate Authority(?:,|$)/, 'Apple Computer Root'],
];

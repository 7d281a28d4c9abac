import { DerError, type DerValue, expectTag, readOid, TAG, toHex } from './der.js';

/** Short names of attributes in a Name; any other is shown by its number. Source: RFC 4519, RFC 2985 (emailAddress). */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/**
 * A Name as text, most specific part first: `CN=Apple Root CA - G3, OU=…, O=Apple Inc., C=US`. Backslashes, commas and
 * plus signs inside values are escaped so that no value passes for two; control characters stay, rendering escapes them.
 * For people: compare the encoded bytes, never this. Throws DerError on what is no Name.
 */
export function describeName(name: DerValue, what: string): string {
  const parts = expectTag(name, TAG.sequence, what).children.map((part) => describePart(part, what));
  return (isSpecificFirst(parts) ? parts : parts.reverse()).join(', ');
}

/** Names are mostly encoded country first; Apple encodes its own the other way round. */
function isSpecificFirst(parts: readonly string[]): boolean {
  return Boolean(parts[0]?.startsWith('CN=') || parts.at(-1)?.startsWith('C='));
}

function describePart(part: DerValue, what: string): string {
  const attributes = expectTag(part, TAG.set, `a part of ${what}`).children;
  if (attributes.length === 0) throw new DerError(`a part of ${what} is empty`);
  return attributes.map((attribute) => describeAttribute(attribute, what)).join(' + ');
}

function describeAttribute(attribute: DerValue, what: string): string {
  const [type, value, ...rest] = expectTag(attribute, TAG.sequence, `an attribute of ${what}`).children;
  const oid = readOid(type, `the type of an attribute of ${what}`);
  if (value === undefined || rest.length > 0) throw new DerError(`an attribute of ${what} does not have one value`);
  return `${ATTRIBUTE_NAMES[oid] ?? oid}=${readText(value, what).replace(/[\\,+]/g, '\\$&')}`;
}

/** String types of a Name; a value of any other type is shown as `#` and hex, as RFC 4514 has it. */
function readText(value: DerValue, what: string): string {
  const bytes = Buffer.from(value.content.buffer, value.content.byteOffset, value.content.byteLength);
  switch (value.tag) {
    case 0x0c:
      return readUtf8(bytes, what);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // TeletexString, which everyone fills with Latin-1
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return bytes.toString('latin1');
    case 0x1e: // BMPString
      if (bytes.length % 2 !== 0) throw new DerError(`${what} holds half a character`);
      return Buffer.from(bytes).swap16().toString('utf16le');
    default:
      return `#${toHex(value.bytes)}`;
  }
}

function readUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new DerError(`${what} holds text that is not UTF-8`, { cause });
  }
}

import { isUtf8 } from 'node:buffer';
import {
  DerError,
  type DerValue,
  expectTag,
  parseDer,
  readBitString,
  readBoolean,
  readOid,
  readSmallInteger,
  TAG,
  toHex,
} from './der.js';

/** Names of the key usage bits, in bit order. Source: RFC 5280, 4.2.1.3. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

/** An extension; `value` is the DER inside its octet string. */
export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export type Extensions = ReadonlyMap<string, Extension>;

/** Values of the extensions used here. A certificate without basicConstraints is not a CA (RFC 5280, 4.2.1.9). */
export interface KnownExtensions {
  readonly isCa: boolean;
  /** Maximum number of CAs below this one; null if unlimited. */
  readonly pathLength: number | null;
  readonly keyUsage: ReadonlySet<KeyUsage> | null;
  /** Object identifiers of the extended key usages. */
  readonly extendedKeyUsage: ReadonlySet<string> | null;
  /** First OCSP URL of the authority information access, unvalidated. */
  readonly ocspUrl: string | null;
}

const OID = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspMethod: '1.3.6.1.5.5.7.48.1',
} as const;

/** Parses the extensions SEQUENCE into a map by object identifier. Throws DerError on a duplicate and on anything malformed. */
export function readExtensions(list: DerValue): Extensions {
  const extensions = new Map<string, Extension>();
  for (const child of expectTag(list, TAG.sequence, 'the list of extensions').children) {
    const [oid, extension] = readExtension(child);
    if (extensions.has(oid)) throw new DerError(`extension ${oid} is duplicated`);
    extensions.set(oid, extension);
  }
  return extensions;
}

/** An explicit `critical` FALSE is not strict DER but accepted, since genuine certificates contain it. */
function readExtension(value: DerValue): [string, Extension] {
  const [id, ...rest] = expectTag(value, TAG.sequence, 'an extension').children;
  const oid = readOid(id, 'the identifier of an extension');
  const critical = rest[0]?.tag === TAG.boolean && readBoolean(rest.shift(), `critical of extension ${oid}`);
  const octets = expectTag(rest.shift(), TAG.octetString, `the value of extension ${oid}`);
  if (rest.length > 0) throw new DerError(`extension ${oid} has extra parts`);
  return [oid, { critical, value: octets.content }];
}

/** Parses the extensions in {@link KnownExtensions} and ignores all others. Throws DerError if one is malformed. */
export function readKnownExtensions(extensions: Extensions): KnownExtensions {
  const parsed = (oid: string): DerValue | null => {
    const extension = extensions.get(oid);
    return extension === undefined ? null : parseDer(extension.value);
  };
  return {
    ...readBasicConstraints(parsed(OID.basicConstraints)),
    keyUsage: readKeyUsage(parsed(OID.keyUsage)),
    extendedKeyUsage: readExtendedKeyUsage(parsed(OID.extendedKeyUsage)),
    ocspUrl: readOcspUrl(parsed(OID.authorityInfoAccess)),
  };
}

function readBasicConstraints(value: DerValue | null): Pick<KnownExtensions, 'isCa' | 'pathLength'> {
  if (value === null) return { isCa: false, pathLength: null };
  const parts = [...expectTag(value, TAG.sequence, 'basicConstraints').children];
  const isCa = parts[0]?.tag === TAG.boolean && readBoolean(parts.shift(), 'cA of basicConstraints');
  const length = parts.shift();
  const pathLength = length === undefined ? null : readSmallInteger(length, 'the path length of basicConstraints');
  if (parts.length > 0) throw new DerError('basicConstraints has extra parts');
  if (!isCa && pathLength !== null) throw new DerError('basicConstraints has a path length without being a CA');
  return { isCa, pathLength };
}

function readKeyUsage(value: DerValue | null): ReadonlySet<KeyUsage> | null {
  if (value === null) return null;
  const { bits } = readBitString(value, 'keyUsage');
  return new Set(KEY_USAGES.filter((_name, index) => (bits[index >> 3] ?? 0) & (0x80 >> (index & 7))));
}

function readExtendedKeyUsage(value: DerValue | null): ReadonlySet<string> | null {
  if (value === null) return null;
  const purposes = expectTag(value, TAG.sequence, 'extKeyUsage').children;
  if (purposes.length === 0) throw new DerError('extKeyUsage is empty');
  return new Set(purposes.map((purpose) => readOid(purpose, 'a purpose of extKeyUsage')));
}

/** The choices of a GeneralName, RFC 5280 4.2.1.6. */
const GENERAL_NAME_TAGS = new Set([0xa0, 0x81, 0x82, 0xa3, 0xa4, 0xa5, 0x86, 0x87, 0x88]);

const TAG_URI = 0x86;

function readOcspUrl(value: DerValue | null): string | null {
  if (value === null) return null;
  const entries = expectTag(value, TAG.sequence, 'authorityInfoAccess').children.map(readAccess);
  return entries.find(({ oid, url }) => oid === OID.ocspMethod && url !== null)?.url ?? null;
}

function readAccess(access: DerValue): { oid: string; url: string | null } {
  const [method, location, ...rest] = expectTag(access, TAG.sequence, 'an entry of authorityInfoAccess').children;
  const oid = readOid(method, 'the method of an authorityInfoAccess entry');
  if (location === undefined || rest.length > 0 || !GENERAL_NAME_TAGS.has(location.tag)) {
    throw new DerError('an entry of authorityInfoAccess does not have exactly one location');
  }
  if (location.tag !== TAG_URI) return { oid, url: null };
  if (location.content.some((byte) => byte > 0x7f)) throw new DerError('a URL in authorityInfoAccess is not ASCII');
  return { oid, url: Buffer.from(location.content).toString('latin1') };
}

/** Short names of attributes in a Name; any other is printed as its OID. Source: RFC 4519, RFC 2985 (emailAddress). */
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
 * Formats a Name, most specific part first: `CN=Apple Root CA - G3, OU=…, O=Apple Inc., C=US`. Backslashes, commas and
 * plus signs inside values are escaped, so that a value cannot imitate two; control characters are kept for the renderer to escape.
 * For display only: compare the encoded bytes. Throws DerError if the value is not a Name.
 */
export function describeName(name: DerValue, what: string): string {
  const parts = expectTag(name, TAG.sequence, what).children.map((part) => describePart(part, what));
  return (isSpecificFirst(parts) ? parts : parts.reverse()).join(', ');
}

/** Most CAs encode a Name country first; Apple encodes its own in reverse order. */
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
  if (value === undefined || rest.length > 0)
    throw new DerError(`an attribute of ${what} does not have exactly one value`);
  return `${ATTRIBUTE_NAMES[oid] ?? oid}=${readText(value, what).replace(/[\\,+]/g, '\\$&')}`;
}

/** Decodes the string types of a Name; a value of any other type becomes `#` and hex, as in RFC 4514. */
function readText(value: DerValue, what: string): string {
  const bytes = Buffer.from(value.content.buffer, value.content.byteOffset, value.content.byteLength);
  switch (value.tag) {
    case 0x0c:
      return readUtf8(bytes, what);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // TeletexString, used for Latin-1 in practice
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return bytes.toString('latin1');
    case 0x1e: // BMPString
      if (bytes.length % 2 !== 0) throw new DerError(`${what} contains half a character`);
      return Buffer.from(bytes).swap16().toString('utf16le');
    default:
      return `#${toHex(value.bytes)}`;
  }
}

/** Not with the global TextDecoder: the DOM environments of test runners replace it by one that refuses the bytes of Node. */
function readUtf8(bytes: Buffer, what: string): string {
  if (!isUtf8(bytes)) throw new DerError(`${what} is not valid UTF-8`);
  return bytes.toString('utf8');
}

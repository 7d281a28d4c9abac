import { otherDer } from './key-lookalikes.js';

/** A private key found in text: the PEM, or the defect of an unusable key. Null if the text contains none. */
export type KeyText = { readonly pem: string } | { readonly defect: string; readonly hint: string } | null;

const FROM_FILE = 'Take it from the .p8 file again: `base64 < KEY.p8` gives one line that survives everywhere.';

/** `BEGIN` and `END` lines of a private key, also with dashes or spaces lost or made typographic. */
const BEGIN = /[-\u2010-\u2015\s]*BEGIN\s*((?:EC\s*)?PRIVATE\s*KEY)[-\u2010-\u2015\s]*/;

const END = /[-\u2010-\u2015\s]*END\s*(?:EC\s*)?PRIVATE\s*KEY/;

/**
 * Finds a private key in text and rewrites it as PEM with lines of 64 characters: a PEM whose line breaks became `\n` (escaped once or
 * more), spaces or nothing, whose BEGIN or END line is damaged or missing; base64 or base64url of such a PEM, or of DER. One that was cut
 * short is named. Does not check that the key is valid.
 */
export function readKeyText(text: string): KeyText {
  const plain = text.replace(/\\+[rn]/g, '\n').replace(/^\s*["'`]+|["'`]+\s*$/g, '');
  if (BEGIN.test(plain) || END.test(plain)) return fromArmour(plain);
  const base64 = plain.replace(/\s+/g, '');
  if (!BASE64.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  const decoded = bytes.toString('latin1');
  if (BEGIN.test(decoded) || END.test(decoded)) return fromArmour(decoded.replace(/\\+[rn]/g, '\n'));
  const isSequence = base64.length >= MIN_KEY_CHARACTERS && bytes[0] === DER_SEQUENCE && otherDer(bytes) === null;
  return isSequence || isPkcs8(bytes) || isSec1(bytes) ? fromDer(bytes, 'PRIVATE KEY', isSequence) : null;
}

const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** A P-256 key in DER has at least 67 bytes, so a shorter text is a file name. */
export const MIN_KEY_CHARACTERS = 64;

function fromArmour(text: string): KeyText {
  const begin = BEGIN.exec(text);
  const rest = begin === null ? text : text.slice(begin.index + begin[0].length);
  const end = END.exec(rest);
  const inside = end === null ? rest : rest.slice(0, end.index);
  // The remains of a damaged END line begin with its dashes.
  const body = inside.split(/[-\u2010-\u2015]{2,}/)[0]?.replace(/[\s"'`,\\]+/g, '') ?? '';
  if (body === '')
    return {
      defect: 'contains only the first line of a private key: the line breaks were lost',
      hint: 'Write the key in one line with \\n for each line break, as base64, or give the path of the .p8 file.',
    };
  if (!BASE64.test(body)) return null;
  const label = begin?.[1]
    ?.replace(/\s+/g, ' ')
    .replace(/^EC ?P/, 'EC P')
    .replace('PRIVATEKEY', 'PRIVATE KEY');
  return fromDer(Buffer.from(body, 'base64'), label ?? 'PRIVATE KEY', begin !== null && end !== null);
}

/**
 * Chooses the PEM label from the DER, not from the armour: OpenSSL rejects PKCS#8 under the label of SEC1, and the reverse. A damaged
 * key in complete armour is left to the code that parses the key.
 */
function fromDer(bytes: Buffer, label: string, isWhole: boolean): KeyText {
  const damage = damageOf(bytes);
  if (damage !== null && !isWhole) return { defect: `contains ${damage}`, hint: FROM_FILE };
  const der = damage === null ? bytes.subarray(0, lengthOf(bytes) ?? bytes.length) : bytes;
  return {
    pem: buildPem(isSec1(der) ? 'EC PRIVATE KEY' : isPkcs8(der) ? 'PRIVATE KEY' : label, der.toString('base64')),
  };
}

/** Describes the defect of a key that OpenSSL cannot parse: `a truncated private key (53 of 138 bytes)`. */
export function describeDamage(pem: string): string {
  return damageOf(Buffer.from(pem.replace(/-----[^-]*-----|\s+/g, ''), 'base64')) ?? DAMAGED;
}

const DAMAGED = 'a damaged private key';

function damageOf(bytes: Buffer): string | null {
  const length = lengthOf(bytes);
  if (length === null) return DAMAGED;
  return bytes.length < length ? `a truncated private key (${bytes.length} of ${length} bytes)` : null;
}

/** Total length of a DER sequence from its header; null if it is not a sequence. */
function lengthOf(bytes: Buffer): number | null {
  const [tag, first = 0] = bytes;
  if (tag !== DER_SEQUENCE) return null;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  return count > 0 && count <= 3 && bytes.length >= 2 + count ? 2 + count + bytes.readUIntBE(2, count) : null;
}

const DER_SEQUENCE = 0x30;

/** PKCS#8 (RFC 5958): a version, then the algorithm, a sequence. SEC1 (RFC 5915): version 1, then the key, an octet string. */
function isPkcs8(der: Buffer): boolean {
  return /^30(?:8[12])?(?:[0-9a-f]{2}){1,2}02010[01]30/.test(der.subarray(0, 12).toString('hex'));
}

function isSec1(der: Buffer): boolean {
  return /^30(?:8[12])?(?:[0-9a-f]{2}){1,2}02010104/.test(der.subarray(0, 12).toString('hex'));
}

function buildPem(label: string, base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import { decodedKind } from '../notification/kind.js';
import { type DetectedFormat, detected } from './detected.js';
import { detectIos6Receipt, detectReceipt } from './receipt.js';
import { objectIn } from './token.js';

const TAKE_SIGNED_PAYLOAD = 'Pass the whole value of signedPayload: header, payload and signature, joined by dots.';

/** A map of CBOR whose first key is `fmt` or `signature`. */
const ATTESTATION = /^[\xa2\xa3](?:cfmt|isignature|qauthenticatorData)/;

export function detectHex(text: string): DetectedFormat | null {
  const digits = text.replace(/^(?:0x|\\+x)/i, '').replace(/[\s:]/g, '');
  if (digits.length < 64 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return null;
  const bytes = Buffer.from(digits, 'hex');
  const receipt = detectReceipt(bytes);
  if (receipt !== null) return receipt;
  const isText = /^\s*(?:\{|eyJ)/.test(bytes.subarray(0, 8).toString('latin1'));
  return detected(
    'hex',
    'bytes written in hexadecimal',
    isText ? 'They hold text that may be a payload.' : 'They do not hold a token.',
    isText ? 'Decode them first: xxd -r -p FILE | storewire decode -' : 'Pass the value of signedPayload.',
  );
}

const GZIP = [0x1f, 0x8b];

/** base64 or base64url, also on several lines. */
export function detectBase64(text: string): DetectedFormat | null {
  const compact = text.replace(/\s/g, '');
  if (compact.length < 16 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(compact)) return null;
  const bytes = Buffer.from(compact, 'base64');
  const receipt = detectReceipt(bytes) ?? detectIos6Receipt(bytes.toString('latin1'));
  if (receipt !== null) return receipt;
  if (bytes[0] === GZIP[0] && bytes[1] === GZIP[1]) {
    return detected(
      'gzip',
      'base64 of gzip data',
      'It is compressed, as CloudWatch and other log exports are.',
      'Unpack it first: base64 -d FILE | gunzip | storewire decode -',
    );
  }
  if (/^\s*\{\s*"/.test(bytes.subarray(0, 64).toString('latin1')) && bytes.includes('"signedPayload"')) {
    return detected(
      'base64-body',
      'base64 of a JSON body',
      'It was encoded on the way.',
      'Decode it first: base64 -d FILE | storewire decode -',
    );
  }
  if (ATTESTATION.test(bytes.toString('latin1', 0, 24))) {
    return detected(
      'attestation',
      'an attestation or assertion of App Attest (CBOR)',
      'It vouches for an app on a device and says nothing of a purchase.',
      'Pass the value of signedPayload, or the jwsRepresentation of the transaction.',
    );
  }
  const json = detectPart(compact);
  if (json !== null) return json;
  return isEcdsaSignature(bytes)
    ? detected(
        'offer-signature',
        'a signature alone (DER, ECDSA), as one for a promotional offer is',
        'It is made with your own key and holds no payload.',
        'Pass the value of signedPayload, or the jwsRepresentation of the transaction.',
      )
    : null;
}

/** SEQUENCE of two INTEGERs of a P-256 signature: 68 to 72 bytes. */
function isEcdsaSignature(bytes: Uint8Array): boolean {
  return (
    bytes[0] === 0x30 && bytes[1] === bytes.length - 2 && bytes[2] === 0x02 && bytes.length >= 66 && bytes.length <= 72
  );
}

/** base64url of a JSON object: one part of a token alone, or a token of StoreKit's external purchases. */
function detectPart(text: string): DetectedFormat | null {
  const part = objectIn(text);
  if (part === null || part.signedPayload !== undefined) return null;
  if (part.externalPurchaseId !== undefined && part.notificationType === undefined) return externalPurchase(part);
  if (part.alg !== undefined) {
    return detected(
      'header-part',
      'the header of a token, alone',
      'Payload and signature are missing.',
      TAKE_SIGNED_PAYLOAD,
    );
  }
  return decodedKind(part) !== null || part.iss !== undefined || part.exp !== undefined
    ? detected(
        'payload-part',
        'the payload of a token, alone',
        'Header and signature are missing, so it cannot be verified.',
        TAKE_SIGNED_PAYLOAD,
      )
    : detected(
        'base64-json',
        'base64 of a JSON object',
        'It holds no token.',
        'See what it says: base64 -d FILE. For a notification, take the value of signedPayload.',
      );
}

/** `ExternalPurchase`'s token: not signed, reported through the External Purchase Server API. */
function externalPurchase(part: JsonObject): DetectedFormat {
  const textOf = (value: Json | undefined): string | null => (typeof value === 'string' ? value.slice(0, 100) : null);
  return detected(
    'external-purchase-token',
    'an external purchase token of StoreKit',
    'It is base64url of plain JSON without a signature; what was bought is reported with it through the External Purchase Server API.',
    'Report its externalPurchaseId. For a notification about it, take the value of signedPayload.',
    [
      ['bundle id', textOf(part.bundleId)],
      ['externalPurchaseId', textOf(part.externalPurchaseId)],
      ['tokenType', textOf(part.tokenType)],
    ],
  );
}

const DECODE_BYTES = 'Turn them into text first, as Buffer.toString does, and pass that.';

/** Bytes as a program prints them: Node's `<Buffer 7b …>` and its JSON, `\\x7b…` of PostgreSQL, a hex dump. */
export function detectBytes(value: Json): DetectedFormat | null {
  if (isJsonObject(value)) {
    const isBuffer = value.type === 'Buffer' && Array.isArray(value.data);
    return isBuffer
      ? detected('bytes', 'a Buffer of Node as JSON', 'It holds the bytes as numbers.', DECODE_BYTES)
      : null;
  }
  if (typeof value !== 'string') return null;
  if (/<Buffer(?: [\da-f]{2}){4}/.test(value)) {
    return detected(
      'bytes',
      'the beginning of a Buffer',
      'Node prints 50 bytes and leaves out the rest.',
      'Print all of it as text: buffer.toString().',
    );
  }
  if (/^[\da-f]{6,8}:?\s+(?:[\da-f]{2,4} ){6}/im.test(value)) {
    return detected(
      'bytes',
      'a hex dump',
      'It shows bytes and their offsets.',
      'Turn one of xxd back into bytes: xxd -r FILE | storewire decode -',
    );
  }
  const hex = /\\x([\da-f]{64,})/i.exec(value)?.[1];
  return hex === undefined ? null : detectHex(hex.length % 2 === 0 ? hex : hex.slice(1));
}

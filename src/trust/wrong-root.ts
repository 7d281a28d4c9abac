/** A file given as a root that holds no readable certificate: what it is, and the next step. */
export interface WrongRoot {
  /** Follows the name of the file: `an HTML page: the download failed`. */
  readonly what: string;
  readonly hint: string;
}

/** Apple publishes it here; it is also bundled. */
const DOWNLOAD = 'curl -fsSLO https://www.apple.com/certificateauthority/AppleRootCA-G3.cer';

const GET_APPLE_ROOT = `Apple Root CA - G3 is built in and needs no --root. To get the file: ${DOWNLOAD}`;

const USE_CERTIFICATE =
  'Give the certificate of the root, DER or PEM. Apple Root CA - G3 is built in and needs no --root.';

const KEEP_SECRET =
  'Give the certificate instead, DER or PEM, and keep the key secret: verification needs no private key.';

const SAVE_AS_UTF8 = `Save the file as UTF-8, or download it again as bytes. PowerShell: Invoke-WebRequest URL -OutFile root.cer`;

type Rule = readonly [matches: RegExp, what: string, hint: string];

/** Text formats, most specific first; matched against the file without byte order mark and leading blanks. */
const TEXTS: readonly Rule[] = [
  [/^(?:<!doctype html|<html|<head|<body|<script|<!--)/i, 'an HTML page: the download failed', GET_APPLE_ROOT],
  [/^<\?xml[^>]*>\s*(?:<!DOCTYPE html|<html)/i, 'an HTML page: the download failed', GET_APPLE_ROOT],
  [/^<\?xml[^>]*>\s*<Error>/i, 'an XML error page of a storage service: the download failed', GET_APPLE_ROOT],
  [/^<(?:\?xml|!DOCTYPE plist|plist)/i, 'an XML document or property list, not a certificate', USE_CERTIFICATE],
  [
    /^version https:\/\/git-lfs/,
    'a Git LFS pointer: the file itself was not fetched',
    'Run git lfs pull, or download the certificate again.',
  ],
  [/-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/, 'a private key, not a certificate', KEEP_SECRET],
  [
    /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/,
    'a certificate signing request (CSR), not a certificate',
    'Give the certificate that was issued for it, or rather the root above that.',
  ],
  [
    /-----BEGIN (?:PKCS7|CMS)-----/,
    'a PKCS#7 bundle (.p7b)',
    'Extract its certificates: openssl pkcs7 -in FILE -print_certs -out root.pem',
  ],
  [/-----BEGIN (?:RSA |EC )?PUBLIC KEY-----/, 'a public key, not a certificate', USE_CERTIFICATE],
  [/-----BEGIN X509 CRL-----/, 'a list of revoked certificates (CRL), not a certificate', USE_CERTIFICATE],
  [
    /-----BEGIN (?:TRUSTED|X509) CERTIFICATE-----/,
    'a PEM certificate in the form of older OpenSSL',
    'Convert it: openssl x509 -in FILE -out root.pem',
  ],
  [/-----BEGIN PGP /, 'a PGP file, not a certificate', USE_CERTIFICATE],
  [/-----BEGIN OPENSSH /, 'an SSH key, not a certificate', KEEP_SECRET],
  [/^(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-)/, 'an SSH public key, not a certificate', USE_CERTIFICATE],
  [
    /-----BEGIN CERTIFICATE-----[\s\S]*\\n/,
    'a PEM whose line ends are written as \\n',
    'Write real line ends: printf \'%b\' "$ROOT_PEM" > root.pem',
  ],
  [
    /-----BEGIN CERTIFICATE-----(?![\s\S]*-----END CERTIFICATE-----)/,
    'a truncated PEM: its END CERTIFICATE line is missing',
    'Copy or download the whole file again.',
  ],
  [
    /-----BEGIN CERTIFICATE-----/,
    'a damaged PEM: between BEGIN and END stands something that is not base64',
    'Copy or download the file again.',
  ],
  [/-----BEGIN /, 'a PEM without a certificate', USE_CERTIFICATE],
  [
    /^"?(?:Bearer )?eyJ[\w-]+\.[\w-]+\.[\w-]*"?\s*$/,
    'a JWS or JWT, not a certificate',
    'Pass it as the input of storewire verify. Its certificates are in its x5c header, and no root is trusted from there.',
  ],
  [/^[[{]/, 'JSON, not a certificate', `${USE_CERTIFICATE} A body with signedPayload is the input, not a root.`],
  [/^(?:0x)?30[\s:]?8[0-9a-f][\s:,0-9a-fx]+$/i, 'a certificate in hexadecimal', 'Convert it: xxd -r -p FILE root.cer'],
  [
    /^\s*Certificate:\s+Data:/,
    'the text that openssl prints, without the certificate',
    'Write the certificate instead: openssl x509 -in CERTIFICATE -out root.pem',
  ],
  [/^https?:\/\/\S+\s*$/, 'a URL, not a certificate', `Download it first: curl -fsSLo root.cer URL`],
];

const UTF8_REPLACEMENT = Buffer.from('\ufffd');

/** Object identifier 1.2.840.113549.1.7.2 (signedData), with which a PKCS#7 begins. */
const SIGNED_DATA = '06092a864886f70d010702';

/**
 * Recognises what a file is that {@link parseRoots} cannot read, from its first bytes. Quotes none of its content, which may be a
 * private key. `defect`: what the parser of certificates reported.
 */
export function recogniseWrongRoot(file: Uint8Array, defect: string): WrongRoot {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return (
    recogniseText(bytes) ??
    recogniseBinary(bytes) ?? {
      what: `not a readable certificate, DER or PEM (${defect})`,
      hint: USE_CERTIFICATE,
    }
  );
}

function recogniseText(bytes: Buffer): WrongRoot | null {
  if (bytes.length === 0) return { what: 'empty: the download failed', hint: GET_APPLE_ROOT };
  if (isUtf16(bytes)) return { what: 'UTF-16 text, as PowerShell and Notepad write it', hint: SAVE_AS_UTF8 };
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trim();
  if (text === '') return { what: 'blank: the download failed', hint: GET_APPLE_ROOT };
  const rule = TEXTS.find(([matches]) => matches.test(text));
  if (rule !== undefined) return { what: rule[1], hint: rule[2] };
  if (bytes.includes(UTF8_REPLACEMENT))
    return { what: 'a binary file that was saved as text, which destroyed it', hint: GET_APPLE_ROOT };
  return recogniseBase64(text) ?? recognisePlain(text);
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return true;
  const head = bytes.subarray(0, 64);
  return head.length >= 16 && head.every((byte, index) => (index % 2 === 1 ? byte === 0 : byte >= 0x09 && byte < 0x7f));
}

/** Base64 of something other than one certificate. */
function recogniseBase64(text: string): WrongRoot | null {
  const compact = text.replace(/^["']|["']$/g, '').replace(/\s+/g, '');
  if (compact.length < 64 || !/^[A-Za-z0-9+/_-]+=*$/.test(compact)) return null;
  const inner = Buffer.from(compact, 'base64');
  const found = recogniseBinary(inner) ?? recogniseArmour(inner);
  if (found === null && inner[0] === 0x30 && lengthOf(inner) === inner.length)
    return {
      what: 'a certificate in base64, in quotes or as base64url',
      hint: 'Give plain base64 without quotes, DER or PEM.',
    };
  if (found === null) return { what: 'base64 of something that is no certificate', hint: USE_CERTIFICATE };
  return { ...found, what: `base64 of ${found.what}` };
}

function recogniseArmour(inner: Buffer): WrongRoot | null {
  const text = inner.toString('latin1');
  if (text.includes('-----BEGIN CERTIFICATE-----'))
    return { what: 'a PEM', hint: 'Decode it once: base64 -d FILE > root.pem' };
  const rule = TEXTS.find(([matches]) => matches.test(text.trim()));
  return rule === undefined ? null : { what: rule[1], hint: rule[2] };
}

function recognisePlain(text: string): WrongRoot | null {
  return /^[\t\n\r\x20-\x7e]+$/.test(text)
    ? {
        what: 'plain text, not a certificate: perhaps an error message of the server it was downloaded from',
        hint: GET_APPLE_ROOT,
      }
    : null;
}

function recogniseBinary(bytes: Buffer): WrongRoot | null {
  const head = bytes.subarray(0, 8).toString('hex');
  if (head.startsWith('1f8b')) return { what: 'a gzip file', hint: 'Unpack it first: gunzip -c FILE > root.cer' };
  if (head.startsWith('504b0304'))
    return { what: 'a ZIP archive', hint: 'Unpack it first, and give the certificate in it.' };
  if (head.startsWith('25504446')) return { what: 'a PDF document', hint: GET_APPLE_ROOT };
  if (head.startsWith('feedfeed')) return { what: 'a Java key store (JKS)', hint: EXPORT_KEYSTORE };
  if (head.startsWith('89504e47') || head.startsWith('ffd8ff')) return { what: 'an image', hint: GET_APPLE_ROOT };
  if (head.startsWith('62706c697374')) return { what: 'a binary property list', hint: USE_CERTIFICATE };
  return bytes[0] === 0x30 ? recogniseDer(bytes) : null;
}

const EXPORT_KEYSTORE = 'Export the certificate: keytool -exportcert -rfc -keystore FILE -alias ALIAS -file root.pem';

/** Told apart by the first values inside the outer SEQUENCE (RFC 2315, 2986, 5208, 5280, 5915, 7292). */
function recogniseDer(bytes: Buffer): WrongRoot | null {
  const content = contentOf(bytes);
  if (content === null) return null;
  const hex = content.subarray(0, 24).toString('hex');
  if (hex.startsWith(SIGNED_DATA))
    return {
      what: 'a PKCS#7 bundle (.p7b) or an app receipt, not a certificate',
      hint: 'Extract the certificates of a bundle: openssl pkcs7 -inform DER -in FILE -print_certs -out root.pem',
    };
  if (hex.startsWith('02010330'))
    return {
      what: 'a PKCS#12 file (.p12), which holds a private key',
      hint: 'Export its certificates alone: openssl pkcs12 -in FILE -nokeys -out root.pem. A root rarely comes as .p12.',
    };
  if (/^02010(?:104|030|002)/.test(hex)) return { what: 'a private key, not a certificate', hint: KEEP_SECRET };
  if (isRequest(content))
    return {
      what: 'a certificate signing request (CSR), not a certificate',
      hint: 'Give the certificate that was issued for it, or rather the root above that.',
    };
  if (/^30[0-9a-f]{2}06/.test(hex)) return { what: 'a public key, not a certificate', hint: USE_CERTIFICATE };
  if (lengthOf(bytes) > bytes.length)
    return {
      what: `truncated: ${bytes.length} of ${lengthOf(bytes)} bytes`,
      hint: 'Copy or download the whole file again.',
    };
  return null;
}

/** CertificationRequestInfo: SEQUENCE { version 0, subject Name, subjectPublicKeyInfo, … }, itself the first value. */
function isRequest(content: Buffer): boolean {
  if (content[0] !== 0x30) return false;
  const info = contentOf(content);
  return info !== null && info.subarray(0, 4).toString('hex') === '02010030';
}

/** Bytes behind tag and length, of a definite or an indefinite length; null if there are none. */
function contentOf(bytes: Buffer): Buffer | null {
  const first = bytes[1];
  if (first === undefined) return null;
  const start = first > 0x80 ? 2 + (first & 0x7f) : 2;
  return start < bytes.length ? bytes.subarray(start) : null;
}

/** Length of the whole value by its header; 0 for an indefinite or oversized length. */
function lengthOf(bytes: Buffer): number {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  return count === 0 || count > 4 || bytes.length < 2 + count ? 0 : 2 + count + bytes.readUIntBE(2, count);
}

const ONE_FILE = 'Give the path of one file: a certificate as DER, or PEM with one or more.';

const WRITE_FILE = 'Write it to a file and give its path. Apple Root CA - G3 is built in and needs no --root.';

/**
 * A whole message for a path that could not be opened, with the code of its system error. A path that is the text of a certificate or key,
 * as a variable of a CI often holds it, is not printed.
 */
export function recogniseWrongPath(file: string, code: string): WrongRoot {
  if (/-----BEGIN|(?:^|[\\/])MI[A-Za-z0-9+/\s]{100,}/.test(file))
    return { what: 'the root is the text of a certificate or key where a path belongs', hint: WRITE_FILE };
  if (/(?:^|[\\/])https?:[\\/]/.test(file))
    return { what: 'the root is a URL where a path belongs', hint: `Download it first. ${USE_CERTIFICATE}` };
  if (code === 'EISDIR') return { what: `the root ${file} is a directory`, hint: ONE_FILE };
  if (code === 'NO_FILE') return { what: `the root ${file} is a device or socket, not a file`, hint: ONE_FILE };
  if (code === 'TOO_LARGE') return { what: `the root ${file} has more than 1 MiB`, hint: ONE_FILE };
  if (code === 'ENOENT') return { what: `the root ${file} does not exist`, hint: ONE_FILE };
  return { what: `the root ${file} cannot be read (${code})`, hint: ONE_FILE };
}

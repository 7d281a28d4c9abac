/** Content given instead of a private key, described without quoting any of it. */
export interface Lookalike {
  /** As the end of "contains …": `a certificate, not a private key`. */
  readonly name: string;
  /** Next step; omitted if it is to use the .p8 file. */
  readonly hint?: string;
}

/** Pattern for content given instead of a key, tested on trimmed text; the first match applies. */
interface Sign extends Lookalike {
  readonly sign: RegExp;
}

const NO_PASSPHRASE = "Apple's keys have no passphrase. Remove it: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.p8";

const PEMS: readonly Sign[] = [
  { sign: /BEGIN ENCRYPTED PRIVATE KEY/, name: 'an encrypted key', hint: NO_PASSPHRASE },
  { sign: /PRIVATE KEY-[\s\S]{0,80}Proc-Type: 4,ENCRYPTED/, name: 'an encrypted key', hint: NO_PASSPHRASE },
  { sign: /BEGIN (?:[A-Z]+ )?PUBLIC KEY/, name: 'a public key; the private key is required' },
  {
    sign: /BEGIN (?:NEW )?CERTIFICATE REQUEST/,
    name: 'a certificate signing request, not a private key',
  },
  { sign: /BEGIN (?:[A-Z0-9]+ )?CERTIFICATE/, name: 'a certificate, not a private key' },
  { sign: /BEGIN RSA PRIVATE KEY/, name: "an RSA key; Apple's keys are EC keys on the curve P-256" },
  { sign: /BEGIN DSA PRIVATE KEY/, name: "a DSA key; Apple's keys are EC keys on the curve P-256" },
  {
    sign: /BEGIN OPENSSH PRIVATE KEY|^PuTTY-User-Key-File|^(?:ssh-|ecdsa-sha2-)\S+ AAAA/,
    name: 'an SSH key',
  },
  { sign: /BEGIN PGP /, name: 'a PGP key' },
  { sign: /BEGIN (?:PKCS7|CMS)/, name: 'signed data (PKCS#7), not a private key' },
];

const NOT_EXPANDED = 'Check the quotes around the value: a shell expands nothing between single quotes.';

const TEXTS: readonly Sign[] = [
  { sign: /^\$[({\w]|^\{\{/, name: 'an expression that was not replaced by its value', hint: NOT_EXPANDED },
  { sign: /^\*+$/, name: 'asterisks only: a masked value was copied' },
  { sign: /^<(?:!doctype|html|\?xml)/i, name: 'a page or XML file, not a private key' },
  {
    sign: /^\{[\s\S]*"private_key"\s*:/,
    name: 'the JSON key of a Google service account, which Apple does not know',
  },
  {
    sign: /^\{[\s\S]*"key"\s*:/,
    name: 'JSON with a key inside it, as fastlane uses',
    hint: 'Set the value of its "key" alone, and its key_id and issuer_id in their own settings.',
  },
  { sign: /^[{[]/, name: 'JSON, not a private key' },
  { sign: /^https?:\/\//i, name: 'a URL, not a private key' },
];

/** Single words: ids and secrets that belong in other settings. `{api}` is replaced by the API of the key. */
const WORDS: readonly Sign[] = [
  {
    sign: /^[0-9a-f]{32}$/i,
    name: 'looks like the shared secret of verifyReceipt; {api} needs a .p8 key',
    hint: 'The shared secret is not used by this API. The .p8 key is made in App Store Connect: Users and Access, Integrations.',
  },
  {
    sign: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    name: 'looks like an issuer id, which belongs in the issuer id setting; {api} needs a .p8 key',
  },
  {
    sign: /^(?:Bearer )?eyJ[\w-]+\.[\w-]+\.[\w-]*$/,
    name: 'looks like a JWT, which is made from the key; {api} needs the .p8 key itself',
  },
  {
    sign: /^(?=.*[A-Z])[A-Z0-9]{10}$/,
    name: 'looks like a key id, which belongs in the key id setting; {api} needs the .p8 key itself',
  },
  { sign: /^\d{6,19}$/, name: 'looks like an app Apple ID; {api} needs a .p8 key' },
  { sign: /^(?:com|org|net|io|app|de)(?:\.[\w-]+)+$/i, name: 'looks like a bundle id; {api} needs a .p8 key' },
  {
    sign: /^[a-z]{4}(?:-[a-z]{4}){3}$/,
    name: 'looks like an app-specific password; {api} needs a .p8 key',
  },
];

/** Recognises text that is not a private key; the name follows "contains". Null if nothing is recognised. */
export function otherContent(text: string): Lookalike | null {
  return find([...PEMS, ...TEXTS], text) ?? pemOfAnotherType(text) ?? otherDer(derOf(text));
}

/** Recognises a single word; the name begins with `looks like`. Null if nothing is recognised. `api` is the API that needs the key. */
export function otherWord(text: string, api: string): Lookalike | null {
  const found = find(WORDS, text);
  return found === null ? null : { ...found, name: found.name.replace('{api}', api) };
}

function find(signs: readonly Sign[], text: string): Lookalike | null {
  const found = signs.find(({ sign }) => sign.test(text));
  if (found === undefined) return null;
  const { name, hint } = found;
  return { name, ...(hint !== undefined && { hint }) };
}

function pemOfAnotherType(text: string): Lookalike | null {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  return label === undefined || /^(?:EC )?PRIVATE KEY$/.test(label) ? null : { name: `a PEM block of type ${label}` };
}

function derOf(text: string): Buffer {
  const base64 = text.replace(/\s+/g, '');
  return /^M[A-Za-z0-9+/_-]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
}

/** Object identifiers and structures near the start of a DER file, as hexadecimal. Source: RFC 7292, RFC 5652, RFC 5280, RFC 5480. */
const DERS: readonly Sign[] = [
  {
    sign: /^30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}020103/,
    name: 'a .p12 file, which holds a certificate and its key',
  },
  {
    sign: /^30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}06092a864886f70d010702/,
    name: 'signed data (PKCS#7), such as a .mobileprovision file or an app receipt',
  },
  {
    sign: /^30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}a003020102/,
    name: 'a certificate, not a private key',
  },
  { sign: /^3059301306072a8648ce3d0201/, name: 'a public key; the private key is required' },
  {
    sign: /^30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}301c06092a864886f70d01050d|^30(?:8[0-4])?(?:[0-9a-f]{2}){0,4}30[0-9a-f]{2}06092a864886f70d0105/,
    name: 'an encrypted key',
    hint: NO_PASSPHRASE,
  },
];

/** Recognises DER that is not an unencrypted private key; null if nothing is recognised. */
export function otherDer(der: Buffer): Lookalike | null {
  return find(DERS, der.subarray(0, 64).toString('hex'));
}

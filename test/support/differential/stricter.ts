import type { Judged } from './verdicts.js';

/** A kind of payload that we refuse although Apple's library accepts it, outer token and every nested one. */
export interface Stricter {
  readonly name: string;
  /** Why it is right to refuse it. */
  readonly why: string;
  /** What our first failed check reads like: its id, what it expected, what it found. */
  readonly refusal: RegExp;
}

/** Each case that we alone refuse is explained by exactly one row, and each row by some case. */
export const STRICTER: readonly Stricter[] = [
  {
    name: 'kinds',
    why: 'Whoever uses an app holds genuine tokens of it, and the models of the library demand next to nothing: any other kind passes for the one asked for.',
    refusal: /^payload\.kind: /,
  },
  {
    name: 'alg',
    why: 'Apple signs with ES256 alone; the library takes whatever fits the key of the leaf (ES384, ES512, RS256).',
    refusal: /^jws\.alg: ES256 \|/,
  },
  {
    name: 'crit',
    why: 'RFC 7515 4.1.11: a token with a critical header field that is not understood must be refused; the library does not look.',
    refusal: /^jws\.alg: .*crit in the header/,
  },
  {
    name: 'canonical base64url',
    why: 'One value has one spelling: unused bits and left-over letters would let one token have many texts.',
    refusal: /^jws\.format: .*(unused bits are set|its length is not a base64url length)/,
  },
  {
    name: 'UTF-8',
    why: 'RFC 7515 wants UTF-8; the library replaces what is none, so that what was signed and what is read differ.',
    refusal: /^(jws\.format|payload\.shape): .*not UTF-8/,
  },
  {
    name: 'nesting',
    why: 'Nothing of Apple nests more than five deep; what nests over 64 was made to exhaust a stack.',
    refusal: /^(jws\.format|payload\.shape): .*nested deeper than/,
  },
  {
    name: 'x5c[2]',
    why: 'The library never looks at the root that was sent. It is not believed here either, but it has to be a certificate.',
    refusal: /^x5c\.readable: .*x5c\[2\]/,
  },
  {
    name: 'standard base64',
    why: 'RFC 7515 4.1.6: standard base64 and nothing else; the library skips what it does not know.',
    refusal: /^x5c\.readable: .*x5c\[[01]\].*not base64/,
  },
  {
    name: 'certificates as strings',
    why: 'The library hands each entry to Buffer.from, which takes lists of bytes as well; RFC 7515 4.1.6 knows strings only.',
    refusal: /^x5c\.readable: .*x5c\[[01]\].*not a string/,
  },
  {
    name: 'one certificate, in DER',
    why: 'Node reads PEM and overlooks what follows the first certificate.',
    refusal: /^x5c\.readable: .*x5c\[[01]\].*(tag 0x2d|trailing bytes)/,
  },
  {
    name: 'times of certificates',
    why: 'A time that cannot be read is NaN to the library, and NaN is never too late.',
    refusal: /^x5c\.readable: .*x5c\[[01]\].*(not a UTC time|not an existing date)/,
  },
  {
    name: 'sound certificates',
    why: 'RFC 5280 and DER leave one way to write a certificate; parsers that differ on the others can be played against each other.',
    refusal:
      /^x5c\.readable: .*x5c\[[01]\](?!.*(not base64|not a string|tag 0x2d|trailing bytes|not a UTC time|not an existing date))/,
  },
  {
    name: 'names as encoded',
    why: 'Names are compared byte by byte; the library compares them as text, in which different encodings look alike.',
    refusal: /^chain\.links: .*issuer name of the/,
  },
  {
    name: 'weak hashes',
    why: 'SHA-1 signatures can be forged; OpenSSL still verifies them when asked directly.',
    refusal: /^chain\.links: .*weak or unknown algorithm/,
  },
  {
    name: 'leaf is a CA',
    why: 'A certificate that signs payloads issues no others (RFC 5280 4.2.1.9); the library looks at the intermediate alone.',
    refusal: /^chain\.ca: .*leaf is itself a certificate authority/,
  },
  {
    name: 'keyUsage of the leaf',
    why: 'A key whose certificate does not allow signatures makes none (RFC 5280 4.2.1.3).',
    refusal: /^chain\.ca: .*leaf may not sign/,
  },
  {
    name: 'unknown critical extension',
    why: 'RFC 5280 4.2: a critical extension that is not understood makes the certificate unusable.',
    refusal: /^chain\.ca: .*unknown critical extension/,
  },
  {
    name: 'the root itself',
    why: 'A root that may not issue certificates, or no authorities below it, vouches for nothing; the library only takes its key and name.',
    refusal: /^chain\.ca: .*the root/,
  },
  {
    name: 'a root that cannot be read',
    why: 'A root given by the user is read as strictly as any certificate, before anything is judged.',
    refusal: /^root: /,
  },
  {
    name: 'critical markers',
    why: "Apple's marker extensions are not critical; its Java library refuses them too where they are.",
    refusal: /^chain\.markers: .*marked critical/,
  },
  {
    name: 'no skew',
    why: "A token's own date was written by the signer's clock, not by ours: the library's 60 seconds each side forgive nothing that happens.",
    refusal: /^chain\.dates: /,
  },
  {
    name: 'dates beyond the calendar',
    why: 'A number that no Date can hold is NaN to the library, and NaN is never too late.',
    refusal: /^payload\.shape: .*: date in milliseconds \| number out of range/,
  },
  {
    name: 'numbers beyond measure',
    why: '1e400 is Infinity to JSON.parse, which cannot be written as JSON again.',
    refusal: /^payload\.shape: .*: number \| number out of range/,
  },
  {
    name: 'newer fields',
    why: 'Documented fields that the models of the library do not have, or never look at.',
    refusal:
      /^payload\.shape: (?!.*: (number|date in milliseconds) \| number out of range)(\S*\.)?(multiSeatInfo|renewalQuantity|previousOriginalTransactionId|additionalTransactionReason|tokenType|tokenExpirationDate|storefrontCountryCodes|receiptType)\b/,
  },
  {
    name: 'objects are objects',
    why: 'The models look for wrong fields, and a number, a string or a list in the place of an object has none.',
    refusal: /^payload\.shape: (?!(\S*\.)?(multiSeatInfo|storefrontCountryCodes)\b)\S+: object \|/,
  },
  {
    name: 'external purchase tokens without an id',
    why: 'The environment of such a token is the prefix of its id; without one the library says Production.',
    refusal: /^app\.environment: .*no environment/,
  },
];

/** Our first failed check as one line for the table: its id, what it expected, what it found. */
export function refusalText({ failure }: Judged): string {
  if (failure === null) return '';
  return `${failure.id}: ${failure.expected ?? ''} | ${failure.found ?? ''} ${failure.detail ?? ''}`;
}

/** Rows that explain why we refuse what Apple accepts: exactly one, if the table is right. */
export function rowsFor(judged: Judged): readonly Stricter[] {
  const text = refusalText(judged);
  return STRICTER.filter((row) => row.refusal.test(text));
}

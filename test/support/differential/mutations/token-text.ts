import type { Base, Bench, Place } from '../bench.js';
import { below, type Case, type Mutation, pick, type Random } from '../case.js';
import { decode, encode, type Parts, partsOf, signParts } from '../token-parts.js';

const PART_NAMES = ['header', 'payload', 'signature'] as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What does not belong into base64url, and what libraries are known to forgive. */
const STRANGE = ['+', '/', '=', ' ', '\n', '\r', '\t', '.', '%', '"', '\0', 'é', '\u200b', '😀'];

/** One character of one part of one token: the signature stays as it was. */
export const tokenCharacters: Mutation = function* (bench, random) {
  for (const base of [...bench.notifications, ...bench.single]) {
    for (const place of base.places) {
      for (const part of [0, 1, 2] as const) {
        const [what, text] = changeCharacter(partsOf(place.token)[part], random);
        yield caseOf(base, place, `${PART_NAMES[part]} ${what}`, replacePart(place.token, part, text).join('.'));
      }
    }
  }
};

/** One byte of what a header or payload says: the token is signed again, so that only its content is judged. */
export const decodedBytes: Mutation = function* (bench, random) {
  for (const base of [...bench.notifications, ...bench.single]) {
    for (const place of base.places) {
      for (const part of [0, 1, 1] as const) {
        const [what, bytes] = changeByte(decode(partsOf(place.token)[part]), random);
        const [header, payload] = replacePart(place.token, part, encode(bytes));
        const name = `${PART_NAMES[part]} ${what}`;
        yield caseOf(base, place, name, signParts(header, payload, bench.chain.leafKey));
      }
    }
  }
};

/** The token as a whole: other spellings of the same bytes, parts cut, empty, doubled or exchanged, white space around it. */
export const tokenForm: Mutation = function* (bench) {
  for (const base of [bench.base('DID_RENEW Sandbox'), bench.base('transaction Production')]) {
    for (const place of base.places) {
      for (const [name, token] of forms(place.token, bench)) yield caseOf(base, place, name, token);
    }
  }
};

function forms(token: string, { chain }: Bench): readonly (readonly [string, string])[] {
  const [header, payload, signature] = partsOf(token);
  const resign = (otherHeader: string, otherPayload: string) => signParts(otherHeader, otherPayload, chain.leafKey);
  const spaced = (text: string) => encode(Buffer.concat([decode(text), Buffer.from(' ')]));
  const spelt = spelledOtherwise(header);
  return [
    ['signature spelt otherwise', [header, payload, nextLetter(signature)].join('.')],
    ['signature padded', `${token}==`],
    ['signature in standard base64', [header, payload, decode(signature).toString('base64')].join('.')],
    ['header spelt otherwise, signed', resign(spelt, payload)],
    ['payload spelt otherwise, signed', resign(header, spelledOtherwise(payload))],
    ['header padded, signed', resign(`${header}=`, payload)],
    ['payload padded, signed', resign(header, `${payload}=`)],
    ['header with one letter too many, signed', resign(`${oneTooMany(header)}`, payload)],
    ['payload with one letter too many, signed', resign(header, oneTooMany(payload))],
    ['header with a space behind, signed', resign(spaced(header), payload)],
    ['payload with a space behind, signed', resign(header, spaced(payload))],
    ['payload with a byte order mark, signed', resign(header, encode(`\ufeff${decode(payload)}`))],
    ['header with a byte order mark, signed', resign(encode(`\ufeff${decode(header)}`), payload)],
    ['payload in UTF-16, signed', resign(header, encode(Buffer.from(decode(payload).toString(), 'utf16le')))],
    ['white space before', ` ${token}`],
    ['a line end behind', `${token}\n`],
    ['a fourth part', `${token}.${signature}`],
    ['a dot behind', `${token}.`],
    ['two parts', `${header}.${payload}`],
    ['no signature', `${header}.${payload}.`],
    ['no header', `.${payload}.${signature}`],
    ['no payload', `${header}..${signature}`],
    ['no payload, signed', resign(header, '')],
    ['header and payload exchanged, signed', resign(payload, header)],
    ['the header twice, signed', resign(header, header)],
    ['nothing', ''],
    ['two dots', '..'],
    ['twice in a row', token + token],
    ['upper case', token.toUpperCase()],
  ];
}

function caseOf(base: Base, place: Place, what: string, token: string): Case {
  const { kind, environment } = base;
  return { name: `${base.name}, ${place.path}: ${what}`, kind, environment, jws: place.put(token) };
}

function replacePart(token: string, part: 0 | 1 | 2, text: string): Parts {
  const parts = [...partsOf(token)] as [string, string, string];
  parts[part] = text;
  return parts;
}

function changeCharacter(text: string, random: Random): readonly [string, string] {
  const at = below(random, text.length);
  const [before, character, after] = [text.slice(0, at), text[at]!, text.slice(at + 1)];
  switch (below(random, 5)) {
    case 0:
      return [`without character ${at}`, before + after];
    case 1:
      return [`with character ${at} doubled`, before + character + character + after];
    case 2: {
      const strange = pick(random, STRANGE);
      return [`with ${JSON.stringify(strange)} at ${at}`, before + strange + after];
    }
    default: {
      const other = pick(
        random,
        [...ALPHABET].filter((letter) => letter !== character),
      );
      return [`with ${other} for ${character} at ${at}`, before + other + after];
    }
  }
}

/** Bytes that mean something in JSON, in numbers, or nothing in UTF-8. */
const TELLING = [...Buffer.from('"\\{}[]:,.-+eE09 \n/u'), 0x00, 0x1f, 0x7f, 0x80, 0xc3, 0xff];

function changeByte(bytes: Buffer, random: Random): readonly [string, Buffer] {
  const at = below(random, bytes.length);
  const was = bytes[at]!;
  const other =
    random() < 0.5
      ? was ^ (1 << below(random, 8))
      : pick(
          random,
          TELLING.filter((byte) => byte !== was),
        );
  const changed = Buffer.from(bytes);
  changed[at] = other;
  return [`byte ${at} 0x${was.toString(16)} to 0x${other.toString(16)}`, changed];
}

/** The same bytes with unused bits of the last letter set; one more space first where the length leaves none unused. */
function spelledOtherwise(part: string): string {
  let bytes = decode(part);
  while (bytes.length % 3 === 0) bytes = Buffer.concat([bytes, Buffer.from(' ')]);
  return nextLetter(encode(bytes));
}

/** A length of 4n + 1 letters, of which the last says nothing. */
function oneTooMany(part: string): string {
  let bytes = decode(part);
  while (bytes.length % 3 !== 0) bytes = Buffer.concat([bytes, Buffer.from(' ')]);
  return `${encode(bytes)}A`;
}

function nextLetter(text: string): string {
  return text.slice(0, -1) + ALPHABET[ALPHABET.indexOf(text.at(-1)!) + 1];
}

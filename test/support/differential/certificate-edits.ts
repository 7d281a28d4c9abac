import type { DerNode } from '../der-tree.js';
import { SIGNED_AT_MS } from '../signing.js';
import {
  type Edit,
  EXTENSION,
  leafNode,
  nameValues,
  type Signed,
  setContent,
  setTime,
  utcTime,
} from './certificate-surgery.js';

const DAY_MS = 86_400_000;

/** The dates of a certificate: too early, too late, and written in ways that RFC 5280 4.1.2.5 does not allow. */
export function dateEdits(): Record<string, Edit> {
  const from =
    (text: string): Edit =>
    ({ notBefore }) =>
      setTime(notBefore, text);
  const until =
    (text: string): Edit =>
    ({ notAfter }) =>
      setTime(notAfter, text);
  return {
    'valid from the day after': from(utcTime(SIGNED_AT_MS + DAY_MS)),
    'valid from 2049': from('490101000000Z'),
    'valid from 1950': from('500101000000Z'),
    'valid from 1949': from('19491231235959Z'),
    'valid from 2020, as GeneralizedTime': from('20200101000000Z'),
    'valid from a time without seconds': from('2001010000Z'),
    'valid from a time with an offset': from('200101000000+0000'),
    'valid from a time with fractions': from('20200101000000.5Z'),
    'valid from a day that does not exist': from('200230000000Z'),
    'valid from hour 24': from('200101240000Z'),
    'valid from a 60th second': from('161231235960Z'),
    'valid from nothing': from(''),
    'valid from words': from('once upon a time'),
    'valid until the day before': until(utcTime(SIGNED_AT_MS - DAY_MS)),
    'valid until 2020': until('200601000000Z'),
    'valid until 1999': until('991231235959Z'),
    'valid until 9999': until('99991231235959Z'),
    'valid until a time without seconds': until('4901010000Z'),
    'valid until a time without Z': until('490101000000'),
    'valid until a day that does not exist': until('490230000000Z'),
    'valid until words': until('for ever and ever'),
    'dates exchanged': ({ validity }) => void validity.children!.reverse(),
    'no dates': ({ validity }) => void validity.children!.splice(0),
    'three dates': ({ validity, notAfter }) => void validity.children!.push(structuredClone(notAfter)),
  };
}

const TAG_PRINTABLE = 0x13;
const TAG_BMP = 0x1e;

/** What may be done to a Name, of the issuer or of the subject. */
const NAME_CHANGES: Readonly<Record<string, (name: DerNode) => void>> = {
  'another common name': (name) => setContent(nameValues(name)[0]!, Buffer.from('Somebody else')),
  'in capitals': (name) => setTexts(name, (text) => Buffer.from(text.toUpperCase())),
  'in PrintableString': (name) => setTexts(name, (text) => Buffer.from(text), TAG_PRINTABLE),
  'in BMPString': (name) => setTexts(name, (text) => Buffer.from(text, 'utf16le').swap16(), TAG_BMP),
  'with a space behind': (name) => append(nameValues(name)[0]!, ' '),
  'with a zero byte': (name) => append(nameValues(name)[0]!, '\0'),
  'in reverse order': (name) => void name.children!.reverse(),
  'with one part fewer': (name) => void name.children!.pop(),
  'with one part twice': (name) => void name.children!.push(structuredClone(name.children![0]!)),
  'with all parts in one set': intoOneSet,
  'with line ends in one value': withLineEnds,
  empty: (name) => void name.children!.splice(0),
};

export function nameEdits(): Record<string, Edit> {
  return Object.fromEntries(
    Object.entries(NAME_CHANGES).flatMap(([what, change]) => [
      [`issuer ${what}`, ({ issuer }: Signed) => change(issuer)],
      [`subject ${what}`, ({ subject }: Signed) => change(subject)],
    ]),
  );
}

function setTexts(name: DerNode, write: (text: string) => Uint8Array, tag?: number): void {
  for (const value of nameValues(name)) {
    setContent(value, write(Buffer.from(value.content).toString()));
    value.tag = tag ?? value.tag;
  }
}

function append(value: DerNode, text: string): void {
  setContent(value, Buffer.concat([value.content, Buffer.from(text)]));
}

function intoOneSet(name: DerNode): void {
  const attributes = name.children!.flatMap((part) => part.children!);
  name.children!.splice(0, Infinity, { ...name.children![0]!, children: attributes });
}

/** One attribute whose value reads like the whole name where names are compared as lines of text. */
function withLineEnds(name: DerNode): void {
  const [first, ...rest] = nameValues(name).map((value) => Buffer.from(value.content).toString());
  nameValues(name)[0]!.content = Buffer.from(
    `${first}\n${rest.map((value, at) => `${['OU', 'O'][at]}=${value}`).join('\n')}`,
  );
  name.children!.splice(1);
}

/** Version, serial number, algorithm, key, and what stands beside them. */
export function fieldEdits(): Record<string, Edit> {
  const serial =
    (...bytes: number[]): Edit =>
    (signed) =>
      setContent(signed.serial, Buffer.from(bytes));
  const version =
    (number: number): Edit =>
    (signed) =>
      setContent(signed.version.children![0]!, Buffer.of(number));
  return {
    'serial 1': serial(1),
    'serial 0': serial(0),
    'serial -1': serial(0xff),
    'serial with a needless zero': serial(0, 1),
    'serial of 30 bytes': serial(...Array.from({ length: 30 }, () => 0x55)),
    'serial of no bytes': serial(),
    'version 1': version(0),
    'version 2': version(1),
    'version 4': version(3),
    'no version': ({ parts }) => void parts.shift(),
    'an issuer unique id': ({ parts }) => void parts.splice(-1, 0, leafNode(0x81, Buffer.of(0, 1))),
    'a part that does not belong there': ({ parts }) => void parts.push(leafNode(0x05, Buffer.alloc(0))),
    'no extensions': ({ parts }) => void parts.pop(),
    'extensions empty': ({ extensions }) => void extensions.splice(0),
    'extensions in reverse': ({ extensions }) => void extensions.reverse(),
    'a parameter of the algorithm': ({ algorithm }) => void algorithm.children!.push(leafNode(0x05, Buffer.alloc(0))),
    'a key cut short': ({ key }) => setContent(key.children![1]!, key.children![1]!.content.subarray(0, -1)),
    'a key off its curve': ({ key }) =>
      setContent(key.children![1]!, Buffer.from(key.children![1]!.content).fill(7, 5, 9)),
    'a key of an unknown curve': ({ key }) => setContent(key.children![0]!.children![1]!, EXTENSION.unknown),
    'a key of an unknown kind': ({ key }) => setContent(key.children![0]!.children![0]!, EXTENSION.unknown),
    'a key with unused bits': ({ key }) =>
      setContent(key.children![1]!, Buffer.from(key.children![1]!.content).fill(1, 0, 1)),
  };
}

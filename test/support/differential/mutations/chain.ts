import type { Bench } from '../bench.js';
import type { Mutation } from '../case.js';
import { encode, headerWith, partsOf, signParts } from '../token-parts.js';

/** Order and number of the certificates, and what stands in their place; the leaf key signs the token. */
export const chains: Mutation = function* (bench) {
  const { base, chain } = bench;
  for (const { kind, environment, places } of [base('transaction Sandbox'), base('RESCIND_CONSENT Production')]) {
    const place = places.at(-1)!;
    for (const [name, x5c] of [...arrangements(bench), ...spellings(bench), ...others(bench)]) {
      const jws = place.put(signParts(encode(headerWith(x5c)), partsOf(place.token)[1], chain.leafKey));
      yield { name: `${place.path}: x5c ${name}`, kind, environment, jws };
    }
  }
};

type Named = readonly (readonly [string, unknown])[];

/** Every row of three out of leaf, intermediate and root, and rows of other lengths. */
function arrangements({ chain: { x5c }, foreign }: Bench): Named {
  const names = ['leaf', 'intermediate', 'root'] as const;
  const threes = names.flatMap((_a, a) => names.flatMap((_b, b) => names.map((_c, c): readonly number[] => [a, b, c])));
  const rows = [
    [],
    [0],
    [1],
    [2],
    [0, 1],
    [1, 0],
    [0, 2],
    ...threes,
    [0, 1, 2, 2],
    [0, 1, 1, 2],
    [0, 0, 1, 2],
    [0, 1, 2, 0, 1],
  ];
  const [leaf, intermediate, root] = x5c;
  return [
    ...rows.map(
      (row) => [`of ${row.map((at) => names[at]).join(', ') || 'nothing'}`, row.map((at) => x5c[at as 0])] as const,
    ),
    ['with a foreign root', [leaf, intermediate, foreign.x5c[2]]],
    ['with a foreign intermediate', [leaf, foreign.x5c[1], root]],
    ['with a foreign leaf', [foreign.x5c[0], intermediate, root]],
    ['all foreign', foreign.x5c],
    ['all foreign but the root', [foreign.x5c[0], foreign.x5c[1], root]],
    ['with a foreign leaf in front', [foreign.x5c[0], ...x5c]],
  ];
}

/** The same certificates, one of them written otherwise. */
function spellings({ chain: { x5c } }: Bench): Named {
  return ([0, 1, 2] as const).flatMap((position) => {
    const text = x5c[position];
    const der = Buffer.from(text, 'base64');
    const pem = `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
    const written: Named = [
      ['in base64url', der.toString('base64url')],
      ['without padding', text.replace(/=+$/, '')],
      ['with padding too much', `${text}=`],
      ['with a line end behind', `${text}\n`],
      ['with a space before', ` ${text}`],
      ['in lines', text.replace(/.{64}/g, '$&\n')],
      ['with a stray character', `${text.slice(0, 20)}*${text.slice(20)}`],
      ['as PEM', pem],
      ['as base64 of PEM', Buffer.from(pem).toString('base64')],
      ['in hex', der.toString('hex')],
      ['with a byte behind', Buffer.concat([der, Buffer.of(0)]).toString('base64')],
      ['with another certificate behind', Buffer.concat([der, Buffer.from(x5c[2], 'base64')]).toString('base64')],
      ['without its last byte', der.subarray(0, -1).toString('base64')],
      ['as a list of bytes', [...der]],
      ['as a Buffer in JSON', der.toJSON()],
      ['in a list', [text]],
      ['empty', ''],
      ['null', null],
      ['a number', 5],
      ['true', true],
      ['an object', {}],
      ['words', 'not a certificate'],
    ];
    return written.map(([what, value]) => [`[${position}] ${what}`, x5c.with(position, value as string)] as const);
  });
}

/** No list of certificates. */
function others({ chain: { x5c } }: Bench): Named {
  return [
    ['missing', undefined],
    ['null', null],
    ['false', false],
    ['a number', 3],
    ['a string', x5c[0]],
    ['a string of three letters', 'abc'],
    ['an object', { ...x5c }],
    ['an object with a length', { ...x5c, length: 3 }],
    ['a list in a list', [x5c]],
    ['joined', [x5c.join(''), x5c[1], x5c[2]]],
  ];
}

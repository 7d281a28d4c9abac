import type { Json, JsonObject } from '../../../../src/jws/json.js';
import { signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import { SIGNED_AT_MS } from '../../signing.js';
import type { Mutation } from '../case.js';
import { textCase } from '../payload-text.js';

/** The good payload as other JSON text, or as none; fields nobody documents, fields twice. */
export const payloadTexts: Mutation = function* (bench) {
  for (const base of [
    bench.base('DID_RENEW Production'),
    bench.base('RESCIND_CONSENT Sandbox'),
    bench.base('renewalInfo Sandbox'),
  ]) {
    for (const place of base.places) {
      for (const [what, text] of texts(place.payload)) yield textCase(bench, base, place, what, text);
    }
  }
};

/** A payload of every kind where each kind belongs, and payloads that have the fields of two. */
export const kindConfusion: Mutation = function* (bench) {
  const bases = [
    bench.base('DID_RENEW Sandbox'),
    bench.base('TEST Sandbox'),
    ...bench.single.filter((one) => one.environment === 'Sandbox'),
  ];
  for (const place of bases) {
    for (const guest of bases) {
      const { environment, kind } = place;
      const name = (what: string) => `${what} where a ${place.name} belongs`;
      yield { name: name(guest.name), kind, environment, jws: guest.places[0].token };
      const both = { ...guest.places[0].payload, ...place.places[0].payload };
      yield { name: name(`${guest.name}, with its fields`), kind, environment, jws: signPayload(both, bench.chain) };
      const under = { ...place.places[0].payload, ...guest.places[0].payload };
      yield { name: name(`${guest.name}, over its fields`), kind, environment, jws: signPayload(under, bench.chain) };
    }
  }
};

function texts(payload: JsonObject): readonly (readonly [string, string])[] {
  const text = JSON.stringify(payload);
  const open = text.slice(0, -1);
  const other: Json = 'com.example.other';
  return [
    ['in lines', JSON.stringify(payload, null, 2)],
    ['with white space around', `\n\t ${text} \r\n`],
    ['in reverse', JSON.stringify(Object.fromEntries(Object.entries(payload).reverse()))],
    ['with a comma too much', `${open},}`],
    ['with a comment', `${open}/* */}`],
    ['in single quotes', text.replaceAll('"', "'")],
    ['cut short', open],
    ['twice', text + text],
    ['with a zero byte behind', `${text}\0`],
    ['with a control character in a string', `${open},"note":"\u0001"}`],
    ['in a list', `[${text}]`],
    ['as a string', JSON.stringify(text)],
    ...['null', 'true', '5', '""', '[]', '{}', '', ' ', 'undefined', 'NaN'].map((raw) => [`= ${raw}`, raw] as const),
    ['nested 64 deep', `${open},"deep":${'['.repeat(63)}${']'.repeat(63)}}`],
    ['nested 65 deep', `${open},"deep":${'['.repeat(64)}${']'.repeat(64)}}`],
    ['nested 5000 deep', `${open},"deep":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['with 200 brackets in a string', `${open},"note":"${'[{'.repeat(100)}"}`],
    ['with a field nobody knows', `${open},"somethingNew":{"a":[1,null,"x"]}}`],
    ['with a number of 40 digits', `${open},"somethingNew":${'9'.repeat(40)}}`],
    ['with 1e400', `${open},"somethingNew":1e400}`],
    ['with half a surrogate', `${open},"somethingNew":"\\ud800"}`],
    ['with __proto__', `${open},"__proto__":{"bundleId":"${other}","environment":"Production"}}`],
    ['with constructor', `${open},"constructor":{"name":"x"},"hasOwnProperty":1,"toString":null}`],
    ['with everything in __proto__', `{"__proto__":${text}}`],
    ['with an empty key', `${open},"":1}`],
    ...claims(open),
    ...doubles(payload, text),
  ];
}

/** The time claims of RFC 7519, which the JWT library under Apple's looks at, in seconds. */
function claims(open: string): readonly (readonly [string, string])[] {
  const seconds = SIGNED_AT_MS / 1000;
  const values = {
    exp: [0, 1, seconds + 4e9, 'soon', null, -1],
    nbf: [0, 1, seconds + 4e9, 'soon', null],
    iat: [seconds + 4e9, 'soon'],
  };
  return Object.entries(values).flatMap(([claim, list]) =>
    list.map((value) => [`with ${claim} ${value}`, `${open},"${claim}":${JSON.stringify(value)}}`] as const),
  );
}

/** Each top-level field twice: JSON's rule of the last one has to be the same on both sides. */
function doubles(payload: JsonObject, text: string): readonly (readonly [string, string])[] {
  return Object.keys(payload).flatMap((name) => [
    [`with ${name} twice, wrong first`, `{${JSON.stringify(name)}:[],${text.slice(1)}`] as const,
    [`with ${name} twice, wrong last`, `${text.slice(0, -1)},${JSON.stringify(name)}:[]}`] as const,
  ]);
}

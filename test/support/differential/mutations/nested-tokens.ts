import type { JsonObject } from '../../../../src/jws/json.js';
import { signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import { type Base, type Bench, EXPIRED_SIGNED_AT_MS, type Place } from '../bench.js';
import type { Mutation } from '../case.js';
import { partsOf } from '../token-parts.js';

/**
 * Each nested token of every notification that has some: taken away, exchanged, or one that belongs elsewhere. There are
 * many notifications alike, so each gets every third replacement; the one with an app transaction gets all.
 */
export const nestedTokens: Mutation = function* (bench) {
  for (const [turn, base] of bench.notifications.entries()) {
    const [outer, ...nested] = base.places;
    for (const place of nested) {
      const isRare = place.kind === 'appTransaction';
      for (const [index, [what, value]] of replacements(bench, base, place).entries()) {
        if (!isRare && (turn + index) % 3 !== 0) continue;
        const jws = signPayload(withValue(outer.payload, place.path, value), bench.chain);
        yield { name: `${base.name}, ${place.path}: ${what}`, kind: base.kind, environment: base.environment, jws };
      }
    }
  }
};

/** Genuine nested tokens in places that Apple's library does not know, and in notifications that carry none. */
export const misplacedTokens: Mutation = function* ({ base, chain, foreign }) {
  const { environment, kind, places } = base('TEST Sandbox');
  const payloads = Object.fromEntries(
    (['transaction', 'renewalInfo', 'appTransaction'] as const).map((name) => [
      name,
      base(`${name} Sandbox`).places[0].payload,
    ]),
  );
  for (const container of ['data', 'appData', 'unclaimInfo', 'somethingNew', 'summary']) {
    for (const [field, payload] of [
      ['signedTransactionInfo', payloads.transaction!],
      ['signedRenewalInfo', payloads.renewalInfo!],
      ['signedAppTransactionInfo', payloads.appTransaction!],
    ] as const) {
      for (const [by, signer] of [
        ['genuine', chain],
        ['foreign', foreign],
      ] as const) {
        const around = (places[0].payload[container] ?? {}) as JsonObject;
        const token = signPayload(payload, signer);
        const jws = signPayload({ ...places[0].payload, [container]: { ...around, [field]: token } }, chain);
        yield { name: `${by} ${container}.${field} in a TEST`, kind, environment, jws };
      }
    }
  }
};

function replacements(bench: Bench, base: Base, place: Place): readonly (readonly [string, unknown])[] {
  const { chain, foreign, expired } = bench;
  const other = base.environment === 'Sandbox' ? 'Production' : 'Sandbox';
  const sign = (changed: JsonObject, signer: Bench['chain'] = chain) =>
    signPayload({ ...place.payload, ...changed }, signer);
  const sibling = base.places.slice(1).find((one) => one !== place);
  const clock = place.kind === 'appTransaction' ? 'receiptCreationDate' : 'signedDate';
  const [header, payload] = partsOf(place.token);
  return [
    ['none', undefined],
    ['empty', ''],
    ['null', null],
    ['a number', 7],
    ['an object', { jws: place.token }],
    ['a list', [place.token]],
    ['its payload, unsigned', place.payload],
    ['no token', 'hello'],
    ['without signature', `${header}.${payload}.`],
    ['the notification itself', base.places[0].token],
    ...(sibling === undefined ? [] : [["its sibling's token", sibling.token] as const]),
    ...bench.single
      .filter((one) => one.environment === base.environment && one.kind !== place.kind)
      .map((one) => [`a genuine ${one.kind}`, one.places[0].token] as const),
    ['of another app', sign({ bundleId: 'com.example.other' })],
    ['of another app Apple ID', sign({ appAppleId: 5 })],
    ['without app', sign({ bundleId: undefined, appAppleId: undefined })],
    ['of the other environment', sign({ environment: other, receiptType: other })],
    ['of no environment', sign({ environment: undefined, receiptType: undefined })],
    ['of the environment Xcode', sign({ environment: 'Xcode', receiptType: 'Xcode' })],
    ['signed by a foreign chain', sign({}, foreign)],
    ['signed by a chain that had expired', sign({}, expired)],
    ['signed when that chain was good', sign({ [clock]: EXPIRED_SIGNED_AT_MS }, expired)],
    ['without its date', sign({ [clock]: undefined })],
    ['without its date, signed by a chain that has expired', sign({ [clock]: undefined }, expired)],
  ];
}

/** `undefined` takes the field away. */
function withValue(payload: JsonObject, path: string, value: unknown): JsonObject {
  const [container = '', field = ''] = path.split('.');
  return { ...payload, [container]: { ...(payload[container] as JsonObject), [field]: value as string } };
}

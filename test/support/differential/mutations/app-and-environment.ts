import type { JsonObject } from '../../../../src/jws/json.js';
import { TEST_APP } from '../../signing.js';
import type { Base, Place } from '../bench.js';
import type { Mutation } from '../case.js';
import { jsonWith, type Path, shown, textCase } from '../payload-text.js';

const { bundleId, appAppleId } = TEST_APP;

const VALUES: Readonly<Record<string, readonly (string | null)[]>> = {
  bundleId: [
    null,
    '""',
    '"com.example.other"',
    `"${bundleId.toUpperCase()}"`,
    `"${bundleId} "`,
    `"${bundleId}\\u0000"`,
    `"${bundleId}.x"`,
    `"\\u0063${bundleId.slice(1)}"`,
    `"${bundleId.replace('e', 'е')}"`,
    `["${bundleId}"]`,
    '"*"',
    '"toString"',
  ],
  appAppleId: [
    null,
    '0',
    `${appAppleId + 1}`,
    `-${appAppleId}`,
    `"${appAppleId}"`,
    `${appAppleId}.0`,
    `${appAppleId}e0`,
    '1.23456789E9',
    '12345678900e-1',
    `${appAppleId}.5`,
    `${appAppleId}.00000000001`,
    `${appAppleId}000000000000`,
    '1e400',
    `[${appAppleId}]`,
  ],
  environment: [
    null,
    '""',
    '"sandbox"',
    '"SANDBOX"',
    '"production"',
    '"Sandbox "',
    '"Xcode"',
    '"LocalTesting"',
    '"Staging"',
    '"\\u0053andbox"',
    '"\\u0050roduction"',
    '"Sandbox"',
    '"Production"',
    '["Sandbox"]',
    '["Production"]',
  ],
  externalPurchaseId: [
    null,
    '""',
    '"SANDBOX"',
    '"SANDBOX_1"',
    '"sandbox_1"',
    '" SANDBOX_1"',
    '"1"',
    '"\\u0053ANDBOX_1"',
    '"SANDBO"',
    '["SANDBOX_1"]',
  ],
};
const SAME_VALUES: Readonly<Record<string, string>> = { receiptType: 'environment' };

/** What names the app and the environment, in every container and kind: missing, another, misspelt, spelt in another way. */
export const appAndEnvironment: Mutation = function* (bench) {
  for (const base of appBases(bench.base)) {
    for (const place of base.places) {
      for (const path of placesOfApp(place.payload)) {
        const name = String(path.at(-1));
        for (const raw of VALUES[SAME_VALUES[name] ?? name] ?? []) {
          const text = jsonWith(place.payload, path, raw);
          yield textCase(bench, base, place, `${path.join('.')} = ${shown(raw)}`, text);
        }
      }
    }
  }
};

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'] as const;

/** Which object names the app: the first of four that is there, whatever the others say. */
export const containers: Mutation = function* (bench) {
  const right = (environment: string) => ({
    ...TEST_APP,
    environment,
    externalPurchaseId: environment === 'Sandbox' ? 'SANDBOX_1' : '1',
  });
  for (const base of [bench.base('TEST Sandbox'), bench.base('TEST Production')]) {
    const place = base.places[0];
    const { data: _, ...rest } = place.payload;
    const [good, bad] = [right(base.environment), { ...right(base.environment), bundleId: 'com.example.other' }];
    const write = (what: string, fields: object) =>
      textCase(bench, base, place, what, JSON.stringify({ ...rest, ...fields }));
    yield write('no container', {});
    for (const first of CONTAINERS) {
      yield write(`${first} alone`, { [first]: good });
      yield write(`${first} empty`, { [first]: {} });
      for (const value of [null, false, 0, '', [], 'text', 1, true, [good]]) {
        yield write(`${first} = ${JSON.stringify(value)}`, { [first]: value });
      }
      for (const second of [...CONTAINERS, 'unclaimInfo', 'somethingNew'].filter((name) => name !== first)) {
        yield write(`${first} right, ${second} wrong`, { [first]: good, [second]: bad });
        yield write(`${second} wrong before ${first} right`, { [second]: bad, [first]: good });
        yield write(`${first} empty, ${second} right`, { [first]: {}, [second]: good });
        yield write(`${first} a list, ${second} right`, { [first]: [], [second]: good });
      }
    }
    for (const name of ['unclaimInfo', 'somethingNew']) {
      yield write(`${name} right`, { [name]: good });
      yield write(`${name} wrong`, { [name]: bad });
      yield write(`${name} right, another with an environment`, { [name]: good, more: { environment: 'Xcode' } });
      yield write(`${name} right, another without an app`, { [name]: good, more: { note: 'x' } });
    }
    yield write('unclaimInfo right, somethingNew wrong', { unclaimInfo: good, somethingNew: bad });
    yield write('somethingNew wrong, unclaimInfo right', { somethingNew: bad, unclaimInfo: good });
    yield write('unclaimInfo and somethingNew right', { unclaimInfo: good, somethingNew: good });
    yield write('the app at the top level', good);
  }
};

function appBases(base: (name: string) => Base): readonly Base[] {
  const names = [
    'DID_RENEW',
    'RENEWAL_EXTENSION.SUMMARY',
    'EXTERNAL_PURCHASE_TOKEN.UNREPORTED',
    'RESCIND_CONSENT',
    'transaction',
    'renewalInfo',
    'appTransaction',
    'realtimeRequest',
  ];
  return names.flatMap((name) => [base(`${name} Sandbox`), base(`${name} Production`)]);
}

function placesOfApp(payload: Place['payload']): Path[] {
  const within = (object: JsonObject, above: Path): Path[] =>
    Object.entries(object).flatMap(([name, value]) => {
      if (name in VALUES || name in SAME_VALUES) return [[...above, name]];
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? within(value as JsonObject, [...above, name])
        : [];
    });
  return within(payload, []);
}

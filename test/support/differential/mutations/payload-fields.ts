import type { JsonObject } from '../../../../src/jws/json.js';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';
import { type Changeable, fullObject, pathsIn, pathText } from '../../full-payloads.js';
import { SIGNED_AT_MS, TEST_APP } from '../../signing.js';
import { type Base, type Bench, baseOf } from '../bench.js';
import { below, type JudgedKind, type Mutation, pick } from '../case.js';
import { jsonWith, shown, textCase } from '../payload-text.js';

/** One value of each JSON type, the first of each what is most often right; null takes the field away. */
const EACH_TYPE = [null, 'null', '"text"', '1', 'true', '{}', '[]'];
const ODD = [
  '""',
  '0',
  '-1',
  '1.5',
  '13',
  '1e400',
  '-1e400',
  '1e15',
  '12345678901234567890',
  '8640000000000001',
  'false',
  '[null]',
  '[1]',
  '["x"]',
  '[{}]',
  '[[]]',
  '{"a":1}',
  '"1"',
  '"true"',
  '"\\ud800"',
  '"\\u0000"',
  `"${'x'.repeat(46)}"`,
  `"${'x'.repeat(200)}"`,
];

/** Every documented field of every kind: taken away, of every other JSON type, and with values that lie at some edge. */
export const documentedFields: Mutation = function* (bench, random) {
  for (const base of fullBases(bench)) {
    const [outer, ...nested] = base.places;
    for (const path of pathsIn(outer.payload)) {
      for (const raw of [...EACH_TYPE, pick(random, ODD), pick(random, ODD), pick(random, ODD)]) {
        yield textCase(bench, base, outer, `${pathText(path)} = ${shown(raw)}`, jsonWith(outer.payload, path, raw));
      }
    }
    for (const place of nested) {
      const paths = pathsIn(place.payload);
      for (let count = 0; count < 25; count++) {
        const [path, raw] = [paths[below(random, paths.length)]!, pick(random, [...EACH_TYPE, ...ODD])];
        yield textCase(bench, base, place, `${pathText(path)} = ${shown(raw)}`, jsonWith(place.payload, path, raw));
      }
    }
  }
};

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'] as const;

/** Payloads that have every documented field: notifications by container, and the other kinds. */
function fullBases(bench: Bench): Base[] {
  const turn = ['Sandbox', 'Production'] as const;
  const notifications = CONTAINERS.map((container, at) => fullNotification(bench, container, turn[at % 2]!));
  const kinds = ['transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest'] as const;
  const others = kinds.map((kind, at) => full(bench, kind, fullPayload(kind, turn[at % 2]!), turn[at % 2]!));
  return [...notifications, ...others];
}

function full({ chain }: Bench, kind: JudgedKind, payload: JsonObject, environment: AppEnvironment): Base {
  return baseOf(`full ${kind} ${environment}`, kind, environment, payload, chain);
}

const NESTED = {
  signedTransactionInfo: 'transaction',
  signedRenewalInfo: 'renewalInfo',
  signedAppTransactionInfo: 'appTransaction',
} as const;

function fullNotification(bench: Bench, container: (typeof CONTAINERS)[number], environment: AppEnvironment): Base {
  const { notificationType, subtype, notificationUUID, version, ...all } = fullObject('notification');
  const fields = { ...(all[container] as Changeable), ...appFields(environment) };
  for (const [slot, kind] of Object.entries(NESTED)) {
    if (slot in fields) fields[slot] = full(bench, kind, fullPayload(kind, environment), environment).places[0].token;
  }
  if (container === 'externalPurchaseToken') {
    delete fields.environment;
    fields.externalPurchaseId = environment === 'Sandbox' ? 'SANDBOX_1' : '1';
  }
  const payload = {
    notificationType,
    subtype,
    notificationUUID,
    version,
    signedDate: SIGNED_AT_MS,
    [container]: fields,
  };
  return full(bench, 'notification', payload as JsonObject, environment);
}

function fullPayload(kind: JudgedKind, environment: AppEnvironment): JsonObject {
  const fields = fullObject(kind);
  const right = {
    ...appFields(environment),
    receiptType: environment,
    signedDate: SIGNED_AT_MS,
    receiptCreationDate: SIGNED_AT_MS,
  };
  const known = Object.entries(right).filter(([name]) => name in fields);
  return { ...fields, ...Object.fromEntries(known) } as JsonObject;
}

function appFields(environment: AppEnvironment): Changeable {
  return { ...TEST_APP, environment };
}

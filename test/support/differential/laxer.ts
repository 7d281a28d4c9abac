import { decodedPayload } from './bench.js';
import { appleRefuses, type Judged } from './verdicts.js';

/** What our contract accepts although Apple's library refuses it: the only such cases there may be. */
export interface Laxer {
  readonly name: string;
  readonly why: string;
  readonly covers: (judged: Judged) => boolean;
}

const CONTAINERS = ['data', 'summary', 'externalPurchaseToken', 'appData'];
const CLOCKS = ['signedDate', 'receiptCreationDate'];

export const LAXER: readonly Laxer[] = [
  {
    name: 'newer containers',
    why: 'Version 2.23 brought unclaimInfo, which release 3.1.0 of the library does not know: it finds no app and refuses. A container newer than we are is judged by the app it names, if it is the only one.',
    covers: ({ case: { kind, jws }, apple }) =>
      kind === 'notification' &&
      apple.outer === 'INVALID_APP_IDENTIFIER' &&
      !hasAny(decodedPayload(jws), CONTAINERS) &&
      countApps(decodedPayload(jws)) === 1 &&
      Object.values(apple.nested).every((status) => status === 'OK'),
  },
  {
    name: 'nested tokens without a date',
    why: 'They are judged at the moment of the token around them, which the same signer signed; the library, which is never told of it, judges them now.',
    covers: ({ case: { jws }, apple }) =>
      apple.outer === 'OK' &&
      Object.entries(apple.nested).every(
        ([path, status]) =>
          status === 'OK' || (status === 'INVALID_CERTIFICATE' && !hasAny(nestedPayload(jws, path), CLOCKS)),
      ),
  },
];

/** The row of the contract that explains why we accept what Apple refuses; null for a bug. */
export function laxerRow(judged: Judged): Laxer | null {
  return appleRefuses(judged) ? (LAXER.find((row) => row.covers(judged)) ?? null) : null;
}

function hasAny(payload: unknown, names: readonly string[]): boolean {
  return typeof payload === 'object' && payload !== null && names.some((name) => name in payload);
}

/** Top-level objects that name an app or an environment. */
function countApps(payload: unknown): number {
  return Object.values(payload ?? {}).filter((value) => hasAny(value, ['bundleId', 'appAppleId', 'environment']))
    .length;
}

function nestedPayload(jws: string, path: string): unknown {
  const [container = '', field = ''] = path.split('.');
  const outer = decodedPayload(jws) as Record<string, Record<string, unknown>>;
  return decodedPayload(String(outer[container]?.[field]));
}

import type { JsonObject } from '../../../../src/jws/json.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import { signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import { type Base, type Bench, EXPIRED_SIGNED_AT_MS } from '../bench.js';
import type { Case, Mutation } from '../case.js';
import { jsonWith, shown } from '../payload-text.js';
import { headerWith, signTexts } from '../token-parts.js';

/** Around the first and the last second of a certificate, in milliseconds; Apple's library forgives 60 seconds each side. */
const AROUND = [
  -3_600_000, -60_001, -60_000, -59_999, -1000, -1, 0, 1, 999, 1000, 59_000, 60_000, 60_001, 60_999, 61_000, 3_600_000,
];
const ODD = [
  null,
  '0',
  '-1',
  '-62135596800001',
  '8640000000000000',
  '8640000000000001',
  '-8640000000000001',
  '1e20',
  '1e400',
  '253402300800000',
  '99999999999999999999',
  'null',
  '""',
  '"now"',
  'true',
  '[]',
  '{}',
];

/** The moment the token says it was signed at, against the dates of the certificates it brings. */
export const moments: Mutation = function* (bench) {
  const { base, chain, expired } = bench;
  for (const one of [base('transaction Sandbox'), base('appTransaction Production'), base('DID_RENEW Production')]) {
    for (const by of [chain, expired]) {
      const bounds = [Date.parse(by.leaf.validFrom), Date.parse(by.leaf.validTo)];
      const around = bounds.flatMap((atMs) => AROUND.map((distance) => String(atMs + distance)));
      for (const raw of [...around, ...spelt(EXPIRED_SIGNED_AT_MS), ...ODD]) yield dated(bench, one, by, raw);
    }
  }
};

/** One moment in other spellings: JSON has many for the same number. */
function spelt(atMs: number): string[] {
  return [
    `${atMs}`,
    `${atMs}.0`,
    `${atMs}.999`,
    `${atMs}e0`,
    `${atMs / 1000}e3`,
    `${atMs}.000000000000000000001`,
    `"${atMs}"`,
    `${atMs / 1000}`,
  ];
}

/** The last token gets the date; where it is a nested one, both tokens are signed by the good chain but it. */
function dated(bench: Bench, base: Base, by: SigningChain, raw: string | null): Case {
  const place = base.places.at(-1)!;
  const clock = place.kind === 'appTransaction' ? 'receiptCreationDate' : 'signedDate';
  const token = signTexts(headerWith(by.x5c), jsonWith(place.payload, [clock], raw), by);
  const name = `${base.name}, ${place.path} by the ${by === bench.chain ? 'good' : 'expired'} chain: ${clock} = ${shown(raw)}`;
  return { name, kind: base.kind, environment: base.environment, jws: place.put(token) };
}

/** The outer date moves, the nested tokens keep theirs. */
export const outerMoments: Mutation = function* ({ base, chain, expired }) {
  for (const { name, kind, environment, places } of [base('DID_RENEW Sandbox'), base('ONE_TIME_CHARGE Production')]) {
    for (const signedDate of [EXPIRED_SIGNED_AT_MS, 0, Date.UTC(2100, 0, 1), undefined]) {
      for (const [by, signer] of [
        ['good', chain],
        ['expired', expired],
      ] as const) {
        const jws = signPayload({ ...places[0].payload, signedDate }, signer);
        yield { name: `${name} by the ${by} chain: outer signedDate = ${signedDate}`, kind, environment, jws };
      }
    }
    const { signedDate: _, ...undated } = places[1]!.payload;
    const data = { ...(places[0].payload.data as JsonObject), signedTransactionInfo: signPayload(undated, expired) };
    const jws = signPayload({ ...places[0].payload, data, signedDate: EXPIRED_SIGNED_AT_MS }, chain);
    yield {
      name: `${name}: nested without a date, by a chain that was good at the outer date`,
      kind,
      environment,
      jws,
    };
  }
};

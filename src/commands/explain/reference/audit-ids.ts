import { AUDIT_FORGERIES } from '../../../audit/forgeries/forgeries.js';
import { INVALID_CONTROLS, OBSERVATION_PROBES, VALID_CONTROLS } from '../../../audit/probes.js';

/** One id in the report of `audit`. */
interface AuditId {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  /** Other spellings: ids of further tokens of the same kind. */
  readonly also?: readonly string[];
}

/** Forgeries with tokens of `--genuine`. They exist for given tokens only, so that their titles are repeated here. */
const GENUINE: readonly (readonly [name: string, title: string])[] = [
  ['other-app', 'a genuine notification of another app'],
  ['transaction', 'a genuine transaction instead of a notification'],
  ['nested', 'a genuine transaction nested in a forged notification'],
  ['tampered-payload', 'a genuine notification, modified'],
  ['wrong-key', "Apple's chain with a signature of another key"],
  ['empty-signature', "Apple's chain with an empty signature"],
  ['zero-signature', "Apple's chain with a signature of 64 zero bytes (r = s = 0)"],
  ['alg-none', "Apple's chain with alg none"],
  ['hs256-public-key', "Apple's chain with alg HS256 and the leaf's public key as the secret"],
];

/** Tokens of one kind are numbered from the second: `genuine.transaction-2`. */
const NUMBERED: ReadonlySet<string> = new Set(['other-app', 'transaction']);

/** Every id in a report of `audit`: controls, forgeries, observations. */
export const AUDIT_IDS: readonly AuditId[] = [
  ...[...INVALID_CONTROLS, ...VALID_CONTROLS].map(({ id, title, kind }) => ({
    id,
    title,
    meaning: `A control of storewire audit: ${kind === 'valid' ? 'an endpoint that trusts the test authority accepts it' : 'every endpoint must reject it'}. The result shows how to read those of the forgeries.`,
  })),
  ...AUDIT_FORGERIES.map(({ id, title, fix }) => ({ id, title, meaning: `A forgery of storewire audit. ${fix}` })),
  ...GENUINE.map(([name, title]) => ({
    id: `genuine.${name}`,
    title,
    meaning:
      'A forgery of storewire audit, made from tokens of --genuine that Apple signed. An endpoint must reject it.',
    also: NUMBERED.has(name) ? [2, 3, 4, 5].map((number) => `genuine.${name}-${number}`) : [],
  })),
  ...OBSERVATION_PROBES.map(({ id, title }) => ({
    id,
    title,
    meaning:
      'An observation of storewire audit: behaviour worth knowing that is no finding. The report says what it means.',
  })),
];

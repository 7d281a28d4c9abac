import { digitsFrom, type Random, uuidFrom } from '../random.js';
import type { App, AppEnvironment } from './app.js';

/** Who buys, and where: what stays the same over all of a customer's purchases in one app. */
export interface Customer {
  readonly appAccountToken: string;
  readonly appTransactionId: string;
  /** ISO 3166 alpha-3. */
  readonly storefront: string;
  readonly storefrontId: string;
  /** ISO 4217. */
  readonly currency: string;
}

export function newCustomer(random: Random): Customer {
  return {
    appAccountToken: uuidFrom(random),
    appTransactionId: `70${digitsFrom(random, 16)}`,
    storefront: 'USA',
    storefrontId: '143441',
    currency: 'USD',
  };
}

/** Transaction ids of payloads seen: 16 digits from 2000000… in Sandbox, 15 digits in Production. */
const ID_PREFIX: Readonly<Record<AppEnvironment, string>> = { Sandbox: '2000000', Production: '510' };
const ID_LENGTH: Readonly<Record<AppEnvironment, number>> = { Sandbox: 16, Production: 15 };
/** Drawn in either environment, so that the other ids of a payload do not hang on it. */
const RANDOM_DIGITS = 12;

export function newTransactionId(app: App, random: Random): string {
  const prefix = ID_PREFIX[app.environment];
  return prefix + digitsFrom(random, RANDOM_DIGITS).slice(0, ID_LENGTH[app.environment] - prefix.length);
}

/** The id of a later transaction of the same customer: ids grow, in uneven steps. */
export function laterId(id: string): string {
  return String(BigInt(id) + 1_000n + (BigInt(id) % 977n));
}

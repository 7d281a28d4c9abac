export interface Unauthenticated {
  readonly host: string;
  readonly environment: 'sandbox' | 'production' | null;
  readonly issuerId: string;
  readonly keyId: string;
  readonly bundleId: string;
  /** 401 or 403. */
  readonly status: number;
  /** How far (ms) this clock is ahead of the server's; null where the answer had no date. */
  readonly clockAheadMs: number | null;
  readonly requestId: string | null;
  /** Why, as our emulator says it and Apple never does. */
  readonly cause: string | null;
}

/** Clocks this far apart are told as the cause: the date of an answer is exact to a second, the network takes some. */
const CLOCK_APART_MS = 60_000;

/**
 * Why credentials were refused, as far as it can be told: Apple's answer does not say. A clock that is wrong shows in the date of the
 * answer; of the rest every possible cause is named with the values in force, so that they can be compared. Source: apple.md 6.4.
 */
export function describeUnauthenticated(facts: Unauthenticated): { code: string; message: string; hint: string } {
  const { host, status, clockAheadMs, requestId, cause } = facts;
  const id = requestId === null ? '' : ` (request id ${requestId})`;
  if (clockAheadMs !== null && Math.abs(clockAheadMs) > CLOCK_APART_MS) {
    const apart = `${describeSpan(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the server's`;
    const message = `${host} did not accept the credentials (${status}): the clock of this machine is ${apart}${id}`;
    return { code: 'ERR_API_CLOCK', message, hint: 'Set the clock: a token counts for five minutes from now.' };
  }
  const why = cause === null ? '' : `: ${cause}`;
  const message = `${host} did not accept the credentials (${status})${why}${id}`;
  return { code: 'ERR_API_UNAUTHENTICATED', message, hint: causes(facts) };
}

function causes({ environment, issuerId, keyId, bundleId }: Unauthenticated): string {
  const common =
    `Check that issuer id ${issuerId} and key id ${keyId} are those of the .p8 file, that the key was not revoked, and that ` +
    `${bundleId} is an app of the same team. It must be an In-App Purchase key (SubscriptionKey_${keyId}.p8): a key for App Store ` +
    'Connect (AuthKey_….p8) does not count here. `storewire config` shows where each value comes from.';
  return environment === 'production' ? `${common} ${BEFORE_RELEASE}` : common;
}

/** Said by Apple's maintainers (app-store-server-library-python #51, -node #37 and #60), not in the documentation. */
const BEFORE_RELEASE =
  'And production answers 401 to everything until the app has had its first release there: if --environment sandbox works ' +
  'with the same key, that is the cause.';

function describeSpan(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minute${minutes === 1 ? '' : 's'}`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

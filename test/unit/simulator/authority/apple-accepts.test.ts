import { NotificationTypeV2, Subtype } from '@apple/app-store-server-library';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority } from '../../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';
import { SIMULATED_EVENTS } from '../../../../src/simulator/payloads/events.js';
import { buildNotification } from '../../../../src/simulator/payloads/notification.js';
import {
  buildAppTransaction,
  buildRealtimeRequest,
  buildRenewalInfo,
  buildTransaction,
} from '../../../../src/simulator/payloads/single.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { APP, appleStatus, appleVerifier } from './apple.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const ENVIRONMENTS: readonly AppEnvironment[] = ['Production', 'Sandbox'];

/** Events that release 3.1.0 of Apple's library does not know, with the status it returns instead of OK. */
const UNKNOWN_TO_APPLES_LIBRARY: Readonly<Record<string, string>> = {
  // Container unclaimInfo (version 2.23): the library finds no bundle id.
  UNCLAIM_SEATS: 'INVALID_APP_IDENTIFIER',
};

let authority: Authority;
let chain: SigningChain;
beforeAll(async () => {
  authority = await createAuthority({ nowMs: NOW_MS });
  chain = await authority.issueChain();
});

const events = SIMULATED_EVENTS.map(({ type, subtype }) => ({
  name: subtype === null ? type : `${type}.${subtype}`,
  type,
  subtype,
}));

describe("Apple's library accepts synthetic payloads", () => {
  it.each(events)('$name in either environment, nested tokens included', async ({ name, type, subtype }) => {
    for (const environment of ENVIRONMENTS) {
      const built = buildNotification({
        ...APP,
        type,
        subtype,
        environment,
        nowMs: NOW_MS,
        random: seededRandom(name),
      });
      const { signedPayload, notification } = signNotification(built, chain);
      const verifier = appleVerifier(authority.root.raw, environment);
      const expected = UNKNOWN_TO_APPLES_LIBRARY[name] ?? 'OK';
      expect(await appleStatus(verifier.verifyAndDecodeNotification(signedPayload)), environment).toBe(expected);
      const { data, appData } = notification as Record<string, Record<string, string> | undefined>;
      const nested = [
        data?.signedTransactionInfo && verifier.verifyAndDecodeTransaction(data.signedTransactionInfo),
        data?.signedRenewalInfo && verifier.verifyAndDecodeRenewalInfo(data.signedRenewalInfo),
        appData?.signedAppTransactionInfo && verifier.verifyAndDecodeAppTransaction(appData.signedAppTransactionInfo),
      ].filter((verification) => verification !== undefined);
      expect(nested).toHaveLength(Object.keys(built).length - 1);
      for (const verification of nested) {
        expect(await appleStatus(Promise.resolve(verification)), environment).toBe('OK');
      }
    }
  });

  it('the events with a type or subtype newer than the release are these', () => {
    const known = new Set<string | null>([null, ...Object.values(NotificationTypeV2), ...Object.values(Subtype)]);
    const newer = events.filter(({ type, subtype }) => !known.has(type) || !known.has(subtype));
    expect(newer.map(({ name }) => name)).toEqual([
      'DID_CHANGE_RENEWAL_PREF.DECREASE_QUANTITY',
      'DID_CHANGE_RENEWAL_PREF.INCREASE_QUANTITY',
      'EXTERNAL_PURCHASE_TOKEN.ACTIVE_TOKEN_REMINDER',
      'EXTERNAL_PURCHASE_TOKEN.CREATED',
      'REFUND.SEATS',
      'UNCLAIM_SEATS',
    ]);
    expect(Object.keys(UNKNOWN_TO_APPLES_LIBRARY).every((name) => newer.some((event) => event.name === name))).toBe(
      true,
    );
  });

  it.each(ENVIRONMENTS)('payloads on their own in %s', async (environment) => {
    const options = { ...APP, environment, nowMs: NOW_MS, random: seededRandom(environment) };
    const verifier = appleVerifier(authority.root.raw, environment);
    const sign = (payload: object) => signPayload(payload, chain);
    const statuses = [
      verifier.verifyAndDecodeTransaction(sign(buildTransaction(options))),
      verifier.verifyAndDecodeTransaction(sign(buildTransaction({ ...options, productType: 'Non-Consumable' }))),
      verifier.verifyAndDecodeRenewalInfo(sign(buildRenewalInfo(options))),
      verifier.verifyAndDecodeAppTransaction(sign(buildAppTransaction(options))),
      verifier.verifyAndDecodeRealtimeRequest(sign(buildRealtimeRequest(options))),
    ].map(appleStatus);
    expect(await Promise.all(statuses)).toEqual(['OK', 'OK', 'OK', 'OK', 'OK']);
  });
});

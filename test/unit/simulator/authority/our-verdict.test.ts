import { beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../../src/index.js';
import { EVENTS } from '../../../../src/notification/catalogue/events.js';
import { REASONS } from '../../../../src/notification/reasons.js';
import type { VerifiedDocument } from '../../../../src/notification/verified-document.js';
import { type Authority, createAuthority } from '../../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import { signNotification, signPayload } from '../../../../src/simulator/authority/sign-payload.js';
import { FORGEABLE_REASONS, type Forgery, forge } from '../../../../src/simulator/forgeries/forge.js';
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
import { APP } from './apple.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const ENVIRONMENTS: readonly AppEnvironment[] = ['Production', 'Sandbox'];

let authority: Authority;
let chain: SigningChain;
beforeAll(async () => {
  authority = await createAuthority({ nowMs: NOW_MS });
  chain = await authority.issueChain();
});

const outcome = ({ kind, verification }: VerifiedDocument) => ({ kind, ...pick(verification) });
const pick = ({ verdict, reason }: VerifiedDocument['verification']) => ({ verdict, reason });
const named = <T extends { type: string; subtype: string | null }>(event: T) => `${event.type}.${event.subtype}`;

describe('built payloads', () => {
  it('cover exactly the events of the catalogue', () => {
    expect(SIMULATED_EVENTS.map(named).sort()).toEqual(EVENTS.map(named).sort());
  });

  it.each(EVENTS)(
    '$type $subtype carries what the catalogue says',
    ({ type, subtype, carries, transaction, renewalInfo }) => {
      const built = buildNotification({ type, subtype, nowMs: NOW_MS, random: seededRandom('x') });
      expect(built.notification).toHaveProperty(carries === 'data without tokens' ? 'data' : carries);
      expect('transaction' in built).toBe(transaction);
      const isSubscription = built.transaction?.type === 'Auto-Renewable Subscription';
      expect('renewalInfo' in built).toBe(renewalInfo === 'subscription only' ? isSubscription : renewalInfo);
    },
  );

  it.each(EVENTS)('$type $subtype is valid in either environment', ({ type, subtype }) => {
    for (const environment of ENVIRONMENTS) {
      const verify = createVerifier({ ...APP, environment, kind: 'notification', roots: [authority.rootPem] });
      const built = buildNotification({ ...APP, type, subtype, environment, nowMs: NOW_MS, random: seededRandom('x') });
      const document = verify(signNotification(built, chain).signedPayload);
      expect(outcome(document), environment).toEqual({ kind: 'notification', verdict: 'valid', reason: null });
      expect(document.tokens).toHaveLength(Object.keys(built).length);
    }
  });

  it.each([
    { kind: 'transaction', build: buildTransaction },
    { kind: 'renewalInfo', build: buildRenewalInfo },
    { kind: 'appTransaction', build: buildAppTransaction },
    { kind: 'realtimeRequest', build: buildRealtimeRequest },
  ])('$kind on its own is valid', ({ kind, build }) => {
    const verify = createVerifier({ ...APP, environment: 'Sandbox', roots: [authority.rootPem] });
    const payload = build({ ...APP, nowMs: NOW_MS, random: seededRandom('x') });
    expect(outcome(verify(signPayload(payload, chain)))).toEqual({ kind, verdict: 'valid', reason: null });
  });

  it('is not trusted without its root', () => {
    const document = createVerifier()(
      signPayload(buildTransaction({ nowMs: NOW_MS, random: seededRandom('x') }), chain),
    );
    expect(document.verification).toMatchObject({ verdict: 'invalid', reason: 'UNTRUSTED_ROOT' });
  });
});

describe('forged payloads', () => {
  const verifyForgery = ({ needs }: Forgery, jws: string) => {
    const { online: _online, ...rules } = needs;
    return createVerifier({ ...rules, roots: [authority.rootPem] })(jws).verification;
  };
  const failed = (verification: VerifiedDocument['verification']) =>
    new Set(verification.checks.filter((check) => check.ok === false).map((check) => check.reason));

  /** Revocation needs a responder, and a version 1 body is not a JWS: other tests cover both. */
  const reasons = FORGEABLE_REASONS.filter(
    (reason) => !REASONS[reason].check.startsWith('revocation') && reason !== 'LEGACY_V1',
  );
  it.each(reasons)('fail for %s only, and are valid without the change', async (reason) => {
    const forgery = await forge(reason, { ...APP, authority, nowMs: NOW_MS, random: seededRandom(reason) });
    expect(pick(verifyForgery(forgery, forgery.good))).toEqual({ verdict: 'valid', reason: null });
    const verification = verifyForgery(forgery, forgery.signedPayload);
    expect(pick(verification)).toEqual({ verdict: reason === 'AMBIGUOUS_APP' ? 'undetermined' : 'invalid', reason });
    expect(failed(verification)).toEqual(new Set([reason]));
  });
});

import { Chalk } from 'chalk';
import type { ListenView } from '../../../src/commands/listen/view/line-model.js';
import type { DeliveryEvent, RefusedEvent, VerifiedEvent } from '../../../src/listener/events.js';
import type { VerifiedBody } from '../../../src/listener/verification/result.js';
import { APPLE_ROOT_NAME } from '../../../src/trust/roots.js';

/** 2026-11-20T12:00:00Z. */
export const AT_MS = 1_795_176_000_000;
export const ID = '1a2b3c4d5e6f7081';

export function view(columns: number, change: Partial<ListenView> = {}): ListenView {
  const plain = new Chalk({ level: 0 });
  return {
    paint: plain,
    columns,
    trustsAuthority: false,
    injectsFaults: false,
    hasTargets: true,
    verbose: false,
    ...change,
  };
}

/** A renewal that Apple signed. */
export function verifiedBody(change: Partial<VerifiedBody> = {}): VerifiedBody {
  return {
    refusal: null,
    verdict: {
      verdict: 'valid',
      reason: null,
      root: APPLE_ROOT_NAME,
      checkedAtMs: AT_MS,
      clock: 'signedDate',
      failed: [],
    },
    facts: {
      type: 'DID_RENEW',
      bundleId: 'com.example.app',
      appAppleId: '1234567890',
      environment: 'Sandbox',
      productId: 'pro.monthly',
      originalTransactionId: '2000000900000001',
      signedAtMs: AT_MS,
      kind: 'notification',
      uuid: '00000000-0000-4000-8000-000000000001',
    },
    synthetic: false,
    title: 'Subscription renewed',
    meaning: 'The subscription renewed successfully: a new billing period begins.',
    marks: [],
    document: null,
    body: new Uint8Array(),
    bodyToKeep: new Uint8Array(),
    bodyJson: [],
    ...change,
  };
}

/** A forged one: its signature does not fit. */
export function forged(change: Partial<VerifiedBody> = {}): VerifiedBody {
  return verifiedBody({
    refusal: { status: 401, code: 'SIGNATURE_MISMATCH', message: 'Not a verified notification.' },
    verdict: {
      verdict: 'invalid',
      reason: 'SIGNATURE_MISMATCH',
      root: null,
      checkedAtMs: AT_MS,
      clock: 'signedDate',
      failed: [
        {
          id: 'signature',
          token: 'signedPayload',
          ok: false,
          reason: 'SIGNATURE_MISMATCH',
          expected: 'a signature',
          found: 'another',
        },
      ],
    },
    ...change,
  });
}

export function verified(change: Partial<VerifiedEvent> = {}): VerifiedEvent {
  return {
    event: 'verified',
    atMs: AT_MS,
    id: ID,
    result: verifiedBody(),
    answered: 200,
    repeatOf: null,
    targets: [],
    withheld: [],
    document: null,
    ...change,
  };
}

export function refused(result: VerifiedBody, change: Partial<VerifiedEvent> = {}): VerifiedEvent {
  return verified({ result: result, answered: result.refusal?.status ?? null, ...change });
}

export function delivery(change: Partial<DeliveryEvent> = {}): DeliveryEvent {
  return {
    event: 'forwarded',
    atMs: AT_MS + 12,
    id: ID,
    type: 'DID_RENEW',
    target: 'app',
    attempt: 1,
    httpStatus: 200,
    ms: 12,
    outcome: 'accepted',
    final: true,
    nextAtMs: null,
    detail: null,
    ...change,
  };
}

export function failure(change: Partial<DeliveryEvent> = {}): DeliveryEvent {
  const attempt = {
    event: 'failed',
    httpStatus: 503,
    outcome: 'refused',
    final: false,
    detail: 'answered 503',
  } as const;
  return delivery({ ...attempt, nextAtMs: AT_MS + 5_012, ...change });
}

export function refusedRequest(change: Partial<RefusedEvent> = {}): RefusedEvent {
  const why = { status: 404, code: 'NOT_FOUND', message: 'not found' };
  return { event: 'refused', atMs: AT_MS, address: '203.0.113.9', ...why, ...change };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  createVerifier,
  decode,
  type Known,
  type NotificationSubtype,
  type NotificationType,
  type SubscriptionStatus,
  type VerifyRules,
  verify,
} from '../../../src/index.js';
import { SAMPLES } from '../../support/bin.js';

const { signedPayload } = JSON.parse(readFileSync(join(SAMPLES, 'did-renew.json'), 'utf8'));
const roots = [readFileSync(join(SAMPLES, 'root.pem'), 'utf8')];

describe('the environments that verify accepts', () => {
  it.each<[VerifyRules['environment'], string, string | null]>([
    ['Production', 'valid', null],
    [['Production'], 'valid', null],
    [['Sandbox', 'Production'], 'valid', null],
    ['Sandbox', 'invalid', 'ENVIRONMENT_MISMATCH'],
    [['Sandbox'], 'invalid', 'ENVIRONMENT_MISMATCH'],
    [[], 'invalid', 'ENVIRONMENT_MISMATCH'],
  ])('%j: %s', (environment, verdict, reason) => {
    expect(verify(signedPayload, { roots, environment: environment! }).verification).toMatchObject({ verdict, reason });
  });

  it('are all named where none of them is found', () => {
    const { checks } = verify(signedPayload, { roots, environment: ['Sandbox'] }).verification;
    expect(checks.find(({ ok }) => ok === false)).toMatchObject({ expected: 'Sandbox', found: 'Production' });
  });
});

describe('a rule that would check nothing', () => {
  it.each(['kind', 'bundleId', 'appAppleId', 'environment', 'roots', 'atMs'])('%s undefined is refused', (name) => {
    expect(() => createVerifier({ [name]: undefined })).toThrow(new RegExp(`the rule ${name} is undefined`));
  });

  it('of an unknown name is refused', () => {
    const misspelt: object = { bundleID: 'com.example.coffee' };
    expect(() => verify(signedPayload, misspelt)).toThrow(/no rule bundleID: kind, bundleId/);
  });
});

describe('the types of a payload', () => {
  it('are those that Apple documents', () => {
    const { notification, transaction, renewalInfo } = verify(signedPayload, { roots });
    expectTypeOf(notification?.data?.bundleId).toEqualTypeOf<string | undefined>();
    expectTypeOf(notification?.notificationType).toEqualTypeOf<NotificationType | undefined>();
    expectTypeOf(transaction?.expiresDate).toEqualTypeOf<number | undefined>();
    expect([notification?.data?.bundleId, notification?.notificationType]).toEqual(['com.example.coffee', 'DID_RENEW']);
    expect(transaction?.originalTransactionId).toBe(renewalInfo?.originalTransactionId);
  });

  it('leave values open that Apple may add', () => {
    const type: NotificationType = 'A_TYPE_OF_NEXT_YEAR';
    expectTypeOf(decode(signedPayload).notification?.notificationType).toExtend<string | undefined>();
    expect(type).not.toBe(decode(signedPayload).notification?.notificationType);
  });

  it('have the values of this version apart, for a switch that covers all', () => {
    expectTypeOf<Known<'A' | 'B' | (string & {})>>().toEqualTypeOf<'A' | 'B'>();
    expectTypeOf<Known<SubscriptionStatus>>().toEqualTypeOf<1 | 2 | 3 | 4 | 5>();
    expectTypeOf<Known<NotificationType | NotificationSubtype>>().toExtend<string>();
    expectTypeOf<'DID_RENEW'>().toExtend<Known<NotificationType>>();
    expectTypeOf<'A_TYPE_OF_NEXT_YEAR'>().not.toExtend<Known<NotificationType>>();
    const describeStatus = (status: Known<SubscriptionStatus>): string => {
      switch (status) {
        case 1:
        case 4:
          return 'entitled';
        case 2:
        case 3:
        case 5:
          return 'not entitled';
        default:
          return status satisfies never;
      }
    };
    expect(describeStatus(4)).toBe('entitled');
  });
});

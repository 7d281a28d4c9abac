import { VerificationStatus } from '@apple/app-store-server-library';
import { describe, expect, it } from 'vitest';
import { REASON_STATUSES } from '../../../src/notification/catalogue/reason-statuses.js';
import {
  APPLE_LIBRARIES,
  STATUS_EDITIONS,
  STATUS_MEANINGS,
  STATUS_READINGS,
} from '../../../src/notification/catalogue/verification-statuses.js';

const today = (library: string) => STATUS_EDITIONS.filter((each) => each.library === library && each.until === null);

describe("the statuses of Apple's libraries", () => {
  it('are those of the installed node library, number by number', () => {
    const names = Object.values(VerificationStatus).filter((name) => typeof name === 'string');
    expect(today('node').map(({ statuses }) => statuses)).toEqual([names]);
  });

  it.each(APPLE_LIBRARIES)('of %s have one edition that is in force', (library) => {
    expect(today(library)).toHaveLength(1);
  });

  it('of node moved by one in 2.0.0, behind the first two', () => {
    const of = (until: string | null) =>
      STATUS_EDITIONS.find((each) => each.library === 'node' && each.until === until)!.statuses;
    const before = of('2.0.0');
    const moved = of(null).map((name, at) => [name, before.includes(name) ? at - before.indexOf(name) : Number.NaN]);
    expect(Object.fromEntries(moved)).toEqual({
      OK: 0,
      VERIFICATION_FAILURE: 0,
      RETRYABLE_VERIFICATION_FAILURE: Number.NaN,
      INVALID_APP_IDENTIFIER: 1,
      INVALID_ENVIRONMENT: 1,
      INVALID_CHAIN_LENGTH: 1,
      INVALID_CERTIFICATE: 1,
      FAILURE: 1,
    });
  });

  it('that kept their number are listed once, those of later versions with their first one', () => {
    const of = (library: string, status: string) =>
      STATUS_READINGS.filter((each) => each.library === library && each.name === status).map(
        ({ number, from, until }) => ({ number, from, until }),
      );
    expect(of('node', 'VERIFICATION_FAILURE')).toEqual([{ number: 1, from: null, until: null }]);
    expect(of('python', 'INVALID_ENVIRONMENT')).toEqual([{ number: 6, from: null, until: null }]);
    expect(of('python', 'RETRYABLE_VERIFICATION_FAILURE')).toEqual([{ number: 7, from: '2.0.0', until: null }]);
    expect(of('swift', 'RETRYABLE_VERIFICATION_FAILURE')).toEqual([{ number: null, from: '4.0.0', until: null }]);
  });

  it('have each a meaning, and only they', () => {
    const names = new Set(STATUS_READINGS.map(({ name }) => name));
    expect(STATUS_MEANINGS.map(({ name }) => name).toSorted()).toEqual([...names].toSorted());
  });

  it('include every status named by a reason', () => {
    const unknown = Object.entries(REASON_STATUSES).flatMap(([code, apple]) =>
      APPLE_LIBRARIES.filter((library) => apple[library] !== null)
        .filter((library) => !today(library)[0]!.statuses.includes(apple[library] ?? ''))
        .map((library) => `${code} ${library}`),
    );
    expect(unknown).toEqual([]);
  });
});

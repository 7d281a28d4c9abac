import { describe, expect, it } from 'vitest';
import { checkEvents, matchesEvents, parseEvents } from '../../../src/notification/event-filter.js';

describe('parseEvents', () => {
  it.each([
    ['DID_RENEW', ['DID_RENEW']],
    [' DID_RENEW , SUBSCRIBED.INITIAL_BUY,DID_RENEW', ['DID_RENEW', 'SUBSCRIBED.INITIAL_BUY']],
    ['SOMETHING_FROM_2030', ['SOMETHING_FROM_2030']],
    ['DID_RENEW.SOMETHING_NEW', ['DID_RENEW.SOMETHING_NEW']],
  ])('%j', (text, events) => expect(parseEvents(text)).toEqual(events));

  it.each([
    ['did_renew', 'Did you mean DID_RENEW?'],
    ['did-renew', 'Did you mean DID_RENEW?'],
    ['DID_RENEWED', 'Did you mean DID_RENEW?'],
    ['SUBCRIBED', 'Did you mean SUBSCRIBED?'],
    ['subscribed.initial_buy', 'Did you mean SUBSCRIBED.INITIAL_BUY?'],
    ['SUBSCRIBED.INITAL_BUY', 'Did you mean SUBSCRIBED.INITIAL_BUY?'],
    ['', "Use Apple's names"],
    ['REFUND,,TEST', "Use Apple's names"],
    ['REFUND TEST', "Use Apple's names"],
    ['DID_RENEW.', 'Did you mean DID_RENEW?'],
    ['A.B.C', "Use Apple's names"],
    ['*', "Use Apple's names"],
    ['something_new', "Use Apple's names"],
  ])('refuses %j', (text, hint) => {
    const refusal = { kind: 'usage', code: 'ERR_USAGE_EVENTS', hint: expect.stringContaining(hint) };
    expect(() => parseEvents(text)).toThrow(expect.objectContaining(refusal));
  });
});

it('warns of an event that is not in the catalogue', () => {
  expect(checkEvents(['REFUND', 'SUBSCRIBED.INITIAL_BUY'])).toEqual([]);
  expect(checkEvents(['REFUND', 'NEW_ONE', 'REFUND.NEW'])).toEqual([
    expect.stringContaining('NEW_ONE'),
    expect.stringContaining('REFUND.NEW'),
  ]);
});

it.each([
  ['DID_RENEW', ['DID_RENEW'], true],
  ['DID_RENEW.BILLING_RECOVERY', ['DID_RENEW'], true],
  ['DID_RENEW', ['DID_RENEW.BILLING_RECOVERY'], false],
  ['DID_RENEW.BILLING_RECOVERY', ['REFUND', 'DID_RENEW.BILLING_RECOVERY'], true],
  ['DID_RENEWX', ['DID_RENEW'], false],
  ['unknown', ['DID_RENEW'], false],
])('%s in %j: %s', (type, events, is) => expect(matchesEvents(type, events)).toBe(is));

import { describe, expect, it } from 'vitest';
import { buildExecTarget, checkTarget, parseTarget } from '../../../src/forwarding/parse-target.js';

const NONE = { headers: {}, insecure: false, taken: [] };
const ALL = { events: null, environment: null, bundleId: null };
const RC =
  'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/KeyKeyKeyKeyKeyKeyKeyKeyKeyKeyKeyK';
const QONVERSION = 'https://api.qonversion.io/v1/apple-s2s/SecretProjectKey';

describe('parseTarget', () => {
  it('parses a bare URL', () => {
    expect(parseTarget('http://localhost:3000/hooks', NONE)).toEqual({
      type: 'http',
      name: 'localhost:3000',
      url: 'http://localhost:3000/hooks',
      shown: 'http://localhost:3000/hooks',
      service: null,
      filter: ALL,
      headers: {},
      insecure: false,
    });
  });

  it.each([
    ['https://example.com/x', 'example.com'],
    ['http://[::1]:3000/', '::1:3000'],
    ['http://LOCALHOST:3000', 'localhost:3000'],
    ['3000/apple', 'localhost:3000'],
    [':3000/apple', 'localhost:3000'],
    ['localhost:3000/apple', 'localhost:3000'],
    ['127.0.0.1:8080', '127.0.0.1:8080'],
    ['app=http://localhost:3000/', 'app'],
    ['my.app-1:x_y=http://localhost:3000/', 'my.app-1:x_y'],
    ['http://localhost:3000/?a=b', 'localhost:3000'],
    ['app=http://localhost:3000/?a=b=c', 'app'],
    [RC, 'RevenueCat'],
    ['https://eu.revenuecat.com/x', 'RevenueCat'],
    ['https://revenuecat.com./x', 'RevenueCat'],
    [QONVERSION, 'Qonversion'],
    ['https://notrevenuecat.com/x', 'notrevenuecat.com'],
    ['https://revenuecat.com.example.org/x', 'revenuecat.com.example.org'],
    [`${'a'.repeat(60)}=http://localhost/`.slice(20), 'a'.repeat(40)],
    [`https://${'abc.'.repeat(20)}com/`, 'abc.'.repeat(9)],
  ])('names %s %s', (text, name) => expect(parseTarget(text, NONE).name).toBe(name));

  it('makes a default name unique', () => {
    const taken = ['localhost:3000', 'localhost:3000-2', 'RevenueCat'];
    expect(parseTarget('http://localhost:3000/b', { ...NONE, taken }).name).toBe('localhost:3000-3');
    expect(parseTarget(RC, { ...NONE, taken }).name).toBe('RevenueCat-2');
  });

  it('reads filters', () => {
    const text =
      '  app=http://localhost:3000/  events=DID_RENEW,SUBSCRIBED.INITIAL_BUY deliver=Sandbox bundle-id=com.example.a ';
    expect(parseTarget(text, NONE).filter).toEqual({
      events: ['DID_RENEW', 'SUBSCRIBED.INITIAL_BUY'],
      environment: 'Sandbox',
      bundleId: 'com.example.a',
    });
  });

  it.each([RC, QONVERSION])('does not apply -H and --insecure to %s, and hides its path', (url) => {
    const target = parseTarget(url, { headers: { authorization: 'mine' }, insecure: true, taken: [] });
    expect(target).toMatchObject({ headers: {}, insecure: false, url });
    expect(target.shown).toBe(`${new URL(url).origin}/…`);
  });

  it.each([
    ['localhost:3000/hooks', 'http://localhost:3000/hooks'],
    ['3000/apple', 'http://localhost:3000/apple'],
    [':3000', 'http://localhost:3000/'],
    ['app=127.0.0.1:8080', 'http://127.0.0.1:8080/'],
  ])('takes %s as %s', (text, url) => expect(parseTarget(text, NONE).url).toBe(url));

  it('applies -H and --insecure to all others', () => {
    const given = { headers: { authorization: 'mine' }, insecure: true };
    expect(parseTarget('https://example.com', { ...given, taken: [] })).toMatchObject(given);
  });

  it.each([
    ['', 'URL', 'no URL', 'http://localhost:3000/path'],
    ['app=', 'URL', 'no URL', 'http://localhost:3000/path'],
    ['localhost:99999/hooks', 'URL', 'not a valid URL', 'For example'],
    [':99999', 'URL', 'not a valid URL', 'For example'],
    ['SECRET', 'URL', 'not a valid URL', 'http://localhost:3000/path'],
    ['https://', 'URL', 'not a valid URL', 'http://localhost:3000/path'],
    ['ftp://SECRET.example/', 'URL', 'start with http://', 'http://localhost:3000/path'],
    ['https://example.com/#SECRET', 'URL', 'fragment', 'http://localhost:3000/path'],
    ['=http://localhost/', 'NAME', '""', 'letters'],
    ['my app=http://localhost/', 'URL', 'not a valid URL', 'http://localhost:3000/path'],
    ['my,app=http://localhost/', 'NAME', '"my,app"', 'letters'],
    [`${'a'.repeat(41)}=http://localhost/`, 'NAME', 'aaa', '40'],
    ['taken=http://localhost/', 'NAME', 'two targets are named "taken"', 'its own'],
    ['http://localhost/ SECRET', 'FILTER', 'not a filter', 'events='],
    ['http://localhost/ types=REFUND', 'FILTER', 'unknown target filter "types"', 'events='],
    ['http://localhost/ events=', 'FILTER', 'no value', 'events='],
    ['http://localhost/ events=REFUND events=TEST', 'FILTER', 'events= is given twice', 'once'],
    ['http://localhost/ deliver=xcode', 'FILTER', 'sandbox or production', 'deliver='],
  ])('refuses %j', (text, defect, message, hint) => {
    const parse = (): unknown => parseTarget(text, { ...NONE, taken: ['taken'] });
    expect(parse).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: `ERR_USAGE_TARGET_${defect}`,
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
    expect(parse).not.toThrow(/SECRET/);
  });

  it('refuses a misspelt type', () => {
    expect(() => parseTarget('http://localhost/ events=did_renew', NONE)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_EVENTS', hint: 'Did you mean DID_RENEW?' }),
    );
  });
});

describe('checkTarget', () => {
  it.each([
    [RC, []],
    [QONVERSION, []],
    ['http://localhost:3000', []],
    ['http://db.internal/x', []],
    ['https://api.revenuecat.com/v1/subscribers/SECRET', ['format of RevenueCat']],
    ['https://api.revenuecat.com/', ['format of RevenueCat']],
    ['https://app.qonversion.io/v1/apple-s2s/SECRETSECRET', ['format of Qonversion']],
    ['http://example.com/SECRET', ['unencrypted']],
    [
      'a=http://user:SECRET@localhost/',
      ["a: its URL contains a user and password; to keep them out of command lines and files, use -H 'Auth"],
    ],
    ['https://SECRET@example.com/', ['contains a user and password']],
    ['a=http://localhost events=BRAND_NEW_THING,REFUND', ['a: BRAND_NEW_THING is unknown to this version']],
  ])('%s', (text, parts) => {
    const warnings = checkTarget(parseTarget(text, NONE));
    expect(warnings).toEqual(parts.map((part) => expect.stringContaining(part)));
    expect(warnings.join()).not.toContain('SECRET');
  });
});

it('a program is a target whose command is not displayed', () => {
  const command = 'TOKEN=SECRET ./handle';
  const target = { type: 'exec', name: 'exec-2', command, shown: 'a program', filter: ALL };
  expect(buildExecTarget(command, ['exec'])).toEqual(target);
});

import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  clientAddress,
  isAppleAddress,
  parseTrustProxy,
  prepareTrust,
} from '../../../../src/listener/http/client-address.js';

describe('an address in its one spelling', () => {
  it.each([
    ['17.58.0.1', '17.58.0.1'],
    ['::ffff:17.58.0.1', '17.58.0.1'],
    ['::FFFF:113a:1', '17.58.0.1'],
    ['0:0:0:0:0:ffff:17.58.0.1', '17.58.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['17.58.0', null],
    ['017.58.0.1', null],
    ['17.58.0.1 ', null],
    ['0x11.1.1.1', null],
    ['unknown', null],
    ['', null],
  ])('%s is %s', (text, expected) => expect(canonicalAddress(text)).toBe(expected));
});

describe('an address of Apple', () => {
  it.each(['17.0.0.0', '17.58.0.1', '17.255.255.255'])('%s is one', (each) => expect(isAppleAddress(each)).toBe(true));
  it.each(['16.255.255.255', '18.0.0.0', '127.0.0.1', '170.0.0.1', '::11', '1100::1', '2620:149::1'])(
    '%s is none',
    (each) => expect(isAppleAddress(each)).toBe(false),
  );
});

describe('the client of a request', () => {
  const PROXIES = ['loopback', '10.0.0.0/8', '2001:db8::/32'];
  it.each([
    ['a header of somebody', '203.0.113.9', '17.1.1.1', '203.0.113.9'],
    ['one proxy', '127.0.0.1', '17.1.1.1', '17.1.1.1'],
    ['one proxy over IPv6', '::1', '17.1.1.1', '17.1.1.1'],
    ['what the client made up before it', '127.0.0.1', '17.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '127.0.0.1', '17.1.1.1, 10.1.2.3', '17.1.1.1'],
    ['two proxies and what was made up', '127.0.0.1', '17.9.9.9,17.1.1.1,10.1.2.3', '17.1.1.1'],
    ['proxies all the way', '127.0.0.1', '10.0.0.7, 10.1.2.3', '10.0.0.7'],
    ['a port', '127.0.0.1', '17.1.1.1:4711', '17.1.1.1'],
    ['IPv6', '127.0.0.1', '2a00::1', '2a00::1'],
    ['IPv6 in brackets', '127.0.0.1', '[2a00::1]', '2a00::1'],
    ['IPv6 with a port', '127.0.0.1', '[2a00::1]:443', '2a00::1'],
    ['mapped IPv4', '127.0.0.1', '::ffff:17.1.1.1', '17.1.1.1'],
    ['mapped IPv4 of a proxy', '10.0.0.1', '17.1.1.1, ::ffff:10.0.0.2', '17.1.1.1'],
    ['IPv6 of a proxy', '127.0.0.1', '17.1.1.1, 2001:db8::7', '17.1.1.1'],
    ['an obfuscated client', '127.0.0.1', 'unknown', null],
    ['rubbish', '127.0.0.1', '17.1.1.1, <b>', null],
    ['rubbish left of it', '127.0.0.1', '<b>, 17.1.1.1', '17.1.1.1'],
    ['nothing at the end', '127.0.0.1', '17.1.1.1,', null],
    ['an IPv4 in brackets', '127.0.0.1', '[17.1.1.1', null],
    ['no header', '127.0.0.1', undefined, '127.0.0.1'],
    ['an empty header', '127.0.0.1', ' ', '127.0.0.1'],
  ])('is found behind %s', (_case, socket, forwardedFor, expected) => {
    const trust = prepareTrust({ trusted: PROXIES, cloudflared: false });
    expect(clientAddress({ socket, forwardedFor, cfConnectingIp: '17.7.7.7' }, trust)).toBe(expected);
  });

  it.each([
    ['its tunnel', '127.0.0.1', '17.1.1.1', '17.1.1.1'],
    ['its tunnel, from IPv6', '::1', ' 2a00::1 ', '2a00::1'],
    ['anybody else', '203.0.113.9', '17.1.1.1', '203.0.113.9'],
    ['its tunnel, rubbish', '127.0.0.1', '17.1.1.1, 17.1.1.2', null],
    ['this machine itself', '127.0.0.1', undefined, '127.0.0.1'],
  ])('is that of CF-Connecting-IP %s', (_case, socket, cfConnectingIp, expected) => {
    const trust = prepareTrust({ trusted: [], cloudflared: true });
    expect(clientAddress({ socket, forwardedFor: '17.8.8.8', cfConnectingIp }, trust)).toBe(expected);
  });

  it('is unknown after the connection is closed', () => {
    const trust = prepareTrust({ trusted: PROXIES, cloudflared: true });
    expect(clientAddress({ socket: null, forwardedFor: '17.1.1.1', cfConnectingIp: '17.1.1.1' }, trust)).toBeNull();
  });
});

describe('--trust-proxy', () => {
  it.each([
    ['loopback', ['loopback']],
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['10.0.0.1', ['10.0.0.1/32']],
    ['2001:DB8::/32', ['2001:db8::/32']],
    ['::1', ['::1/128']],
    ['::ffff:10.0.0.0/104', ['10.0.0.0/8']],
    ['loopback, 10.0.0.0/8', ['loopback', '10.0.0.0/8']],
  ])('%s', (value, expected) => expect(parseTrustProxy(value)).toEqual(expected));

  it.each(['', 'localhost', 'proxy.example', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0/8'])(
    '%s is refused',
    (value) => expect(() => parseTrustProxy(value)).toThrow(expect.objectContaining(UNUSABLE)),
  );
  it.each(['::1/129', '::ffff:10.0.0.0/90', 'fe80::1%eth0', '0.0.0.0/0', '::/0', '::ffff:0:0/96', 'loopback,x'])(
    '%s is refused, too',
    (value) => expect(() => parseTrustProxy(value)).toThrow(expect.objectContaining(UNUSABLE)),
  );
  const UNUSABLE = { kind: 'usage', code: 'ERR_USAGE_TRUST_PROXY' };
});

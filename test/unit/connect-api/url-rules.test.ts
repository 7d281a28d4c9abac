import { describe, expect, it } from 'vitest';
import { checkNotificationUrl } from '../../../src/connect-api/url-rules.js';

/** `rule level` of each finding. */
function findings(url: string): readonly string[] {
  return checkNotificationUrl(url).map(({ rule, level }) => `${rule} ${level}`);
}

describe('a URL that Apple takes', () => {
  it.each([
    'https://example.com',
    'https://example.com/apple/notifications',
    'https://example.com:443/x',
    'https://example.com:1024/x',
    'https://example.com:8443',
    'https://oklahoma-solo-younger-truck.trycloudflare.com/k3v9',
    'https://bücher.example/x',
  ])('%s', (url) => expect(findings(url)).toEqual([]));
});

describe('a URL that breaks a rule', () => {
  it.each([
    ['', 'url fail'],
    ['example.com/apple', 'url fail'],
    ['http://example.com/x', 'https fail'],
    ['ftp://example.com/x', 'https fail'],
    ['https://example.com:444/x', 'port fail'],
    ['https://example.com:1023/x', 'port fail'],
    ['https://example.com:1/x', 'port fail'],
    ['https://localhost:8443/x', 'host fail'],
    ['https://127.0.0.1:8443/x', 'host fail'],
    ['https://[::1]:8443/x', 'host fail'],
    ['https://192.168.1.5/x', 'host fail'],
    ['https://laptop.local/x', 'host fail'],
    ['https://web/x', 'host fail'],
    ['https://17.1.2.3/x', 'host warn'],
    ['https://[2001:db8::1]/x', 'host warn'],
    ['https://me@example.com/x', 'credentials fail'],
    ['https://me:word@example.com/x', 'credentials fail'],
    ['https://example.com/x#y', 'fragment fail'],
    ['https://example.com/x?y=1', 'query warn'],
  ])('%s: %s', (url, finding) => expect(findings(url)).toEqual([finding]));

  it('may break several', () => {
    const expected = ['https fail', 'port fail', 'host fail', 'credentials fail', 'fragment fail', 'query warn'];
    expect(findings('http://me@127.0.0.1:81/x?y#z')).toEqual(expected);
  });

  it.each([
    ['http://example.com/x', /https only, not http: .*a tunnel/],
    ['https://example.com:444/x', /443 .*1024 and above, not 444: omit the port/],
    ['https://localhost/x', /^localhost is this machine.*a public host/],
  ])('%s says what is wrong and what to do', (url, words) => {
    expect(checkNotificationUrl(url)[0]!.message).toMatch(words);
  });

  it('repeats no password', () => {
    const messages = checkNotificationUrl('http://me:hunter2@localhost:81/secret?hunter2#hunter2').map(
      (f) => f.message,
    );
    expect(messages.join(' ')).not.toMatch(/hunter2|secret/);
  });
});

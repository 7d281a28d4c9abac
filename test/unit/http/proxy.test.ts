import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/errors.js';
import { adviseOnProxy, explainNetworkFailure, foreignResponse, proxyOf } from '../../../src/http/proxy.js';

const APPLE = 'https://api.storekit.apple.com';

describe('proxyOf', () => {
  it.each<[string, Record<string, string>, string, string | null]>([
    ['none set', {}, APPLE, null],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'http://proxy.corp:3128' }, APPLE, 'proxy.corp:3128 (HTTPS_PROXY)'],
    ['lower case first', { HTTPS_PROXY: 'http://b', https_proxy: 'http://a' }, APPLE, 'a (https_proxy)'],
    ['HTTP_PROXY alone', { HTTP_PROXY: 'http://proxy.corp:80' }, APPLE, 'proxy.corp (HTTP_PROXY)'],
    ['a user and password', { HTTPS_PROXY: 'http://me:s3cret@proxy.corp:1' }, APPLE, 'proxy.corp:1 (HTTPS_PROXY)'],
    ['no URL', { HTTPS_PROXY: 'me:s3cret' }, APPLE, 'HTTPS_PROXY'],
    ['exempt host', { HTTPS_PROXY: 'http://a', NO_PROXY: 'x, .apple.com' }, APPLE, null],
    ['exempt host and port', { HTTPS_PROXY: 'http://a', NO_PROXY: 'apple.com:443' }, APPLE, null],
    ['another port exempt', { HTTPS_PROXY: 'http://a', NO_PROXY: 'apple.com:8443' }, APPLE, 'a (HTTPS_PROXY)'],
    ['all exempt', { HTTPS_PROXY: 'http://a', no_proxy: '*' }, APPLE, null],
    ['loopback', { HTTP_PROXY: 'http://a' }, 'http://127.0.0.1:4290/sandbox', null],
  ])('%s', (_case, env, url, expected) => expect(proxyOf(env, url)).toBe(expected));
});

describe('foreignResponse', () => {
  it.each<[string, number, Record<string, string>, string, string | null]>([
    ['JSON', 404, { 'content-type': 'application/json' }, '{"errorCode":4040007}', null],
    ["Apple's plain text", 401, { 'content-type': 'text/plain' }, 'Unauthenticated\nRequest ID: X', null],
    ['a page by its type', 403, { 'content-type': 'text/html; charset=utf-8' }, 'Forbidden', 'an HTML page'],
    ['a page by its body', 200, {}, '\n<!DOCTYPE html><title>Log\n in</title>', 'an HTML page ("Log in")'],
    ['a redirect', 302, { location: 'https://login.hotel.example/x?y' }, '', 'a redirect to login.hotel.example'],
    ['a login prompt', 401, { 'www-authenticate': 'Basic realm="proxy"' }, '', 'a request to log in (Basic)'],
    ['proxy authentication', 407, {}, '', 'a request for proxy authentication'],
  ])('%s', (_case, status, headers, body, expected) =>
    expect(foreignResponse({ status, headers, body: Buffer.from(body) })).toBe(expected),
  );
});

describe('the next step', () => {
  it.each([
    ['api.storekit.apple.com', 'proxy.corp:1 (HTTPS_PROXY)', /proxy proxy\.corp:1 \(HTTPS_PROXY\).*NO_PROXY/],
    ['api.storekit.apple.com', null, /proxy, VPN, firewall.*HTTPS_PROXY/],
    ['127.0.0.1:4290', null, /emulator.*127\.0\.0\.1:4290/],
    ['api.example.com', null, /base address.*storewire config/],
  ])('for %s through %s', (host, proxy, words) => expect(adviseOnProxy(host, proxy)).toMatch(words));

  it.each<[string, string, string | null, RegExp, RegExp]>([
    ['a certificate of a proxy', 'a is not secure (SELF_SIGNED_CERT_IN_CHAIN)', null, /^a is/, /NODE_EXTRA_CA_CERTS/],
    [
      'a refused connection',
      'a refused the connection',
      'p:1 (HTTPS_PROXY)',
      /the proxy p:1 \(HTTPS_PROXY\)$/,
      /NO_PROXY/,
    ],
    [
      'a proxy that wants a password',
      'a was not reached: the proxy answered 407',
      'p:1 (HTTPS_PROXY)',
      /p:1/,
      /USER:PASSWORD/,
    ],
    ['a network that is down', 'a refused the connection', null, /connection$/, /Check the network/],
  ])('after %s', (_case, message, proxy, said, hint) => {
    const told = explainNetworkFailure(new ToolError('remote', 'ERR_HTTP_UNREACHABLE', message), 'a', proxy);
    expect(told).toMatchObject({ code: 'ERR_HTTP_UNREACHABLE', message: expect.stringMatching(said) });
    expect(told).toMatchObject({ hint: expect.stringMatching(hint) });
  });
});

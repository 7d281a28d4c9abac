import { describe, expect, it } from 'vitest';
import { checkHead, pathnameOf, type RequestHead } from '../../../../src/listener/http/request-head.js';

const MOST = 100;
const HEADERS = { host: 'test', 'content-type': 'application/json', 'content-length': '20' };

function verdictOn(change: Partial<RequestHead>, headers: RequestHead['headers'] = {}): string {
  const all = { ...HEADERS, ...headers };
  const rawHeaders = Object.entries(all).flatMap(([name, value]) => [name, String(value)]);
  const head = { method: 'POST', url: '/hook', httpVersion: '1.1', rawHeaders, ...change, headers: all };
  return checkHead(head, pathnameOf('/hook'), MOST);
}

describe('a path', () => {
  it.each([
    ['/', ''],
    ['/hook', '/hook'],
    ['/hook/', '/hook'],
    ['/hook?a=/b', '/hook'],
    ['/hook/?a', '/hook'],
    ['/hook#a', '/hook'],
    ['http://test/hook', '/hook'],
    ['HTTPS://test:1/hook/?a', '/hook'],
    ['http://test', ''],
    ['http://test?a', ''],
    ['/hook//', '/hook/'],
    ['//hook', '//hook'],
    ['*', '*'],
  ])('of %s is %s', (url, expected) => expect(pathnameOf(url)).toBe(expected));
});

describe('a head', () => {
  it('with two hosts is refused, in whatever case they are written', () => {
    expect(verdictOn({ rawHeaders: ['Host', 'a', 'x-host', 'b'] })).toBe('read');
    expect(verdictOn({ rawHeaders: ['Host', 'a', 'x-a', 'b', 'HOST', 'a'] })).toBe('TWO_HOSTS');
  });

  it.each<[string, Partial<RequestHead>, RequestHead['headers'], string]>([
    ['a POST', {}, {}, 'read'],
    ['a query', { url: '/hook?x=1' }, {}, 'read'],
    ['GET', { method: 'GET' }, {}, 'greet'],
    ['HEAD', { method: 'HEAD' }, {}, 'greet'],
    ['an empty POST', {}, { 'content-length': '0' }, 'greet'],
    ['an empty POST of a form', {}, { 'content-length': '0', 'content-type': 'multipart/form-data' }, 'greet'],
    ['a POST without a length', {}, { 'content-length': undefined }, 'greet'],
    ['PUT', { method: 'PUT' }, {}, 'METHOD_NOT_ALLOWED'],
    ['DELETE', { method: 'DELETE' }, {}, 'METHOD_NOT_ALLOWED'],
    ['OPTIONS', { method: 'OPTIONS' }, {}, 'METHOD_NOT_ALLOWED'],
    ['another path', { url: '/' }, {}, 'NOT_FOUND'],
    ['a longer path', { url: '/hook/x' }, {}, 'NOT_FOUND'],
    ['another letter case', { url: '/Hook' }, {}, 'NOT_FOUND'],
    ['another path, by GET', { url: '/x', method: 'GET' }, {}, 'NOT_FOUND'],
    ['no host', {}, { host: undefined }, 'NO_HOST'],
    ['no host in HTTP/1.0', { httpVersion: '1.0' }, { host: undefined }, 'read'],
    ['the largest body', {}, { 'content-length': '100' }, 'read'],
    ['a larger body', {}, { 'content-length': '101' }, 'TOO_LARGE'],
    ['an absurd body', {}, { 'content-length': '9007199254740993' }, 'TOO_LARGE'],
    ['chunks', {}, { 'content-length': undefined, 'transfer-encoding': 'chunked' }, 'read'],
    [
      'gzip in chunks',
      {},
      { 'content-length': undefined, 'transfer-encoding': 'gzip, chunked' },
      'UNSUPPORTED_ENCODING',
    ],
    ['gzip', {}, { 'content-encoding': 'gzip' }, 'UNSUPPORTED_ENCODING'],
    ['gzip twice', {}, { 'content-encoding': 'identity, gzip' }, 'UNSUPPORTED_ENCODING'],
    ['no encoding', {}, { 'content-encoding': 'Identity' }, 'read'],
  ])('of %s', (_case, change, headers, expected) => expect(verdictOn(change, headers)).toBe(expected));

  it.each([
    [undefined, 'read'],
    ['', 'read'],
    ['Application/JSON', 'read'],
    ['application/json; charset=utf-8', 'read'],
    ['application/json;charset="UTF8"', 'read'],
    ['application/json; charset=us-ascii', 'read'],
    ['application/json; profile="x"', 'read'],
    ['application/problem+json', 'read'],
    ['text/x-json', 'read'],
    ['text/plain', 'read'],
    ['application/octet-stream', 'read'],
    ['application/json; charset=utf-16', 'UNSUPPORTED_CHARSET'],
    ['text/plain;charset=ISO-8859-1', 'UNSUPPORTED_CHARSET'],
    ['application/x-www-form-urlencoded', 'UNSUPPORTED_TYPE'],
    ['multipart/form-data; boundary=x', 'UNSUPPORTED_TYPE'],
    ['application/xml', 'UNSUPPORTED_TYPE'],
    ['image/svg+xml', 'UNSUPPORTED_TYPE'],
    ['text/html; charset=utf-8', 'UNSUPPORTED_TYPE'],
    ['image/png', 'UNSUPPORTED_TYPE'],
    ['notjson', 'UNSUPPORTED_TYPE'],
    ['application/notjson', 'UNSUPPORTED_TYPE'],
  ])('with type %s', (type, expected) => expect(verdictOn({}, { 'content-type': type })).toBe(expected));
});

import { describe, expect, it } from 'vitest';
import { describeListenFailure, reachableHost } from '../../../src/http/listen-errors.js';

describe('why a port cannot be opened', () => {
  it.each([
    ['EADDRINUSE', 'the port is in use', '--port'],
    ['EACCES', 'permission denied', '1024'],
    ['EADDRNOTAVAIL', 'the address does not belong to this machine', '--host'],
    ['ENOTFOUND', 'the name does not resolve', '--host'],
    ['EOTHER', 'EOTHER', '--port'],
  ])('%s: %s', (code, why, word) => {
    const failure = describeListenFailure(Object.assign(new Error('listen'), { code }));
    expect(failure).toEqual({ why, hint: expect.stringContaining(word) });
  });
});

describe('the host of a URL', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
    ['fd00::7', '[fd00::7]'],
  ])('that listens on %s is %s', (host, expected) => expect(reachableHost(host)).toBe(expected));
});

import { describe, expect, it } from 'vitest';
import { refusalResponse } from '../../../src/emulator/http.js';

describe('a request to an emulator on this machine', () => {
  it.each(['127.0.0.1:4290', 'localhost:4290', 'LOCALHOST', '[::1]:4290', 'a.localhost:1'])('is taken for %s', (host) =>
    expect(refusalResponse({ host }, '127.0.0.1')).toBeNull(),
  );

  it.each([
    ['another name', { host: 'evil.example:4290' }],
    ['a similar name', { host: 'localhost.evil.example' }],
    ['another address', { host: '192.168.0.7:4290' }],
    ['a name without dots', { host: 'emulator:4290' }],
    ['no host', {}],
    ['a host that is none', { host: 'a b' }],
    ['a browser', { host: 'localhost:4290', origin: 'http://localhost:3000' }],
    ['a sandboxed page', { host: 'localhost:4290', origin: 'null' }],
  ])('is refused from %s', (_case, headers) =>
    expect(refusalResponse(headers, '127.0.0.1')).toEqual(expect.any(String)),
  );
});

describe('a request to an emulator on every address', () => {
  it.each(['192.168.0.7:4290', 'emulator:4290', 'host.docker.internal:4290', '[fe80::1]:4290'])(
    'is taken for %s',
    (host) => expect(refusalResponse({ host }, '0.0.0.0')).toBeNull(),
  );
  it.each(['evil.example', 'docker.internal.evil.example'])('is refused for %s', (host) =>
    expect(refusalResponse({ host }, '0.0.0.0')).not.toBeNull(),
  );
});

it('takes the address it listens on', () => {
  expect(refusalResponse({ host: '10.0.0.5:4290' }, '10.0.0.5')).toBeNull();
  expect(refusalResponse({ host: 'emu.example:4290' }, 'emu.example')).toBeNull();
  expect(refusalResponse({ host: '10.0.0.6:4290' }, '10.0.0.5')).not.toBeNull();
});

import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAccessGuard } from '../../../../src/inspector/http/access.js';

const guard = createAccessGuard(4281, randomBytes);

describe('access to the local page', () => {
  it.each<[string, string, IncomingHttpHeaders, string | null]>([
    ['its address', 'GET', { host: '127.0.0.1:4281' }, null],
    ['its name, in capitals', 'GET', { host: 'LocalHost:4281' }, null],
    ['no Host', 'GET', {}, 'Host'],
    ['an empty Host', 'GET', { host: '' }, 'Host'],
    ['another port', 'GET', { host: '127.0.0.1:4280' }, 'Host'],
    ['no port', 'GET', { host: '127.0.0.1' }, 'Host'],
    ['a name that ends like its own', 'GET', { host: 'evil-localhost:4281' }, 'Host'],
    ['a name that begins like its own', 'GET', { host: '127.0.0.1:4281.evil.invalid' }, 'Host'],
    ['a name with a dot at its end', 'GET', { host: 'localhost.:4281' }, 'Host'],
    ['the IPv6 address, at which it does not listen', 'GET', { host: '[::1]:4281' }, 'Host'],
    [
      'a GET from elsewhere: its reader sees nothing',
      'GET',
      { host: '127.0.0.1:4281', origin: 'http://evil.invalid' },
      null,
    ],
    ['a HEAD', 'HEAD', { host: '127.0.0.1:4281' }, null],
    ['a POST of the page', 'POST', { host: '127.0.0.1:4281', origin: 'http://127.0.0.1:4281' }, null],
    ['a POST of the page at its name', 'POST', { host: 'LOCALHOST:4281', origin: 'http://localhost:4281' }, null],
    ['a POST without an Origin', 'POST', { host: '127.0.0.1:4281' }, 'Origin'],
    ['a POST of a page without an origin', 'POST', { host: '127.0.0.1:4281', origin: 'null' }, 'Origin'],
    ['a POST of its other name', 'POST', { host: '127.0.0.1:4281', origin: 'http://localhost:4281' }, 'Origin'],
    ['a POST of another port', 'POST', { host: '127.0.0.1:4281', origin: 'http://127.0.0.1:4280' }, 'Origin'],
    ['a POST over TLS', 'POST', { host: '127.0.0.1:4281', origin: 'https://127.0.0.1:4281' }, 'Origin'],
    ['a DELETE without an Origin', 'DELETE', { host: '127.0.0.1:4281' }, 'Origin'],
  ])('%s', (_case, method, headers, refused) => {
    const refusal = guard.refusalOf(method, headers);
    if (refused === null) expect(refusal).toBeNull();
    else expect(refusal).toBe(`the ${refused} header is not that of this page`);
  });

  it('leaves out the default port, as clients do', () => {
    const usual = createAccessGuard(80, randomBytes);
    expect(usual.refusalOf('POST', { host: 'localhost', origin: 'http://localhost' })).toBeNull();
    expect(usual.refusalOf('GET', { host: 'localhost:80' })).toBeNull();
    expect(guard.refusalOf('GET', { host: 'localhost' })).not.toBeNull();
  });

  it('takes the token in its header, of this run only', () => {
    expect(guard.token).toMatch(/^[\w-]{32}$/);
    expect(guard.hasToken({ authorization: `Bearer ${guard.token}` })).toBe(true);
    const others = [undefined, '', 'Bearer ', guard.token, `bearer ${guard.token}`, `Bearer ${guard.token} `];
    for (const authorization of others)
      expect({ authorization, taken: guard.hasToken({ authorization }) }).toEqual({ authorization, taken: false });
    const { token } = createAccessGuard(4281, randomBytes);
    expect(guard.hasToken({ authorization: `Bearer ${token}` })).toBe(false);
  });

  it('has a ticket for each image, which opens no other and tells nothing of the token', () => {
    const ticket = guard.ticketFor('/api/timeline/a.svg');
    expect(guard.isTicketFor('/api/timeline/a.svg', ticket)).toBe(true);
    expect(guard.isTicketFor('/api/timeline/b.svg', ticket)).toBe(false);
    for (const other of [null, '', guard.token, `${ticket}x`])
      expect(guard.isTicketFor('/api/timeline/a.svg', other)).toBe(false);
    expect(guard.hasToken({ authorization: `Bearer ${ticket}` })).toBe(false);
  });

  it('redeems a pass once, and the newest eight only', () => {
    const passes = Array.from({ length: 9 }, () => guard.issuePass());
    expect(new Set([...passes, guard.token]).size).toBe(10);
    expect(passes.map((pass) => guard.redeemPass(pass))).toEqual([false, ...Array(8).fill(true)]);
    expect(passes.map((pass) => guard.redeemPass(pass))).toEqual(Array(9).fill(false));
    expect(guard.redeemPass('')).toBe(false);
    expect(guard.redeemPass(guard.token)).toBe(false);
  });
});

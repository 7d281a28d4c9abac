import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { buildHeaders, parseHeaders } from '../../../src/forwarding/headers.js';
import { parseTarget } from '../../../src/forwarding/parse-target.js';
import type { ForwardedNotification } from '../../../src/forwarding/target.js';

const RUN = '0123456789abcdef';
const NOTIFICATION: ForwardedNotification = {
  id: 'id1',
  body: Buffer.from('{}'),
  contentType: 'application/json; charset=utf-8',
  uuid: '4ff0e1b6-2f7c-4c3a-9d0b-1c2d3e4f5a6b',
  type: 'TEST',
  verdict: 'valid',
  documentJson: () => '{}\n',
};
const build = (notification: Partial<ForwardedNotification> = {}, headers = {}, url = 'http://localhost:3000') =>
  buildHeaders(parseTarget(url, { headers, insecure: false, taken: [] }), { ...NOTIFICATION, ...notification }, 3, RUN);

describe('buildHeaders', () => {
  it('describes the notification, with only the content type of the peer', () => {
    expect(build()).toEqual({
      'content-type': 'application/json; charset=utf-8',
      'user-agent': `storewire/${packageJson.version}`,
      'storewire-id': 'id1',
      'storewire-uuid': NOTIFICATION.uuid,
      'storewire-verdict': 'valid',
      'storewire-attempt': '3',
      'storewire-via': RUN,
    });
  });

  it.each([null, '', 'text/plain\u2028'])('content type %j becomes JSON', (contentType) =>
    expect(build({ contentType })['content-type']).toBe('application/json'),
  );

  it.each([null, '', 'a b', 'x\r\ny: z', 'é', 'x'.repeat(65)])('no header is made of UUID %j', (uuid) =>
    expect(build({ uuid })).not.toHaveProperty('storewire-uuid'),
  );

  it('names the listeners passed so far', () =>
    expect(build({ via: ['aaaaaaaa'] })['storewire-via']).toBe(`aaaaaaaa, ${RUN}`));

  it("adds the user's headers, which do not replace its own", () => {
    const headers = build({}, { authorization: 'Bearer x', 'user-agent': 'mine', 'storewire-via': 'none' });
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'user-agent': 'mine', 'storewire-via': RUN });
  });

  it.each([
    ['http://me:p%40ss@localhost', 'me:p@ss'],
    ['http://me@localhost', 'me:'],
    ['http://me:50%@localhost', 'me:50%'],
  ])('credentials of %s become a header', (url, pair) =>
    expect(build({}, {}, url).authorization).toBe(`Basic ${Buffer.from(pair).toString('base64')}`),
  );
});

describe('parseHeaders', () => {
  it('reads names in lower case and values without blanks around them', () => {
    const lines = ['Authorization:  Bearer a:b ', 'X-Empty:', 'x-twice: 1', 'X-Twice: 2'];
    expect(parseHeaders(lines, {})).toEqual({ authorization: 'Bearer a:b', 'x-empty': '', 'x-twice': '2' });
  });

  it('reads a value from the environment', () => {
    const env = { TOKEN: ' Bearer s3cret\n', EMPTY: ' ', BAD: 'a\u0100b' };
    expect(parseHeaders(['Authorization: env:TOKEN', 'X-A: env: TOKEN', 'X-B: env:x-y'], env)).toEqual({
      authorization: 'Bearer s3cret',
      'x-a': 'env: TOKEN',
      'x-b': 'env:x-y',
    });
    for (const name of ['NONE', 'EMPTY', 'BAD'])
      expect(() => parseHeaders([`a: env:${name}`], env)).toThrow(
        expect.objectContaining({ kind: 'usage', code: 'ERR_USAGE_HEADER', hint: expect.stringContaining('env:NAME') }),
      );
  });

  it.each([
    'SECRET',
    ': SECRET',
    'a b: SECRET',
    'a: SECRET\r\nb: c',
    'a: SECRET\u0100',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Storewire-Id: 1',
  ])('refuses %j', (line) => {
    expect(() => parseHeaders([line], {})).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'ERR_USAGE_HEADER' }),
    );
    expect(() => parseHeaders([line], {})).not.toThrow(/SECRET/);
  });
});

import { describe, expect, it } from 'vitest';
import { type AppUrls, checkUrl } from '../../../src/endpoint-check/url.js';

/** `id status` of each step that is not a pass. */
function oddities(text: string, others: AppUrls | null = null): readonly string[] {
  return checkUrl(text, others)
    .filter(({ status }) => status !== 'pass')
    .map(({ id, status }) => `${id} ${status}`);
}

const NOT_ASKED = 'url.environments skip';
const PUBLIC = 'https://example.com/apple';

describe('the text of a URL', () => {
  it.each([
    ['a good one', PUBLIC, [NOT_ASKED]],
    ['no URL', 'example.com/apple', ['url.url fail']],
    ['http', 'http://example.com/x', ['url.https fail', NOT_ASKED]],
    ['a low port', 'https://example.com:444/x', ['url.port fail', NOT_ASKED]],
    ['credentials', 'https://me@example.com/x', ['url.credentials fail', NOT_ASKED]],
    ['a fragment', 'https://example.com/x#y', ['url.fragment fail', NOT_ASKED]],
    ['a query', 'https://example.com/x?y=z', ['url.query warn', NOT_ASKED]],
    ['an address', 'https://17.1.2.3/x', ['url.host warn', NOT_ASKED]],
    [
      'this machine',
      'http://localhost:81/x?y',
      ['url.https skip', 'url.port skip', 'url.host warn', 'url.query skip', NOT_ASKED],
    ],
    ['a private network', 'https://192.168.1.5/x', ['url.host warn', NOT_ASKED]],
    ['credentials on this machine', 'https://a:b@localhost/x', ['url.host warn', 'url.credentials fail', NOT_ASKED]],
  ])('%s', (_case, text, odd) => expect(oddities(text)).toEqual(odd));

  it.each(['https://192.168.1.5/x', 'https://example.local/x', 'https://localhost/x', 'https://10.0.0.1/x'])(
    '%s is a warning, since Apple cannot reach it, unless an emulator sends',
    (text) => {
      const host = (isEmulated: boolean) => checkUrl(text, null, isEmulated).find(({ id }) => id === 'url.host');
      expect(host(false)).toMatchObject({ status: 'warn', seen: expect.stringContaining('Apple cannot reach it') });
      expect(host(true)).toMatchObject({ status: 'skip' });
    },
  );

  it('gets its defect and the fix', () => {
    expect(checkUrl('https://example.com:444/x', null)).toContainEqual({
      id: 'url.port',
      group: 'url',
      status: 'fail',
      title: 'port',
      seen: 'Apple accepts port 443 or 1024 and above, not 444',
      expected: '443, or 1024 and above',
      sendAttemptResult: null,
      hint: 'Omit the port or use a higher one',
    });
  });
});

describe('the URLs of the two environments', () => {
  it.each([
    ['two', PUBLIC, 'https://example.com/other', []],
    ['the same for both', PUBLIC, PUBLIC, []],
    ['production only, which takes both', null, PUBLIC, []],
    ['sandbox only, so that production gets nothing', PUBLIC, null, ['url.environments warn']],
    ['none at all, which another step reports', null, null, ['url.environments skip']],
  ])('%s', (_case, sandbox, production, odd) => expect(oddities(PUBLIC, { sandbox, production })).toEqual(odd));
});

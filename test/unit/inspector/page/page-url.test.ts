import { describe, expect, it } from 'vitest';
import { buildPageUrl, readPageUrl, tokenOfFragment } from '../../../../src/inspector/page/model/page-url.js';

describe('tokenOfFragment', () => {
  it.each([
    ['#t=vY7SUbqxZM_BREbYvtQDwi3cwcdxo9vc', 'vY7SUbqxZM_BREbYvtQDwi3cwcdxo9vc'],
    ['', null],
    ['#t=', null],
    ['#t=with space and more', null],
    ['#x=12345678', null],
  ])('%s', (fragment, token) => expect(tokenOfFragment(fragment)).toBe(token));
});

describe('the URL of the page', () => {
  it.each([
    [{ query: '', selectedId: null, tab: 'summary' }, '/'],
    [{ query: 'refund verdict:invalid', selectedId: null, tab: 'summary' }, '/?q=refund+verdict%3Ainvalid'],
    [{ query: 'a&b=c#d', selectedId: 'x1', tab: 'checks' }, '/?q=a%26b%3Dc%23d&id=x1&tab=checks'],
  ] as const)('keeps %j', (state, url) => {
    expect(buildPageUrl(state)).toBe(url);
    expect(readPageUrl(url.slice(1))).toEqual(state);
  });

  it('forgets a filter of blanks, and a tab without a notification', () =>
    expect(buildPageUrl({ query: '  ', selectedId: null, tab: 'raw' })).toBe('/'));

  it('reads an unknown tab as the first', () =>
    expect(readPageUrl('?id=1&tab=evil')).toEqual({ query: '', selectedId: '1', tab: 'summary' }));
});

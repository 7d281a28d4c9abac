import { describe, expect, it } from 'vitest';
import { PURCHASE_PAGE_STYLE, purchasesToHtml } from '../../../src/purchase-view/html.js';
import { drawPurchasesSvg } from '../../../src/purchase-view/overview-svg.js';
import { drawPurchaseSvg } from '../../../src/purchase-view/svg.js';
import { FIRST_MS, MONTH_MS, makeEvent, makePeriod, makePurchase, makeRenewals } from '../../support/purchases.js';
import { checkXml } from '../../support/xml.js';

const numbersOf = (svg: string, name: string) =>
  [...svg.matchAll(new RegExp(` ${name}="([\\d.]+)"`, 'g'))].map(([, value]) => Number(value));

describe('the SVG of a purchase', () => {
  const svg = drawPurchaseSvg(makePurchase());

  it('has title and description first, for those who do not see it', () => {
    expect(svg.split('\n').slice(1, 3)).toEqual([
      '<title>com.example.app.premium.monthly: Expired since 2026-11-29T08:55:54Z (4 seconds ago)</title>',
      expect.stringMatching(
        /^<desc>Timeline of 9\.99 USD, subscription 2000000310631470, Sandbox\. a: 2026-08-31T08:55:54Z SUBSCRIBED\.INITIAL_BUY, subscribed .*<\/desc>$/,
      ),
    ]);
  });

  it('has one bar for each period, in the colour of its state', () => {
    expect([...svg.matchAll(/<rect class="bar (\w+)"/g)].map(([, state]) => state)).toEqual([
      'active',
      'grace',
      'retry',
      'expired',
    ]);
  });

  it('has every event on the lane and in the list', () => {
    expect([...svg.matchAll(/class="letter"[^>]*>(\w)</g)].map(([, letter]) => letter)).toEqual([...'abcdabcd']);
  });

  it('has a lighter part from now on', () => {
    expect(drawPurchaseSvg(makeRenewals(1, MONTH_MS)).match(/class="bar [^"]+"/g)).toEqual([
      'class="bar active"',
      'class="bar active"',
      'class="bar active future"',
    ]);
  });

  it('outlines what is not verified, and says so', () => {
    const hollow = drawPurchaseSvg(
      makePurchase({
        periods: [makePeriod(FIRST_MS, null, 'active', { isVerified: false })],
        events: [makeEvent(0, FIRST_MS, 'DID_RENEW', 'renewed', { verdict: null })],
      }),
    );
    expect(hollow).toContain('class="bar active hollow"');
    expect(hollow).toContain('class="key hollow"');
    expect(hollow).toContain('>Outlined: not verified.<');
    expect(hollow).toContain('>Not verified: Expired since');
  });

  it.each([320, 600, 960, 1400])('stays inside %s pixels', (width) => {
    for (const purchase of [makePurchase(), makeRenewals(60, 5 * 60_000)]) {
      const drawn = drawPurchaseSvg(purchase, { width });
      expect(numbersOf(drawn, 'width')[0]).toBe(width);
      expect(Math.max(...numbersOf(drawn, 'cx'), ...numbersOf(drawn, 'x'))).toBeLessThan(width);
      const height = numbersOf(drawn, 'height')[0]!;
      expect(Math.max(...numbersOf(drawn, 'cy'), ...numbersOf(drawn, 'y'))).toBeLessThan(height);
    }
  });

  it('shows remarks below the state', () =>
    expect(drawPurchaseSvg(makePurchase(), { remarks: ['Apple says <expired>'] })).toContain(
      '>Apple says &#60;expired&#62;</text>',
    ));

  it('draws a purchase without a period', () => {
    const empty = makePurchase({ periods: [], events: [], state: 'unknown', stateSinceMs: null });
    expect(checkXml(drawPurchaseSvg(empty))).toEqual([]);
  });
});

describe('several purchases', () => {
  it('have a lane each in one SVG', () => {
    const svg = drawPurchasesSvg([makePurchase(), makeRenewals(2, MONTH_MS, { id: '77' })]);
    expect(svg).toContain('<title>2 purchases: 1 active, 1 expired</title>');
    expect(svg).toContain('>77   ·   com.example.app.premium.monthly</text>');
    expect(svg).toContain('>expired 2026-11-29</text>');
    expect(checkXml(svg)).toEqual([]);
  });

  it('have a table and a section each in HTML', () => {
    const html = purchasesToHtml([makePurchase(), makeRenewals(2, MONTH_MS, { id: '77' })]).join('\n');
    expect(html.match(/<section/g)).toHaveLength(2);
    expect(html).toContain('<a href="#purchase-2"><code>77</code></a>');
    expect(html.match(/id="purchase-\d"/g)).toEqual(['id="purchase-1"', 'id="purchase-2"']);
  });
});

describe('hostile texts', () => {
  const EVIL =
    '\u0000\u001b]0;x\u0007\u202e</text></style><script>alert(1)</script>]]>"\' onload=alert(1) &lt;\ud800\uffff';
  const hostile = makePurchase({
    ...{ id: EVIL, productId: EVIL, environment: EVIL, bundleId: EVIL, ownership: EVIL, type: EVIL },
    events: [makeEvent(0, FIRST_MS, EVIL, EVIL, { source: EVIL }), makeEvent(1, FIRST_MS + MONTH_MS, EVIL, EVIL)],
    periods: [
      makePeriod(FIRST_MS, FIRST_MS + MONTH_MS, 'active', {
        productId: EVIL,
        price: { amountMilliunits: 1, currency: EVIL },
      }),
      makePeriod(FIRST_MS + MONTH_MS, null, 'expired', { productId: 'other' }),
    ],
    renewal: { isOn: true, productId: EVIL, atMs: FIRST_MS, price: null, offer: null, priceIncrease: null },
    findings: [{ id: 'repeats', message: EVIL, hint: EVIL, events: [0, 1] }],
  });

  it.each([
    ['in the SVG', drawPurchaseSvg(hostile)],
    ['in the SVG, active', drawPurchaseSvg({ ...hostile, state: 'active' })],
    ['in the SVG of several', drawPurchasesSvg([hostile, makePurchase()])],
    ['in HTML', `<div>${purchasesToHtml([hostile, makePurchase()]).join('\n')}</div>`],
  ])('are text only: %s', (_case, markup) => {
    expect(checkXml(markup)).toEqual([]);
    expect(markup).not.toMatch(/<script|<\/style><|javascript:|\son\w+="/i);
    expect(markup.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\ufffe\uffff]/u);
  });

  it('refer to nothing outside', () => {
    const all = drawPurchaseSvg(hostile) + drawPurchasesSvg([hostile]) + PURCHASE_PAGE_STYLE;
    expect(all.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|url\(|@import|<image|<use|href="[^#]/,
    );
  });
});

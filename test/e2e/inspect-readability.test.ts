import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN } from '../support/bin.js';
import { type BuiltInspector, startBuiltInspector } from '../support/built-inspector.js';
import { type BuiltListener, signedBody, startBuiltListener } from '../support/built-listener.js';
import { BROWSER_WAIT_MS, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { poorContrasts } from '../support/contrast.js';

const TABS = ['Summary', 'Payload', 'Checks', 'Deliveries', 'Raw', 'Timeline'];

describe.skipIf(NO_CHROMIUM !== '')(`the page of inspect is readable${NO_CHROMIUM}`, { timeout: 600_000 }, () => {
  let project: string;
  let elsewhere: string;
  let browser: Browser;
  let app: Server;
  let listener: BuiltListener;
  let inspector: BuiltInspector;
  let empty: BuiltInspector;

  beforeAll(async () => {
    [project, elsewhere] = ['readable', 'empty'].map((name) =>
      realpathSync(mkdtempSync(path.join(tmpdir(), `storewire-${name}-`))),
    ) as [string, string];
    app = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(request.url === '/refuses' ? 500 : 200).end('its answer'));
    });
    await once(app.listen(0, '127.0.0.1'), 'listening');
    const origin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const targets = ['-f', `app=${origin}/`, '-f', `a-warehouse-with-a-long-name=${origin}/refuses`];
    [browser, listener] = await Promise.all([
      launchChromium(),
      startBuiltListener({
        cwd: project,
        args: ['--trust-authority', '--on-invalid', 'forward', ...targets],
        env: { HOME: project },
      }),
    ]);
    empty = await startBuiltInspector(elsewhere);
    inspector = await startBuiltInspector(project, ['inspect', '--port', '0', ...targets]);
    const forged = execFileSync(process.execPath, [BIN, 'trigger', 'REFUND', '--forge', 'UNTRUSTED_ROOT', '--print'], {
      cwd: project,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    const bodies = [signedBody(project, 'DID_RENEW'), forged, 'no notification', signedBody(project, 'EXPIRED')];
    for (const body of bodies) {
      const headers = { 'content-type': 'application/json' };
      await (await fetch(listener.url, { method: 'POST', body, headers })).text();
    }
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await inspector?.stop();
    await empty?.stop();
    await listener?.stop();
    app?.closeAllConnections();
    app?.close();
    for (const folder of [project, elsewhere]) rmSync(folder, { recursive: true, force: true });
  });

  interface Look {
    readonly scheme?: 'light' | 'dark';
    readonly width?: number;
    readonly height?: number;
    readonly url?: string;
  }

  const openPage = async ({ scheme = 'light', width = 1280, height = 800, url }: Look = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
    context.setDefaultTimeout(BROWSER_WAIT_MS);
    const page = await context.newPage();
    await page.goto(url ?? inspector.url);
    return page;
  };
  const rows = (page: Page) => page.getByRole('listbox').getByRole('option');
  const showTab = async (page: Page, index: number): Promise<void> => {
    await page.keyboard.press(String(index + 1));
    await page.getByRole('tab', { name: TABS[index]!, selected: true }).waitFor();
  };
  const openDialog = async (page: Page, key: string, look: () => Promise<void>): Promise<void> => {
    await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
    await look();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };

  /** Shows every view in turn. */
  const lookAtAll = async (page: Page, look: (view: string) => Promise<void>): Promise<void> => {
    await rows(page).nth(3).waitFor();
    await look('list');
    for (const text of ['EXPIRED', 'REFUND', 'not a notification']) {
      await rows(page).filter({ hasText: text }).first().click();
      await page.getByRole('heading', { name: text, level: 2 }).waitFor();
      for (const [index, title] of TABS.entries()) {
        await showTab(page, index);
        await look(`${text}, ${title}`);
      }
      await showTab(page, 0);
    }
    await rows(page).filter({ hasText: 'EXPIRED' }).first().click();
    await page.getByRole('heading', { name: 'EXPIRED', level: 2 }).waitFor();
    await openDialog(page, '?', () => look('help'));
    await openDialog(page, 'e', async () => {
      await look('editor');
      await page.getByRole('dialog').getByRole('textbox').fill('{');
      await page.getByText('not valid JSON').waitFor();
      await look('editor with a defect');
    });
    await openDialog(page, 'r', async () => {
      await page.getByRole('button', { name: 'Send to a-warehouse' }).click();
      await page.getByText('refused with 500').waitFor();
      await look('replay');
    });
    await page.keyboard.press('y');
    await page.locator('.notice').waitFor();
    await look('notice');
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('No notification matches the filter.').waitFor();
    await look('no match');
  };

  it.each(['light', 'dark'] as const)('every text has the contrast of WCAG AA, %s', async (scheme) => {
    const found: Record<string, unknown> = {};
    let checked = 0;
    const measure = async (page: Page, view: string): Promise<void> => {
      const contrasts = await poorContrasts(page);
      checked += contrasts.checked;
      if (contrasts.poor.length > 0) found[view] = contrasts.poor;
    };
    const page = await openPage({ scheme });
    await lookAtAll(page, (view) => measure(page, view));
    const others: readonly (readonly [string, string, string])[] = [
      ['empty', empty.url, 'The journal is empty'],
      ['no token', empty.origin, 'This page needs the URL'],
      ['wrong token', `${empty.origin}/#t=${'x'.repeat(32)}`, 'does not accept the token'],
    ];
    for (const [view, url, text] of others) {
      const other = await openPage({ scheme, url });
      await other.getByText(text).waitFor();
      await measure(other, view);
    }
    expect(found).toEqual({});
    expect(checked).toBeGreaterThan(500);
    // The measure itself: the same text in a colour that is too near to its back.
    const near = scheme === 'light' ? '#8a93a0' : '#666';
    await page.evaluate(`document.documentElement.style.setProperty('--quiet', '${near}')`);
    expect((await poorContrasts(page)).poor).toContainEqual(
      expect.objectContaining({ text: 'No notification matches the filter.', least: 4.5 }),
    );
  });

  it.each([
    ['a narrow window', { width: 400, height: 700 }],
    ['a laptop at 200 %', { width: 640, height: 400 }],
    ['a small window', { width: 800, height: 600 }],
    ['a laptop', { width: 1280, height: 800 }],
  ])('nothing runs out of %s', async (_case, size) => {
    const page = await openPage(size);
    const outside: string[] = [];
    await lookAtAll(page, async (view) => {
      const widest = await page.evaluate<number>(
        "Math.max(...[...document.querySelectorAll('button, input, select, textarea, h1, h2, p, dd, li, img, .verdict, .chip')].map((each) => each.getBoundingClientRect().right))",
      );
      if (widest > size.width) outside.push(`${view}: ${widest}`);
    });
    expect(outside).toEqual([]);
    await page.getByRole('searchbox').fill('');
    await rows(page).filter({ hasText: 'EXPIRED' }).first().click();
    const summary = page.locator('.summary p').first();
    await summary.scrollIntoViewIfNeeded();
    const box = await summary.boundingBox();
    expect(box!.y).toBeGreaterThan(0);
    expect(box!.y + box!.height).toBeLessThanOrEqual(size.height);
  });

  it('every control has a name, and a focus that is seen, in the order of the page', async () => {
    const page = await openPage();
    await rows(page).filter({ hasText: 'REFUND' }).first().click();
    await page.getByRole('tabpanel').waitFor();
    await page.getByRole('searchbox').focus();
    const order: string[] = [];
    const hidden: string[] = [];
    for (let step = 0; step < 8; step++) {
      const focus = await page.evaluate<{ name: string; isSeen: boolean }>(`(() => {
        const { activeElement: each } = document;
        const shown = each.matches('.rows') ? (each.querySelector('[aria-selected=true]') ?? each) : each;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        return {
          name: each.ariaLabel ?? (each.id === 'panel' ? 'panel' : each.firstChild.textContent),
          isSeen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        };
      })()`);
      order.push(focus.name);
      if (!focus.isSeen) hidden.push(focus.name);
      await page.keyboard.press('Tab');
    }
    expect(hidden).toEqual([]);
    expect(order).toEqual([
      'Filter',
      'Notifications, newest first',
      'Close',
      'Replay',
      'Edit and sign again',
      'Copy as curl',
      'Summary',
      'panel',
    ]);
    const unnamed = await page.evaluate<string[]>(
      "[...document.querySelectorAll('button, input, select, textarea, [role=listbox], [role=tabpanel]')].filter((each) => !(each.innerText || each.ariaLabel || each.getAttribute('aria-labelledby'))).map((each) => each.outerHTML)",
    );
    expect(unnamed).toEqual([]);
  });

  it('the tab bar is one stop, in which arrows move; closing gives the focus to the list', async () => {
    const page = await openPage();
    await rows(page).filter({ hasText: 'REFUND' }).first().click();
    await page.getByRole('tab', { name: 'Summary' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Payload', selected: true }).waitFor();
    await page.keyboard.press('End');
    await page.getByRole('tab', { name: 'Timeline', selected: true }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Summary', selected: true }).waitFor();
    expect(await page.locator('[role=tab]:not([tabindex="-1"])').count()).toBe(1);
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    await page.getByRole('heading', { name: 'Select a notification' }).waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe('listbox');
  });

  it('nothing moves by itself', async () => {
    const page = await openPage();
    await rows(page).first().click();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    const styles = await page.evaluate<string>("document.querySelector('style').textContent");
    expect(styles).not.toMatch(/transition|animation|scroll-behavior/);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN } from '../support/bin.js';
import { type BuiltInspector, startBuiltInspector } from '../support/built-inspector.js';
import { type BuiltListener, signedBody, startBuiltListener } from '../support/built-listener.js';
import { BROWSER_WAIT_MS, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { type CollectingApp, startCollectingApp } from '../support/collecting-app.js';

/** One session, step by step: each begins where the one before it left the page. */
const SESSION = { timeout: 600_000, shuffle: false };

describe.skipIf(NO_CHROMIUM !== '')(`the page of inspect in Chromium${NO_CHROMIUM}`, SESSION, () => {
  let project: string;
  let browser: Browser;
  let listener: BuiltListener;
  let inspector: BuiltInspector;
  let app: CollectingApp;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    project = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-page-')));
    app = await startCollectingApp();
    [browser, listener] = await Promise.all([
      launchChromium(),
      startBuiltListener({ cwd: project, args: ['--trust-authority'], env: { HOME: project } }),
    ]);
    inspector = await startBuiltInspector(project, ['inspect', '--port', '0', '-f', `app=${app.url}`]);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: inspector.origin });
    context.setDefaultTimeout(BROWSER_WAIT_MS);
    page = await context.newPage();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await inspector?.stop();
    await listener?.stop();
    app?.close();
    rmSync(project, { recursive: true, force: true });
  });

  const rows = () => page.getByRole('listbox').getByRole('option');
  const panel = () => page.getByRole('tabpanel');
  const dialog = () => page.getByRole('dialog');
  /** The row that shows this text, once it is there. */
  const row = (text: string) => rows().filter({ hasText: text }).first();
  const selectedRow = () => page.locator('[role=option][aria-selected=true]');
  /** Of the picture, which is drawn as wide as there is room. */
  const timelineWidth = () => page.evaluate<number>("document.querySelector('img.timeline')?.naturalWidth ?? 0");
  const search = (): string => new URL(page.url()).search;
  const send = async (body: string): Promise<void> => {
    const response = await fetch(listener.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    await response.text();
  };
  const eventually = (read: () => unknown) => expect.poll(read, { timeout: BROWSER_WAIT_MS });

  it('shows what to do first, and takes the token out of the URL', async () => {
    await page.goto(inspector.url);
    await page.getByRole('heading', { name: 'The journal is empty' }).waitFor();
    expect(page.url()).toBe(`${inspector.origin}/`);
    expect(await page.locator('.commands code').count()).toBe(3);
    await page.getByText('Apple needs a public https URL.').waitFor();
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
  });

  it('shows the first notification after one click', async () => {
    await page.getByRole('button', { name: 'Send a sample' }).click();
    await selectedRow().filter({ hasText: 'DID_RENEW' }).waitFor();
    await panel().locator('.heading', { hasText: 'Subscription renewed' }).waitFor();
    await eventually(() => selectedRow().innerText()).toMatch(/valid[\s\S]*200[\s\S]*synthetic/);
    await eventually(search).toMatch(/^\?id=\w+$/);
  });

  it('adds what arrives on top, and leaves what is being read', async () => {
    const read = await panel().innerText();
    await send(signedBody(project, 'SUBSCRIBED.INITIAL_BUY'));
    await row('SUBSCRIBED.INITIAL_BUY').waitFor();
    expect(await rows().first().innerText()).toContain('SUBSCRIBED');
    expect(await rows().count()).toBe(2);
    expect(await selectedRow().innerText()).toContain('DID_RENEW');
    expect(await panel().innerText()).toBe(read);
  });

  it('obeys its keys', async () => {
    await page.keyboard.press('g');
    await selectedRow().filter({ hasText: 'SUBSCRIBED' }).waitFor();
    await page.keyboard.press('j');
    await selectedRow().filter({ hasText: 'DID_RENEW' }).waitFor();
    await page.keyboard.press('k');
    await selectedRow().filter({ hasText: 'SUBSCRIBED' }).waitFor();
    const titles = ['Summary', 'Payload', 'Checks', 'Deliveries', 'Raw', 'Timeline'];
    for (const [index, title] of [...titles.entries()].reverse()) {
      await page.keyboard.press(String(index + 1));
      await page.getByRole('tab', { name: title, selected: true }).waitFor();
    }
    await page.keyboard.press('?');
    await dialog().getByRole('heading', { name: 'Keys' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    expect(await selectedRow().innerText()).toContain('SUBSCRIBED');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Select a notification' }).waitFor();
    await eventually(search).toBe('');
  });

  it('filters, and keeps the filter in the URL', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('initial');
    await row('DID_RENEW').waitFor({ state: 'detached' });
    expect(await rows().count()).toBe(1);
    await eventually(search).toBe('?q=initial');
    await page.reload();
    await row('SUBSCRIBED').waitFor();
    expect([await rows().count(), await page.getByRole('searchbox').inputValue()]).toEqual([1, 'initial']);
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('No notification matches the filter.').waitFor();
    await page.getByRole('searchbox').fill('');
    await row('DID_RENEW').waitFor();
    await page.keyboard.press('Escape');
  });

  it('shows each check of a forged one, with what was expected and found', async () => {
    const args = ['trigger', 'REFUND', '--forge', 'UNTRUSTED_ROOT', '--print'];
    await send(execFileSync(process.execPath, [BIN, ...args], { cwd: project, encoding: 'utf8', stdio: 'pipe' }));
    await row('REFUND').click();
    await page.keyboard.press('3');
    const failed = panel().locator('li.failed').filter({ hasText: 'chain.root' }).first();
    await failed.getByText('UNTRUSTED_ROOT').waitFor();
    expect(await failed.innerText()).toMatch(/Expected\s+Apple Root CA - G3[\s\S]*Found[\s\S]*Hint/);
    expect(await panel().locator('li.passed').count()).toBeGreaterThan(5);
    expect(await panel().locator('li.skipped').count()).toBeGreaterThan(0);
    expect(await selectedRow().innerText()).toContain('invalid');
  });

  it('shows payload and raw body', async () => {
    await row('SUBSCRIBED').click();
    await page.keyboard.press('2');
    await panel().getByText('"notificationType": "SUBSCRIBED"').waitFor();
    await panel().getByText('"productId": "com.example.app.premium.monthly"', { exact: false }).first().waitFor();
    await page.keyboard.press('5');
    await eventually(() => panel().locator('pre').first().innerText()).toMatch(/^\{"signedPayload":"eyJ/);
  });

  it('replays to a target, byte for byte, and shows its answer', async () => {
    await page.keyboard.press('5');
    const body = await panel().locator('pre').first().innerText();
    await page.keyboard.press('r');
    await dialog().getByRole('button', { name: 'Send to app' }).click();
    await dialog().getByText('accepted with 200').waitFor();
    expect(app.bodies.map(String)).toEqual([body]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('4');
    await panel().locator('.deliveries li').filter({ hasText: 'accepted' }).waitFor();
    await row('SUBSCRIBED').locator('.chip.good', { hasText: 'app' }).waitFor();
  });

  it('edits and signs again, and says that the result is synthetic', async () => {
    await page.setViewportSize({ width: 800, height: 600 });
    await page.keyboard.press('e');
    await dialog().getByText('The result is synthetic.').waitFor();
    const button = await dialog().getByRole('button', { name: 'Sign and send' }).boundingBox();
    expect(button!.y + button!.height).toBeLessThan(580);
    await page.setViewportSize({ width: 1280, height: 800 });
    const editor = dialog().getByRole('textbox');
    const text = await editor.inputValue();
    await editor.fill(text.slice(0, -2));
    await dialog().getByText('not valid JSON').waitFor();
    expect(await dialog().getByRole('button', { name: 'Sign and send' }).isDisabled()).toBe(true);
    await editor.fill(text.replaceAll('com.example.app.premium.monthly', 'edited.by.hand'));
    await dialog().getByRole('button', { name: 'Sign and send' }).click();
    await selectedRow().filter({ hasText: 'edited.by.hand' }).waitFor();
    await eventually(() => selectedRow().innerText()).toMatch(/valid[\s\S]*synthetic/);
  });

  it('copies as curl', async () => {
    // The row is selected before its notification is read, and a key has nothing to copy until then.
    await dialog().waitFor({ state: 'hidden' });
    await page.keyboard.press('2');
    await panel().getByText('edited.by.hand').first().waitFor();
    await page.keyboard.press('y');
    await page.getByText('Copied as a curl command.').waitFor();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toMatch(/^curl [\s\S]*signedPayload/);
    expect(copied).toContain(listener.url);
  });

  it('draws the timeline of the purchase', async () => {
    await page.keyboard.press('6');
    await page.getByRole('img', { name: 'Timeline of purchase' }).waitFor();
    await eventually(timelineWidth).toBeGreaterThan(600);
    await eventually(timelineWidth).toBeLessThanOrEqual((await panel().boundingBox())!.width - 40);
  });

  it('is as it was after a reload, without the token in the URL', async () => {
    const shown = await selectedRow().innerText();
    await eventually(search).toContain('tab=timeline');
    await page.reload();
    await page.getByRole('tab', { name: 'Timeline', selected: true }).waitFor();
    await eventually(() => selectedRow().innerText()).toBe(shown);
    await eventually(timelineWidth).toBeGreaterThan(600);
  });
});

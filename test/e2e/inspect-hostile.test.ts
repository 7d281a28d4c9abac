import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/jws/json.js';
import { createAuthority } from '../../src/simulator/authority/authority.js';
import { signNotification } from '../../src/simulator/authority/sign-payload.js';
import { type BuiltInspector, startBuiltInspector } from '../support/built-inspector.js';
import { startBuiltListener } from '../support/built-listener.js';
import { BROWSER_WAIT_MS, launchChromium, NO_CHROMIUM } from '../support/chromium.js';
import { fullObject } from '../support/full-payloads.js';
import { productOf, writeLargeJournal } from '../support/large-journal.js';
import { freePort } from '../support/server-process.js';

/** Runs a script or sends a request wherever it is taken for markup, a URL or a style. */
const MARKUP = [
  '"\'><img src=http://evil.invalid/a onerror=window.hacked=1>',
  '<script>window.hacked=1</script><svg onload=window.hacked=1>',
  'javascript:window.hacked=1 http://evil.invalid/b',
  '</style><style>*{background:url(http://evil.invalid/c)}</style>{{window.hacked=1}}\u202e',
].join('');

/** The same object with hostile text for each string and in each further key. */
function poison(value: unknown): unknown {
  if (typeof value === 'string') return MARKUP;
  if (Array.isArray(value)) return value.map(poison);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, poison(inner)]);
  return { ...Object.fromEntries(entries), [MARKUP]: MARKUP };
}

/** All fields of the parts of a notification, poisoned; its type too, unless `isKnown`. */
async function hostilePayloads(): Promise<readonly string[]> {
  const chain = await (await createAuthority({ nowMs: Date.now() })).issueChain();
  const {
    appData: _appData,
    summary: _summary,
    externalPurchaseToken: _token,
    ...notification
  } = fullObject('notification');
  return [true, false].map((isKnown) => {
    const poisoned = poison(notification) as JsonObject;
    const data = { ...(poisoned.data as JsonObject), signedTransactionInfo: undefined, signedRenewalInfo: undefined };
    const named = isKnown ? { notificationType: 'DID_RENEW', subtype: undefined } : {};
    const built = {
      notification: { ...poisoned, ...named, data },
      transaction: poison(fullObject('transaction')) as JsonObject,
      renewalInfo: poison(fullObject('renewalInfo')) as JsonObject,
    };
    return signNotification(built, chain).body;
  });
}

describe.skipIf(NO_CHROMIUM !== '')(
  `the page of inspect, attacked and strained${NO_CHROMIUM}`,
  {
    timeout: 600_000,
  },
  () => {
    let folder: string;
    let browser: Browser;
    const running: { stop(): Promise<unknown> }[] = [];

    beforeAll(async () => {
      folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-hostile-')));
      browser = await launchChromium();
    }, 600_000);

    afterAll(async () => {
      await browser?.close();
      for (const each of running) await each.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const newProject = (name: string): string => {
      const project = path.join(folder, name);
      mkdirSync(project);
      return project;
    };
    const serve = async (project: string, args?: readonly string[]): Promise<BuiltInspector> => {
      const inspector = await startBuiltInspector(project, args);
      running.push(inspector);
      return inspector;
    };
    const newPage = async (): Promise<Page> => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      context.setDefaultTimeout(BROWSER_WAIT_MS);
      return context.newPage();
    };
    const rows = (page: Page) => page.getByRole('listbox').getByRole('option');
    const eventually = (read: () => unknown) => expect.poll(read, { timeout: BROWSER_WAIT_MS });

    describe('a hostile payload in every field', () => {
      /** Opens every view of every row, and expects that nothing ran and nothing was asked of anyone else. */
      const lookAtAll = async (inspector: BuiltInspector, count: number): Promise<Page> => {
        const page = await newPage();
        const requested = new Set<string>();
        page.on('request', (each) => requested.add(new URL(each.url()).origin));
        const failures: string[] = [];
        page.on('pageerror', (error) => failures.push(error.message));
        // The policy would stop what the page did not: it must have nothing to stop.
        page.on('console', (message) => {
          if (/Content Security Policy/.test(message.text())) failures.push(message.text());
        });
        await page.goto(inspector.url);
        await eventually(() => rows(page).count()).toBe(count);
        for (let index = 0; index < count; index++) {
          await rows(page).nth(index).click();
          await page.locator(`[role=option][aria-posinset="${index + 1}"][aria-selected=true]`).waitFor();
          for (const key of ['1', '2', '3', '4', '5', '6']) {
            await page.keyboard.press(key);
            await page.locator(`[role=tab][title="Key ${key}"][aria-selected=true]`).waitFor();
          }
          for (const key of ['e', 'r']) {
            await page.keyboard.press(key);
            await page.getByRole('dialog').waitFor();
            await page.keyboard.press('Escape');
            await page.getByRole('dialog').waitFor({ state: 'detached' });
          }
        }
        const added =
          'img:not(.timeline), script:not(body > script), iframe, object, embed, link, base, a, style:not(head > style)';
        expect(await page.evaluate(`document.querySelectorAll('${added}').length`)).toBe(0);
        expect(await page.evaluate('window.hacked')).toBeUndefined();
        expect([...requested]).toEqual([inspector.origin]);
        expect(failures).toEqual([]);
        return page;
      };

      it('runs no script and sends no request elsewhere, unsigned and in answers of a target', async () => {
        const project = newProject('hostile');
        const answers: Server = createServer((_request, response) => response.writeHead(500).end(MARKUP));
        await once(answers.listen(0, '127.0.0.1'), 'listening');
        running.push({ stop: async () => answers.close() });
        const target = `app=http://127.0.0.1:${(answers.address() as AddressInfo).port}/`;
        const args = ['--trust-authority', '--on-invalid', 'forward', '-f', target];
        const listener = await startBuiltListener({ cwd: project, args, env: { HOME: project } });
        running.push(listener);
        const headers = { 'content-type': 'application/json', 'user-agent': MARKUP.replace('\u202e', '') };
        const bodies = [JSON.stringify({ signedPayload: MARKUP }), JSON.stringify({ [MARKUP]: MARKUP }), MARKUP];
        for (const body of bodies) await (await fetch(listener.url, { method: 'POST', body, headers })).text();
        await lookAtAll(await serve(project, ['inspect', '--port', '0', '-f', target]), bodies.length);
      });

      it('runs no script and sends no request elsewhere, signed and in every field', async () => {
        const project = newProject('hostile-input');
        const payloads = await hostilePayloads();
        writeFileSync(path.join(project, 'payloads.ndjson'), payloads.join('\n'));
        const page = await lookAtAll(
          await serve(project, ['inspect', '--port', '0', 'payloads.ndjson']),
          payloads.length,
        );
        await page.keyboard.press('2');
        await page.getByRole('tabpanel').getByText('<script>window.hacked=1</script>').first().waitFor();
      });
    });

    describe('100,000 notifications', () => {
      const SIZE = 100_000;

      it('scroll to the right rows, and stay where they are when one arrives', async () => {
        const project = newProject('large');
        writeLargeJournal(project, SIZE);
        const inspector = await serve(project);
        const page = await newPage();
        await page.goto(inspector.url);
        const rowOf = (n: number) => rows(page).filter({ has: page.getByText(`${productOf(n)} ·`, { exact: false }) });
        await rowOf(SIZE - 1).waitFor();
        await page.getByText('100,000', { exact: true }).waitFor();
        // Rows in view and a few more, not all of them.
        expect(await rows(page).count()).toBeLessThan(60);

        const height = await page.evaluate<number>("document.querySelector('.row').offsetHeight");
        const scrollTo = (index: number) =>
          page.evaluate(`document.querySelector('.rows').scrollTo({ top: ${index * height} })`);
        for (const index of [50_000, 12_345, 99_000]) {
          await scrollTo(index);
          await rowOf(SIZE - 1 - index).waitFor();
          expect(await rowOf(SIZE - 1 - index).getAttribute('aria-posinset')).toBe(String(index + 1));
        }
        await page.keyboard.press('G');
        await rowOf(0).waitFor();
        // Older than half a day: the longest form of a time.
        const cut =
          "[...document.querySelectorAll('.at')].filter((each) => each.scrollWidth > each.clientWidth).length";
        expect(await page.evaluate(cut)).toBe(0);
        // Recorded as valid; the bytes are not, and the detail verifies them.
        await page.locator('.title .verdict', { hasText: 'invalid' }).waitFor();
        await page.keyboard.press('g');
        await page.locator('[role=option][aria-selected=true]', { hasText: `${productOf(SIZE - 1)} ·` }).waitFor();

        await page.keyboard.press('Escape');
        await scrollTo(500);
        const read = rowOf(SIZE - 1 - 500);
        await read.waitFor();
        const before = await read.boundingBox();
        const listener = await startBuiltListener({
          cwd: project,
          args: ['--trust-authority'],
          env: { HOME: project },
        });
        running.push(listener);
        const body = '{"signedPayload":"e30.e30.c2ln"}';
        await fetch(listener.url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
        await page.getByRole('button', { name: '1 new' }).waitFor();
        await eventually(() => read.getAttribute('aria-posinset')).toBe('502');
        expect(await read.boundingBox()).toEqual(before);
        await page.getByRole('button', { name: '1 new' }).click();
        await page.locator('[role=option][aria-posinset="1"]', { hasText: 'invalid' }).waitFor();

        await page.getByRole('searchbox').fill(`product:${productOf(98_765)}`);
        await rowOf(98_765).waitFor();
        await eventually(() => rows(page).count()).toBe(1);
      });
    });

    describe('a restart', () => {
      it('is survived: the page says what to do, and goes on with the new URL in the same tab', async () => {
        const project = newProject('restart');
        writeLargeJournal(project, 3);
        const port = String(await freePort());
        const first = await startBuiltInspector(project, ['inspect', '--port', port]);
        const page = await newPage();
        await page.goto(first.url);
        await eventually(() => rows(page).count()).toBe(3);
        const status = page.getByRole('status');
        await status.filter({ hasText: 'live' }).waitFor();
        await first.stop();
        await status.filter({ hasText: 'reconnecting' }).waitFor();
        expect(await rows(page).count()).toBe(3);

        const second = await serve(project, ['inspect', '--port', port]);
        await page.getByRole('alert').filter({ hasText: 'Copy the new URL from the terminal' }).waitFor();
        expect(await rows(page).count()).toBe(3);
        await page.goto(second.url);
        await status.filter({ hasText: 'live' }).waitFor();
        expect(page.url()).toBe(`${second.origin}/`);
        await eventually(() => rows(page).count()).toBe(3);
        expect(await page.getByRole('alert').count()).toBe(0);
      });
    });

    describe('access', () => {
      let inspector: BuiltInspector;
      beforeAll(async () => {
        inspector = await serve(newProject('access'));
      });

      it('needs the token of the URL', async () => {
        const page = await newPage();
        await page.goto(inspector.origin);
        await page.getByRole('heading', { name: 'This page needs the URL from the terminal' }).waitFor();
        await page.goto(`${inspector.origin}/#t=${'x'.repeat(32)}`);
        await page.getByRole('alert').filter({ hasText: 'Copy the new URL from the terminal' }).waitFor();
        expect(await page.getByRole('button', { name: 'Send a sample' }).count()).toBe(0);
      });

      /** Status of a request with these headers and the token. */
      const statusOf = async (method: string, target: string, headers: Record<string, string>): Promise<number> => {
        const authorization = `Bearer ${inspector.token}`;
        const sent = request(inspector.origin + target, { method, headers: { authorization, ...headers } });
        sent.end(method === 'POST' ? '{"type":"TEST"}' : undefined);
        const [response] = await once(sent, 'response');
        response.resume();
        return response.statusCode;
      };
      const json = { 'content-type': 'application/json' };

      it.each([
        ['the page under the name of another host', 'GET', '/', { host: 'evil.invalid' }, 403],
        ['the list under the name of another host', 'GET', '/api/notifications', { host: 'evil.invalid:80' }, 403],
        ['a POST of another origin', 'POST', '/api/trigger', { ...json, origin: 'http://evil.invalid' }, 403],
        ['a POST without an origin', 'POST', '/api/trigger', json, 403],
        ['a list with another token', 'GET', '/api/notifications', { authorization: 'Bearer x' }, 401],
        ['events with another token', 'GET', '/api/events', { authorization: 'Bearer x' }, 401],
        ['a timeline with another ticket', 'GET', '/api/timeline/x.svg?ticket=x', { authorization: '' }, 401],
        ['a list with all in order', 'GET', '/api/notifications', {}, 200],
      ])('answers %s', async (_case, method, target, headers, status) =>
        expect(await statusOf(method, target, headers)).toBe(status),
      );

      it('sends the page with a policy that names its own script and style only', async () => {
        const response = await fetch(inspector.origin);
        expect(response.headers.get('content-security-policy')).toMatch(
          /^default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; connect-src 'self'; img-src 'self'; frame-ancestors 'none'/,
        );
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        await response.text();
      });
    });

    it('beside listen, a sample is shown after one click', async () => {
      const project = newProject('listen');
      const inspector = await serve(project, ['listen', '--port', '0', '--inspect', '0', '--trust-authority']);
      const page = await newPage();
      await page.goto(inspector.url);
      await page.getByRole('heading', { name: 'Waiting for the first notification' }).waitFor();
      await page.getByRole('button', { name: 'Send a sample' }).click();
      await page.locator('[role=option][aria-selected=true]', { hasText: 'DID_RENEW' }).waitFor();
      await page.locator('.summary .heading', { hasText: 'Subscription renewed' }).first().waitFor();
    });

    it('beside inspect, the button is there as long as a listener runs', async () => {
      const project = newProject('later');
      const page = await newPage();
      await page.goto((await serve(project)).url);
      const none = page.getByText('No listener runs in this project');
      await none.waitFor();
      const button = page.getByRole('button', { name: 'Send a sample' });
      expect(await button.count()).toBe(0);
      const listener = await startBuiltListener({ cwd: project, args: ['--trust-authority'], env: { HOME: project } });
      running.push(listener);
      await button.waitFor();
      await page.getByText(listener.url, { exact: true }).waitFor();
      await listener.stop();
      await none.waitFor();
      expect(await button.count()).toBe(0);
    });
  },
);

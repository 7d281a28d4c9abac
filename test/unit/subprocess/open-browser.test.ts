import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../../src/subprocess/open-browser.js';

const PAGE = 'http://127.0.0.1:4281/?pass=a';

describe.skipIf(process.platform === 'win32')('the browser', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'storewire-browser-'));
    for (const name of ['xdg-open', 'open', 'rundll32', 'rundll32.exe'])
      writeFileSync(join(folder, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['linux', 'darwin'] as const)('is started by the program of the system on %s', async (platform) =>
    expect(await openBrowser(PAGE, { env: { PATH: folder }, platform })).toBe(true),
  );

  it('is not started by a program of the current folder on Windows', async () => {
    const env = { PATH: folder, SystemRoot: '/nowhere' };
    expect(await openBrowser(PAGE, { env, platform: 'win32' })).toBe(false);
  });

  it('says where no program could be started', async () =>
    expect(await openBrowser(PAGE, { env: { PATH: '/nowhere' }, platform: 'linux' })).toBe(false));
});

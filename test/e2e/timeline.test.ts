import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, collect, runBin } from '../support/bin.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-timeline-e2e-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('timeline, as a process', () => {
  it('draws what trigger prints', async () => {
    const printed = await runBin(['trigger', '--scenario', 'billing-retry-lost', '--print'], '', {}, folder);
    const { ended, stdout } = await runBin(['timeline', '-'], printed.stdout, {}, folder);
    expect(ended).toBe(0);
    expect(stdout).toMatch(/^Expired since /);
    expect(stdout).toMatch(/\n {2}active +grace +billing retry +expired\n/);
  });

  it('reads the journal where stdin is no pipe', async () => {
    const child = spawn(process.execPath, [BIN, 'timeline'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const { ended, stderr } = await collect(child);
    expect(ended).toBe(2);
    expect(stderr).toContain('error: there is no journal here');
  });
});

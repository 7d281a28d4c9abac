import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { hasRunning } from '../../../src/subprocess/group.js';

// 'darwin' asks with `kill`, which Linux has too.
describe.each(process.platform === 'linux' ? (['linux', 'darwin'] as const) : (['darwin'] as const))(
  'a group, asked as on %s',
  (platform) => {
    it('runs as long as one of it does', async () => {
      const leader = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!'], {
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [[child]] = await Promise.all([once(leader.stdout, 'data'), once(leader, 'exit')]);
      expect(await hasRunning(leader.pid!, platform)).toBe(true);
      process.kill(Number(child), 'SIGKILL');
      // Only where the ended are told from the running: here PID 1 may leave them for good.
      while (platform === 'linux' && (await hasRunning(leader.pid!, platform)))
        await new Promise((resolve) => setTimeout(resolve, 10));
    });

    it('that is another one does not count', async () => {
      const alone = spawn('/bin/sh', ['-c', 'exit 0'], { detached: true, stdio: 'ignore' });
      await once(alone, 'exit');
      expect(await hasRunning(alone.pid!, platform)).toBe(false);
    });
  },
);

it.skipIf(process.platform === 'win32')('is asked with kill on a Linux without /proc', async () => {
  const leader = spawn('/bin/sh', ['-c', 'read -r _'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  await once(leader, 'spawn');
  const isThere = (): Promise<boolean> => hasRunning(leader.pid!, 'linux', '/nonexistent');
  expect(await isThere()).toBe(true);
  leader.stdin.end();
  await once(leader, 'exit');
  expect(await isThere()).toBe(false);
});

it('does not exist on Windows', async () => {
  expect(await hasRunning(process.pid, 'win32')).toBe(false);
});

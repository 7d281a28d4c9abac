import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAuthority } from '../../../src/simulator/authority/authority.js';
import { startEmulator } from '../../../src/testing.js';
import { startTestEndpoint } from '../../support/emulator.js';

it('storewire/testing starts an emulator with no clock given', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'storewire-testing-'));
  const endpoint = await startTestEndpoint();
  const authority = await createAuthority({ nowMs: Date.now() });
  const stop = new AbortController();
  const emulator = await startEmulator({
    ...{ authority, stateFolder, random: randomBytes, sandboxUrl: endpoint.url, signal: stop.signal },
  });
  const { attempts, signedPayload } = await emulator.send({ type: 'DID_RENEW' });
  expect(attempts).toMatchObject([{ sendAttemptResult: 'SUCCESS', httpStatus: 200 }]);
  expect(endpoint.bodies).toEqual([JSON.stringify({ signedPayload })]);
  stop.abort('done');
  await emulator.stop();
  await expect(fetch(emulator.url)).rejects.toThrow('fetch failed');
  await endpoint.close();
  rmSync(stateFolder, { recursive: true, force: true });
});

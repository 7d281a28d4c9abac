import { it } from 'vitest';
import { registerTest } from '../../src/cli/commands/test.js';
import { FakeServerApi, makeAppleHome, virtualClock, apiError, UNAUTHENTICATED } from '../support/fake-server-api.js';
import { runCommand } from '../support/run-command.js';
it('x', async () => {
  const home = await makeAppleHome();
  const signal = new AbortController().signal;
  const clock = virtualClock(signal);
  const fake = await FakeServerApi.start((request, index) => {
    if (request.method === 'POST') return { json: { testNotificationToken: 'tok_1' } };
    if (index < 3) return apiError(4040008);
    return { json: { signedPayload: home.signed(), sendAttempts: [{ attemptDate: clock.now() - 1000, sendAttemptResult: 'TLS_ISSUE' }] } };
  }, clock.now);
  const deps = { env: { ...home.env, STOREWIRE_SERVER_API_SANDBOX_URL: fake.url, STOREWIRE_SERVER_API_PRODUCTION_URL: fake.url }, cwd: home.folder, now: clock.now, sleep: clock.sleep, signal, http: async () => fake.dispatcher, random: (n: number) => new Uint8Array(n), platform: 'linux' as const, userId: -1 };
  for (const argv of [['test', '--environment', 'sandbox', '--wait'], ['test', '--environment', 'both', '--wait', '--json'], ['test','--environment','sandbox']]) {
    const r = await runCommand(registerTest, argv, deps, { columns: 80 });
    console.log(r.code + '\n' + r.stdout + '\n---\n' + r.stderr);
  }
  const bad = await FakeServerApi.start(() => UNAUTHENTICATED, clock.now);
  const r = await runCommand(registerTest, ['test', '--environment', 'production'], { ...deps, http: async () => bad.dispatcher, env: { ...deps.env, STOREWIRE_SERVER_API_PRODUCTION_URL: bad.url } }, { columns: 80 });
  console.log(r.code + '\n' + r.stdout + '\n---\n' + r.stderr);
  await fake.stop(); await bad.stop(); home.remove();
});

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type BadEndpoint,
  CONDUCT_NAMES,
  CONDUCTS,
  type ConductName,
  endpointCertificates,
  startBadEndpoint,
} from '../support/bad-endpoints.js';
import { checkEndpoint } from '../support/check-outcome.js';
import type { EndpointCertificates } from '../support/endpoint-certificates.js';
import { realWorld } from '../support/world.js';

let certificates: EndpointCertificates;
const running: BadEndpoint[] = [];
beforeAll(async () => {
  certificates = await endpointCertificates();
});
afterEach(async () => {
  for (const endpoint of running.splice(0)) await endpoint.stop();
});

/** Long enough to be sure that nothing more comes. */
const HANG_MS = 300;

async function check(name: ConductName, isSecure = false) {
  const endpoint = await startBadEndpoint(name, certificates, isSecure);
  running.push(endpoint);
  const limit = endpoint.conduct.hangs ? { timeoutMs: HANG_MS } : {};
  return checkEndpoint(endpoint.url, realWorld([certificates.rootPem], limit));
}

/** Which step is to name what is wrong; the first that fits. */
const STEPS: readonly (readonly [RegExp, string | null])[] = [
  [/^ok-/, null],
  // Everyone gets it: nothing of the notification was looked at.
  [/^status-401$/, 'http.wall'],
  [/^redirect-|^status-303$/, 'http.redirect'],
  [/^status-/, 'http.status'],
  [/^bad-charset$/, 'http.charset'],
  [/^unresolvable$/, 'dns.address'],
  [/-in-handshake$|^http-where-tls-is-expected$/, 'tls.handshake'],
  [/^tls-1/, 'tls.version'],
  [/^tls-expired$|^tls-not-yet-valid$/, 'tls.expiry'],
  [/^tls-self-signed$/, 'tls.self-signed'],
  [/^tls-wrong-name$/, 'tls.hostname'],
  [/^tls-incomplete-chain$|^tls-unknown-root$/, 'tls.chain'],
  [/^tls-client-certificate/, 'tls.client-certificate'],
  [/./, 'http.answer'],
];

function expectedStep(name: ConductName): string | null {
  return STEPS.find(([pattern]) => pattern.test(name))![1];
}

/** A redirect that ends well is a failure, though the sender, which follows it, has nothing to report. */
const ENDS_WELL: readonly ConductName[] = ['redirect-301', 'redirect-308'];

async function expectNamed(name: ConductName, isSecure = false): Promise<void> {
  const { failed, warned, predicted, reported } = await check(name, isSecure);
  const step = expectedStep(name);
  expect(failed).toEqual(step === null ? [] : [step]);
  expect(reported).toBe(CONDUCTS[name].result);
  if (step !== null) expect(predicted).toEqual([ENDS_WELL.includes(name) ? null : reported]);
  // An endpoint that answers 200 to everything gets a hint to audit it; these have no other problem.
  expect(warned).toEqual(name.startsWith('ok-') ? ['http.status'] : /^status-50/.test(name) ? ['http.get'] : []);
}

describe('the check of an endpoint names the one thing wrong, and predicts what the sender reports', () => {
  it.each(CONDUCT_NAMES)('%s', (name) => expectNamed(name));
  it.each(CONDUCT_NAMES.filter((name) => CONDUCTS[name].scheme === 'either'))('%s, over TLS', (name) =>
    expectNamed(name, true),
  );
});

describe('the check of an endpoint', () => {
  it('stops at once when it is interrupted', async () => {
    const endpoint = await startBadEndpoint('hang-in-handshake', certificates);
    running.push(endpoint);
    const stop = new AbortController();
    const world = realWorld([certificates.rootPem], { timeoutMs: 60_000, signal: stop.signal });
    const checked = checkEndpoint(endpoint.url, world);
    void endpoint.stuck.then(() => stop.abort());
    await expect(checked).rejects.toMatchObject({ kind: 'interrupted', code: 'ERR_INTERRUPTED' });
  });

  it('sends one notification, a GET and an empty POST', async () => {
    const endpoint = await startBadEndpoint('ok-tls', certificates);
    running.push(endpoint);
    await checkEndpoint(endpoint.url, realWorld([certificates.rootPem]));
    // The last is the sender's own, to compare with.
    const requests = endpoint.seen
      .slice(0, -1)
      .map(({ method, body }) => `${method} ${body.length > 0 ? 'body' : 'empty'}`);
    expect(requests.sort()).toEqual(['GET empty', 'POST body', 'POST empty']);
    expect(endpoint.seen[0]?.headers['content-type']).toBe('application/json');
  });
});

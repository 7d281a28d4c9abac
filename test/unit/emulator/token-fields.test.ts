import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/jws/json.js';
import { ask } from '../../support/api-token.js';
import { jsonWith } from '../../support/differential/payload-text.js';
import { encode, signParts } from '../../support/differential/token-parts.js';
import { startTestEmulator, type TestEmulator } from '../../support/emulator.js';
import { everyValue } from '../../support/field-fuzz.js';

let running: TestEmulator;
beforeAll(async () => {
  running = await startTestEmulator({ sandboxUrl: 'https://sandbox.example.com/apple' });
});
afterAll(() => running.close());

interface Api {
  readonly call: (token: string) => ReturnType<typeof ask>;
  readonly header: () => JsonObject;
  readonly claims: () => JsonObject;
  readonly keyPath: () => string;
}

const times = () => {
  const iat = Math.floor(Date.now() / 1000) - 60;
  return { aud: 'appstoreconnect-v1', iat, exp: iat + 600 };
};

const APIS: Readonly<Record<string, Api>> = {
  'the Server API': {
    call: (token) => ask(`${running.emulator.serverApi.sandbox}/inApps/v1/notifications/history`, token, { body: {} }),
    header: () => ({ alg: 'ES256', typ: 'JWT', kid: running.emulator.keyId }),
    claims: () => ({ iss: running.emulator.issuerId, bid: running.emulator.bundleId, ...times() }),
    keyPath: () => running.emulator.privateKeyPath,
  },
  'the Connect API': {
    call: (token) => ask(`${running.emulator.connectApi}/v1/apps`, token),
    header: () => ({ alg: 'ES256', typ: 'JWT', kid: running.emulator.connect.keyId }),
    claims: () => ({ iss: running.emulator.connect.issuerId, ...times() }),
    keyPath: () => running.emulator.connect.privateKeyPath,
  },
};

const HEADER_FIELDS = ['alg', 'typ', 'kid', 'crit', 'b64', 'x5c'];
const CLAIMS = ['iss', 'bid', 'aud', 'iat', 'exp', 'nbf', 'sub', 'scope', 'nonce', 'jti'];

describe.each(Object.entries(APIS))('a token of any content never makes %s fail', (_name, api) => {
  const sign = (header: string, claims: string): string =>
    signParts(encode(header), encode(claims), createPrivateKey(readFileSync(api.keyPath())));

  it.each(HEADER_FIELDS)('header %s', async (field) => {
    for (const raw of everyValue()) {
      const { status } = await api.call(sign(jsonWith(api.header(), [field], raw), JSON.stringify(api.claims())));
      expect(status, `${field} = ${raw}`).toBeLessThan(500);
    }
  });

  it.each(CLAIMS)('claim %s', async (field) => {
    for (const raw of everyValue()) {
      const { status } = await api.call(sign(JSON.stringify(api.header()), jsonWith(api.claims(), [field], raw)));
      expect(status, `${field} = ${raw}`).toBeLessThan(500);
    }
  });
});

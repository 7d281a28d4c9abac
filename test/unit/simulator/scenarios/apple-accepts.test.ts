import { beforeAll, describe, expect, it } from 'vitest';
import { createVerifier } from '../../../../src/index.js';
import { type Authority, createAuthority } from '../../../../src/simulator/authority/authority.js';
import type { SigningChain } from '../../../../src/simulator/authority/chain.js';
import { signNotification } from '../../../../src/simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../../../../src/simulator/payloads/app.js';
import { seededRandom } from '../../../../src/simulator/random.js';
import { buildScenario, SCENARIOS } from '../../../../src/simulator/scenarios/scenarios.js';
import { APP, appleStatus, appleVerifier } from '../authority/apple.js';

const NOW_MS = Date.UTC(2026, 10, 2, 9);
const YEAR_MS = 365 * 86_400_000;
const ENVIRONMENTS: readonly AppEnvironment[] = ['Production', 'Sandbox'];

let authority: Authority;
let chain: SigningChain;
beforeAll(async () => {
  // Valid before the present, as the project's own authority is: a story begins months ago.
  authority = await createAuthority({ nowMs: NOW_MS - YEAR_MS, validForMs: 2 * YEAR_MS });
  chain = await authority.issueChain();
});

const stories = SCENARIOS.flatMap(({ name }) => ENVIRONMENTS.map((environment) => ({ name, environment })));

describe.each(stories)('$name in $environment', ({ name, environment }) => {
  const signed = () =>
    buildScenario(name, { ...APP, environment, nowMs: NOW_MS, random: seededRandom(name) }).map(({ built }) => ({
      built,
      ...signNotification(built, chain),
    }));

  it("is accepted by Apple's library, nested tokens included", async () => {
    const verifier = appleVerifier(authority.root.raw, environment);
    for (const { built, signedPayload, notification } of signed()) {
      const { data, appData } = notification as Record<string, Record<string, string> | undefined>;
      const statuses = [
        verifier.verifyAndDecodeNotification(signedPayload),
        ...[data?.signedTransactionInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeTransaction(jws)),
        ...[data?.signedRenewalInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeRenewalInfo(jws)),
        ...[appData?.signedAppTransactionInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeAppTransaction(jws)),
      ].map(appleStatus);
      expect(await Promise.all(statuses)).toEqual(Object.keys(built).map(() => 'OK'));
    }
  });

  it('is valid to us as well', () => {
    const verify = createVerifier({ ...APP, environment, kind: 'notification', roots: [authority.rootPem] });
    for (const { built, signedPayload } of signed()) {
      const document = verify(signedPayload);
      expect(document.verification).toMatchObject({ verdict: 'valid', reason: null });
      expect(document.tokens).toHaveLength(Object.keys(built).length);
    }
  });
});

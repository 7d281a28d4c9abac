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
  // Valid for the past year too, as the project's own authority is: a scenario begins months before now.
  authority = await createAuthority({ nowMs: NOW_MS - YEAR_MS, validForMs: 2 * YEAR_MS });
  chain = await authority.issueChain();
});

const sign = (name: string, environment: AppEnvironment) =>
  buildScenario(name, { ...APP, environment, nowMs: NOW_MS, random: seededRandom(name) }).map(({ built }) => ({
    built,
    ...signNotification(built, chain),
  }));

describe.each(SCENARIOS)('$name in either environment', ({ name }) => {
  it("is accepted by Apple's library, nested tokens included", async () => {
    for (const environment of ENVIRONMENTS) {
      const verifier = appleVerifier(authority.root.raw, environment);
      for (const { built, signedPayload, notification } of sign(name, environment)) {
        const { data, appData } = notification as Record<string, Record<string, string> | undefined>;
        const statuses = [
          verifier.verifyAndDecodeNotification(signedPayload),
          ...[data?.signedTransactionInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeTransaction(jws)),
          ...[data?.signedRenewalInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeRenewalInfo(jws)),
          ...[appData?.signedAppTransactionInfo ?? []].flat().map((jws) => verifier.verifyAndDecodeAppTransaction(jws)),
        ].map(appleStatus);
        expect(await Promise.all(statuses), environment).toEqual(Object.keys(built).map(() => 'OK'));
      }
    }
  });

  it('is valid for this tool', () => {
    for (const environment of ENVIRONMENTS) {
      const verify = createVerifier({ ...APP, environment, kind: 'notification', roots: [authority.rootPem] });
      for (const { built, signedPayload } of sign(name, environment)) {
        const document = verify(signedPayload);
        expect(document.verification, environment).toMatchObject({ verdict: 'valid', reason: null });
        expect(document.tokens).toHaveLength(Object.keys(built).length);
      }
    }
  });
});

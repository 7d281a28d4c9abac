import { beforeAll, describe, expect, it } from 'vitest';
import { documentToJsonLine } from '../../../src/document-view/json.js';
import { buildDocument, buildLegacyDocument } from '../../../src/notification/build-document.js';
import { viewHeader } from '../../../src/notification/header-view.js';
import { createVerificationContext, type VerificationContext } from '../../../src/notification/verification-context.js';
import { verifyPayload } from '../../../src/notification/verify.js';
import type { SigningChain } from '../../../src/simulator/authority/chain.js';
import { signNotification } from '../../../src/simulator/authority/sign-payload.js';
import { buildNotification } from '../../../src/simulator/payloads/notification.js';
import { toJsonLine } from '../../../src/terminal/json.js';
import { buildOptions, SIGNED_AT_MS, testAuthority } from '../../support/signing.js';

const ORIGIN = { source: 'stdin:1', repaired: ['bom'] };

let chain: SigningChain;
let engine: VerificationContext;

beforeAll(async () => {
  const { authority, root } = await testAuthority();
  chain = await authority.issueChain();
  engine = createVerificationContext([root]);
});

function openOne(seed: number, set: NonNullable<Parameters<typeof buildNotification>[0]['set']> = {}) {
  const built = buildNotification({ type: 'DID_RENEW', ...buildOptions(seed), set });
  return engine.open(signNotification(built, chain).signedPayload);
}

/** The same fields in the same values; their order is fixed by the contract's example only. */
function expectSame(document: Parameters<typeof documentToJsonLine>[0]): void {
  expect(JSON.parse(documentToJsonLine(document))).toEqual(JSON.parse(toJsonLine(document)));
}

describe('documentToJsonLine says what toJsonLine says', () => {
  it.each([1, 2, 3])('of a verified payload, also when its parts came before (%i)', (seed) => {
    const opened = openOne(seed);
    const verdict = verifyPayload(opened, { nowMs: SIGNED_AT_MS, bundleId: `com.example.${seed}` }, engine);
    for (const raw of [false, true])
      expectSame(buildDocument(ORIGIN, opened, verdict, { raw, headerView: viewHeader }));
  });

  it('of a decoded one', () =>
    expectSame(buildDocument(ORIGIN, openOne(4), null, { raw: false, headerView: viewHeader })));

  it('of one without tokens', () => expectSame(buildLegacyDocument(ORIGIN, { notification_type: 'CANCEL' }, null)));

  it('with integers beyond 2^53 and characters a terminal acts on', () => {
    const opened = openOne(5, { 'data.later': 12345678901234567890n, 'data.odd': 'a\u202e\u007f' });
    const line = documentToJsonLine(buildDocument(ORIGIN, opened, null, { raw: false, headerView: viewHeader }));
    expect(line).toContain('"later":12345678901234567890');
    expect(line).toContain('a\\u202e\\u007f');
  });
});

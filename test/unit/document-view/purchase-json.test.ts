import { expect, it } from 'vitest';
import { purchasePartsToJsonLine } from '../../../src/document-view/purchase-json.js';
import { type Json, MAX_NESTING, parseOwnJson } from '../../../src/jws/json.js';
import type { PayloadDocument } from '../../../src/notification/document.js';

/** What one thread writes and another reads. */
function sent(document: PayloadDocument): Json {
  const line = purchasePartsToJsonLine(document);
  expect(line).toMatch(/^[^\n]+\n$/);
  return parseOwnJson(line);
}

const DOCUMENT: PayloadDocument = { kind: 'notification', source: 'a.ndjson:1', tokens: [] };

it('keeps what a timeline reads, without tokens and checks', () => {
  const verification = { verdict: 'valid', reason: null, root: 'test', checkedAtMs: 1, clock: 'signedDate' } as const;
  const check = { id: 'signature', token: 'signedPayload', ok: true } as never;
  const data = { bundleId: 'com.example.app', signedTransactionInfo: 'a.b.c', signedRenewalInfo: 'd.e.f', status: 1 };
  const transaction = { transactionId: '1' };
  const document = {
    ...DOCUMENT,
    notification: { data },
    transaction,
    verification: { ...verification, checks: [check] },
  };
  expect(sent(document)).toEqual({
    kind: 'notification',
    source: 'a.ndjson:1',
    notification: { data: { bundleId: 'com.example.app', status: 1 } },
    transaction,
    verification: { ...verification, checks: [] },
  });
});

it('keeps every digit, and payloads of any depth that is decoded', () => {
  let nested: Json = 1;
  for (let depth = 1; depth < MAX_NESTING; depth++) nested = [nested];
  const transaction = { appTransactionId: 701_423_504_826_425_824n, nested };
  expect(sent({ ...DOCUMENT, transaction })).toMatchObject({ transaction });
});

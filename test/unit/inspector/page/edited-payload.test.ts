import { describe, expect, it } from 'vitest';
import { editorText, isEditable, readEdited } from '../../../../src/inspector/page/model/edited-payload.js';
import type { PayloadDocument } from '../../../../src/notification/document.js';

const DOCUMENT: PayloadDocument = {
  ...{ kind: 'notification', source: 'x', tokens: [] },
  notification: { notificationType: 'DID_RENEW', data: { status: 1, signedTransactionInfo: 'e30.e30.x' } },
  transaction: { productId: 'pro' },
};

describe('the text of the editor', () => {
  it('has the decoded payloads without the tokens in them', () =>
    expect(JSON.parse(editorText(DOCUMENT))).toEqual({
      notification: { notificationType: 'DID_RENEW', data: { status: 1 } },
      transaction: { productId: 'pro' },
    }));

  it('becomes a command that names its original', () =>
    expect(readEdited(editorText(DOCUMENT), 'n1')).toEqual({
      command: {
        like: 'n1',
        notification: { notificationType: 'DID_RENEW', data: { status: 1 } },
        transaction: { productId: 'pro' },
      },
      defect: null,
    }));

  it.each([
    ['{', /^not valid JSON: /],
    ['[]', 'the text must be a JSON object'],
    ['null', 'the text must be a JSON object'],
    ['{}', 'notification is missing'],
    ['{"notification":{},"transaction":7}', 'transaction must be a JSON object'],
    ['{"notification":{},"like":"other"}', 'like is none of notification, transaction, renewalInfo'],
  ])('%s is refused', (text, defect) => {
    const read = readEdited(text, 'n1');
    expect(read.command).toBeNull();
    expect(read.defect).toMatch(defect);
  });
});

describe('isEditable', () => {
  it('is a decoded notification only', () => {
    expect(isEditable(DOCUMENT)).toBe(true);
    expect(isEditable({ kind: 'transaction', source: 'x', tokens: [], transaction: {} })).toBe(false);
    expect(isEditable({ kind: 'notification', source: 'x', tokens: [] })).toBe(false);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowOfDocument, rowOfEntry } from '../../../../src/inspector/sources/rows.js';
import type { InspectorPage } from '../../../../src/inspector/wire.js';
import type { JournalEntry } from '../../../../src/journal/record.js';
import { inspecting } from '../../../support/inspected-page.js';
import { type RecordedJournal, recordJournal } from '../../../support/recorded-journal.js';

let project: RecordedJournal;
beforeAll(async () => {
  project = await recordJournal();
  await project.close();
});
afterAll(() => project.remove());

it('a notification verified with the root of a test authority is synthetic, and goes to no public target', async () => {
  const root = join(project.home, 'copy.pem');
  writeFileSync(root, readFileSync(join(project.folder, 'authority/root.pem')));
  writeFileSync(join(project.home, 'one.json'), JSON.stringify({ signedPayload: project.signed() }));
  const argv = ['one.json', '--root', root, '--forward-to', 'app=https://app.example.com/'];
  await inspecting(argv, project.home, async (page) => {
    const [row] = (await page.call('/api/notifications')).json<InspectorPage>().rows;
    expect(row).toMatchObject({ verdict: 'valid', isSynthetic: true });
    const reply = await page.post(`/api/notifications/${row!.id}/replay`, { target: 'app' });
    expect([reply.status, reply.text]).toEqual([422, expect.stringContaining('ERR_INSPECT_UNSENDABLE')]);
  });
});

it('a row stays small, whatever a record or a payload holds', () => {
  const long = 'x'.repeat(100_000);
  const facts = {
    ...{ kind: 'notification', type: long, productId: long, bundleId: long, environment: long },
    ...{ originalTransactionId: long, uuid: long },
  };
  const targets = Array.from({ length: 20_000 }, (_, index) => `${index} ${long.slice(0, 1_000)}`);
  const receipt = { type: 'receipt', id: '0123456789abcdef', atMs: 0, facts, verdict: null, targets, answered: 200 };
  const entry = { type: 'receipt', receipt, answered: 200, deliveries: [] } as unknown as JournalEntry;
  const row = rowOfEntry(entry, 0);
  expect(JSON.stringify(row).length).toBeLessThan(20_000);
  expect([row.productId?.length, row.targets.length, row.targets[0]?.name.slice(0, 4)]).toEqual([257, 50, '0 xx']);
  const notification = { notificationType: long, notificationUUID: long, data: { bundleId: long, environment: long } };
  const transaction = { productId: long, originalTransactionId: long };
  const document = { kind: 'notification', source: '', tokens: [], notification, transaction } as const;
  expect(JSON.stringify(rowOfDocument(document, '0123456789abcdef', 0)).length).toBeLessThan(2_500);
});

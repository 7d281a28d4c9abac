import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InspectorPage } from '../../../../src/inspector/wire.js';
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

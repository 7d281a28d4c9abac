import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';

const TYPES = ['DID_RENEW', 'SUBSCRIBED.INITIAL_BUY', 'REFUND', 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED'];
const STEP_MS = 1_000;

/** The product of notification `n`, from 0, by which a test tells its row. */
export const productOf = (n: number): string => `product.${n}`;

/** Writes the state folder of a project with `size` notifications of the last days, one a second, as `listen` would have; their tokens are short and forged. */
export function writeLargeJournal(project: string, size: number): void {
  const folder = path.join(project, '.storewire');
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, '.gitignore'), '*\n');
  writeFileSync(path.join(folder, 'owner.json'), JSON.stringify({ folder: String(statSync(folder).ino), foreign: [] }));
  const startMs = Date.now() - size * STEP_MS;
  const lines = Array.from({ length: size }, (_, n) => receiptLine(n, startMs + n * STEP_MS));
  writeFileSync(path.join(folder, 'journal.ndjson'), lines.join(''), { mode: 0o600 });
}

/** Ids look random, as real ones do: the index finds them by their first digits. */
const hexOf = (n: number, salt: string): string => crc32(`${salt} ${n}`).toString(16).padStart(8, '0');

function receiptLine(n: number, atMs: number): string {
  const digits = String(n).padStart(12, '0');
  const body = JSON.stringify({ signedPayload: 'e30.e30.c2ln' });
  const facts = {
    ...{ kind: 'notification', uuid: `${hexOf(n, 'uuid')}-0000-4000-8000-${digits}`, type: TYPES[n % TYPES.length] },
    ...{ bundleId: 'com.example.app', appAppleId: '1234567890', environment: 'Sandbox', productId: productOf(n) },
    ...{
      signedAtMs: atMs - 900,
      content: hexOf(n, 'content') + digits.padStart(24, '0'),
      originalTransactionId: `2000${digits}`,
    },
  };
  const verdict = { verdict: 'valid', reason: null, root: null, checkedAtMs: atMs, clock: 'signedDate', failed: [] };
  const rest = JSON.stringify({
    ...{
      type: 'receipt',
      id: hexOf(n, 'id') + digits.slice(-8),
      atMs,
      address: '17.58.1.2',
      contentType: 'application/json',
    },
    ...{ bytes: body.length, facts, verdict, synthetic: false, repeatOf: null, answered: 200, targets: [] },
    ...{ marks: [], body },
  }).slice(1);
  return `{"crc":"${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`;
}

import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { listFiles } from './files.js';
import { type EncodedLine, encodeRecord } from './line.js';
import type { RejectedRecord } from './record.js';

/** What is known of a rejected body but for the body itself. */
export type RejectedHead = Omit<RejectedRecord, 'type' | 'bytes' | 'sha256' | 'bodyBase64'>;

/** The most that is kept of a body that is not verified. */
export const KEPT_BODY_BYTES = 32 * 1024;

export function encodeRejected(head: RejectedHead, body: Uint8Array): EncodedLine {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const kept = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, KEPT_BODY_BYTES));
  return encodeRecord({ type: 'rejected', ...head, bytes: body.length, sha256, bodyBase64: kept.toString('base64') });
}

/** Deletes rotated files of rejected bodies, oldest first, until `keepBytes` are left. Anybody can fill them, so they never fill the disk. */
export async function trimRejected(folder: string, keepBytes: number): Promise<void> {
  const rotated = (await listFiles(folder)).filter(({ kind, stampMs }) => kind === 'rejected' && stampMs !== null);
  let bytes = rotated.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of rotated) {
    if (bytes <= keepBytes) return;
    await unlink(file.path);
    bytes -= file.bytes;
  }
}

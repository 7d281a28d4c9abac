import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { type EncodedLine, encodeRecord } from './encoding.js';
import { listFiles } from './files.js';
import type { RejectedRecord } from './record.js';

/** What is known of a rejected body but for the body itself. */
export type RejectedHead = Omit<RejectedRecord, 'type' | 'bytes' | 'sha256' | 'bodyBase64'>;

/** The most that is kept of a body that is not verified. */
export const KEPT_BODY_BYTES = 32 * 1024;

export function encodeRejected(head: RejectedHead, body: Uint8Array): EncodedLine {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const bodyBase64 = keptOf(body).toString('base64');
  return encodeRecord({ type: 'rejected', ...head, bytes: body.length, sha256, bodyBase64 });
}

/** What looks like a version 1 notification and cannot be read as one may hold the app's shared secret all the same. */
const PASSWORD = /(password(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)(?!\[redacted\])(?:\\.|[^"'\\\s&,}\]])+/gi;

function keptOf(body: Uint8Array): Buffer {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, KEPT_BODY_BYTES));
  const text = start.toString('latin1');
  const masked = text.replace(PASSWORD, '$1[redacted]');
  return masked === text ? start : Buffer.from(masked, 'latin1').subarray(0, KEPT_BODY_BYTES);
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

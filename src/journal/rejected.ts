import { createHash } from 'node:crypto';
import { type EncodedLine, encodeRecord } from './encoding.js';
import { listFiles } from './files.js';
import { deleteWithIndex } from './index/delete.js';
import type { RejectedRecord } from './record.js';

/** A rejected record without the body and its measures. */
export type RejectedHead = Omit<RejectedRecord, 'type' | 'bytes' | 'sha256' | 'bodyBase64'>;

/** Bytes of an unverified body that are stored at most. */
export const MAX_REJECTED_BODY_BYTES = 32 * 1024;

export function encodeRejected(head: RejectedHead, body: Uint8Array): EncodedLine {
  const sha256 = createHash('sha256').update(body).digest('hex');
  const bodyBase64 = storedPartOf(body).toString('base64');
  return encodeRecord({ type: 'rejected', ...head, bytes: body.length, sha256, bodyBase64 });
}

/** Matches the app's shared secret of a version 1 notification, also in a body that cannot be parsed as one. */
const PASSWORD = /(password(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)(?!\[redacted\])(?:\\.|[^"'\\\s&,}\]])+/gi;

function storedPartOf(body: Uint8Array): Buffer {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, MAX_REJECTED_BODY_BYTES));
  const text = start.toString('latin1');
  const masked = text.replace(PASSWORD, '$1[redacted]');
  return masked === text ? start : Buffer.from(masked, 'latin1').subarray(0, MAX_REJECTED_BODY_BYTES);
}

/** Deletes rotated files of rejected bodies, oldest first, until `maxBytes` are left: any client can fill them, so they must not fill the disk. */
export async function trimRejected(folder: string, maxBytes: number): Promise<void> {
  const rotated = (await listFiles(folder)).filter(({ kind, stampMs }) => kind === 'rejected' && stampMs !== null);
  let bytes = rotated.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of rotated) {
    if (bytes <= maxBytes) return;
    await deleteWithIndex(file.path);
    bytes -= file.bytes;
  }
}

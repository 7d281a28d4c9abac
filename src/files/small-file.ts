import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { interrupted } from '../errors.js';

/** Certificates and keys have one or two KB; a bundle of every public authority has 200 KB. */
const MAX_BYTES = 1024 * 1024;

/** A file that is not read: `code` as Node's file errors have it, or one of our own. */
export class SmallFileError extends Error {
  readonly code: 'EISDIR' | 'NO_FILE' | 'TOO_LARGE';

  constructor(code: SmallFileError['code']) {
    super(code);
    this.code = code;
  }
}

/**
 * The bytes of a regular file or pipe, at most 1 MiB unless told otherwise; devices have no end. Throws {@link SmallFileError}, Node's
 * error where the file cannot be read, and `interrupted` when `signal` aborts before a pipe ended.
 */
export async function readSmallFile(path: string, signal: AbortSignal, maxBytes = MAX_BYTES): Promise<Buffer> {
  const stats = statSync(path);
  checkType(stats, maxBytes);
  return stats.isFIFO() ? readSmallPipe(path, signal, maxBytes) : readRegular(path, maxBytes);
}

function checkType(stats: Stats, maxBytes: number): void {
  if (stats.isDirectory()) throw new SmallFileError('EISDIR');
  if (!stats.isFile() && !stats.isFIFO()) throw new SmallFileError('NO_FILE');
  if (stats.size > maxBytes) throw new SmallFileError('TOO_LARGE');
}

/** The size of a file in /proc is known at its end only. */
function readRegular(path: string, maxBytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    if (length > maxBytes) throw new SmallFileError('TOO_LARGE');
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

async function readSmallPipe(path: string, signal: AbortSignal, maxBytes: number): Promise<Buffer> {
  const { readPipe } = await import('./special-file.js');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of readPipe(path, signal)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new SmallFileError('TOO_LARGE');
  }
  if (signal.aborted) throw interrupted();
  return Buffer.concat(chunks);
}

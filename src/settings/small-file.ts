import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';

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
 * The bytes of a regular file or pipe, at most 1 MiB; devices have no end. Throws {@link SmallFileError}, and Node's error where the file
 * cannot be read.
 */
export function readSmallFile(path: string): Uint8Array {
  checkType(statSync(path));
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    if (length > MAX_BYTES) throw new SmallFileError('TOO_LARGE');
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function checkType(stats: Stats): void {
  if (stats.isDirectory()) throw new SmallFileError('EISDIR');
  if (!stats.isFile() && !stats.isFIFO()) throw new SmallFileError('NO_FILE');
  if (stats.size > MAX_BYTES) throw new SmallFileError('TOO_LARGE');
}

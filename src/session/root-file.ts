import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Certificates have one or two KB; a bundle of every public authority has 200 KB. */
const MAX_BYTES = 1024 * 1024;

/** A file that cannot be a root: `code` as Node's file errors have it, or one of our own. */
export class RootFileError extends Error {
  readonly code: 'EISDIR' | 'NO_FILE' | 'TOO_LARGE';

  constructor(code: RootFileError['code']) {
    super(code);
    this.code = code;
  }
}

/**
 * The bytes of a regular file or pipe, at most 1 MiB; devices have no end. Throws {@link RootFileError}, and Node's error where the file
 * cannot be read.
 */
export function readRootBytes(path: string): Uint8Array {
  checkType(statSync(path));
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, null);
    if (length > MAX_BYTES) throw new RootFileError('TOO_LARGE');
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

function checkType(stats: Stats): void {
  if (stats.isDirectory()) throw new RootFileError('EISDIR');
  if (!stats.isFile() && !stats.isFIFO()) throw new RootFileError('NO_FILE');
  if (stats.size > MAX_BYTES) throw new RootFileError('TOO_LARGE');
}

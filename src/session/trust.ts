import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ToolError } from '../errors.js';
import { CertificateError } from '../trust/certificate.js';
import { appleRoot, parseRoots, type TrustedRoot } from '../trust/roots.js';

/**
 * Apple's root and those of the files given; relative paths start at `cwd`. Throws `ERR_TRUST_ROOT_UNREADABLE` (usage) for a file that
 * is not there or holds no certificate.
 */
export function readTrustedRoots(files: readonly string[], cwd: string): readonly TrustedRoot[] {
  return [appleRoot(), ...files.flatMap((file) => readRootFile(file, cwd))];
}

function readRootFile(file: string, cwd: string): readonly TrustedRoot[] {
  try {
    return parseRoots(readFileSync(resolve(cwd, file)));
  } catch (cause) {
    const why =
      cause instanceof CertificateError
        ? cause.message
        : `it cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'error'})`;
    throw new ToolError('usage', 'ERR_TRUST_ROOT_UNREADABLE', `the root ${file}: ${why}`, {
      hint: 'Pass one certificate as DER, or PEM with one or more.',
      cause,
    });
  }
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { ToolError } from '../../errors.js';
import type { TlsFiles } from '../../listener/options.js';

/**
 * Certificate chain and key of the endpoint itself; relative paths start at `cwd`. Throws (usage) `ERR_USAGE_TLS` where one of the two is
 * missing, cannot be read, or does not fit the other.
 */
export function readTlsFiles(cert: string | undefined, key: string | undefined, cwd: string): TlsFiles | null {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    const missing = cert === undefined ? '--tls-cert' : '--tls-key';
    throw failure(`TLS takes a certificate and its key: ${missing} is missing`, `Add ${missing} FILE.`);
  }
  const files = { cert: readPem(cert, '--tls-cert', cwd), key: readPem(key, '--tls-key', cwd) };
  try {
    createSecureContext(files);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    const hint = 'Both are PEM: the certificate with its intermediates, and the key it was made for, not encrypted.';
    throw failure(`the certificate and the key cannot be used together (${why})`, hint, cause);
  }
  return files;
}

function readPem(file: string, flag: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    throw failure(`${flag} ${file} cannot be read (${why})`, 'Check the path.', cause);
  }
}

function failure(message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TLS', message, { hint, cause });
}

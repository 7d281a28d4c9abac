import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { describeFileFailure } from '../../files/file-failure.js';
import { readSmallFile } from '../../files/small-file.js';
import type { TlsFiles } from '../../listener/options.js';
import type { ListenFlags } from './flags.js';

/**
 * Certificate chain and key of the endpoint; relative paths start at `cwd`. Throws (usage) `ERR_USAGE_TLS` when one of the two is missing,
 * unreadable, or does not match the other; `interrupted` when `signal` aborts.
 */
export async function readTlsFiles(
  { tlsCert: cert, tlsKey: key }: Pick<ListenFlags, 'tlsCert' | 'tlsKey'>,
  at: Pick<Deps, 'cwd' | 'signal'>,
): Promise<TlsFiles | null> {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    const missing = cert === undefined ? '--tls-cert' : '--tls-key';
    throw tlsError(`TLS needs a certificate and its key; missing: ${missing}`, `Add ${missing} FILE.`);
  }
  const files = { cert: await readPem(cert, '--tls-cert', at), key: await readPem(key, '--tls-key', at) };
  try {
    createSecureContext(files);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'error';
    const hint = 'Both must be PEM: the certificate with its intermediates, and its unencrypted private key.';
    throw tlsError(`the certificate and the key cannot be used together (${why})`, hint, cause);
  }
  return files;
}

async function readPem(file: string, flag: string, { cwd, signal }: Pick<Deps, 'cwd' | 'signal'>): Promise<string> {
  try {
    const text = (await readSmallFile(resolve(cwd, file), signal)).toString('utf8');
    if (text.trim() === '') throw tlsError(`${flag} ${file} is empty`, 'It must be PEM.');
    return text;
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    throw tlsError(
      `${flag} ${file} ${describeFileFailure((cause as NodeJS.ErrnoException).code, file)}`,
      'Check the path.',
      cause,
    );
  }
}

function tlsError(message: string, hint: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_USAGE_TLS', message, { hint, cause });
}

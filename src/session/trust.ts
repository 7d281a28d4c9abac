import { resolve } from 'node:path';
import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import { readSmallFile } from '../files/small-file.js';
import { CertificateError } from '../trust/certificate.js';
import { appleRoot, parseRoots, type TrustedRoot } from '../trust/roots.js';
import { describeUnlikelyRoot } from '../trust/unlikely-root.js';

/**
 * Apple's root and those of the files given, each once; relative paths start at `cwd`. A certificate that is probably not the root that
 * was meant has a `remark`. Throws `ERR_TRUST_ROOT_UNREADABLE` (usage) for a file that is not
 * there, is no regular file or pipe, has more than 1 MiB, or holds no certificate; `interrupted` when `signal` aborts.
 */
export async function readTrustedRoots(
  files: readonly string[],
  deps: Pick<Deps, 'cwd' | 'now' | 'signal'>,
): Promise<readonly TrustedRoot[]> {
  const roots = [appleRoot()];
  for (const file of files) {
    for (const root of await readRootFile(file, deps)) {
      if (roots.every(({ certificate }) => certificate.sha256 !== root.certificate.sha256)) roots.push(root);
    }
  }
  return roots;
}

/** The remarks of {@link readTrustedRoots}, as warnings. */
export function rootWarnings(roots: readonly TrustedRoot[]): readonly { readonly message: string }[] {
  return roots.flatMap(({ remark }) => (remark === undefined ? [] : [{ message: remark }]));
}

async function readRootFile(
  file: string,
  { cwd, now, signal }: Pick<Deps, 'cwd' | 'now' | 'signal'>,
): Promise<readonly TrustedRoot[]> {
  let bytes: Uint8Array;
  try {
    bytes = await readSmallFile(resolve(cwd, file), signal);
  } catch (cause) {
    if (cause instanceof ToolError) throw cause;
    const { recogniseWrongPath } = await import('../trust/wrong-root.js');
    const { what, hint } = recogniseWrongPath(file, (cause as NodeJS.ErrnoException).code ?? 'error');
    throw unreadableRoot(what, hint, cause);
  }
  try {
    return parseRoots(bytes).map((root) => {
      const unlikely = describeUnlikelyRoot(root.certificate, now());
      return unlikely === null ? root : { ...root, remark: `the root ${file} is ${unlikely}` };
    });
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    const { recogniseWrongRoot } = await import('../trust/wrong-root.js');
    const { what, hint } = recogniseWrongRoot(bytes, cause.message);
    throw unreadableRoot(`the root ${file} is ${what}`, hint, cause);
  }
}

function unreadableRoot(message: string, hint: string, cause: unknown): ToolError {
  return new ToolError('usage', 'ERR_TRUST_ROOT_UNREADABLE', message, { hint, cause });
}

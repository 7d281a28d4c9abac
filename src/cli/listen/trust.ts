import type { OpenSettings } from '../../settings/open.js';
import { parseCertificate } from '../../trust/certificate.js';
import type { TrustedRoot } from '../../trust/roots.js';
import type { Deps } from '../deps.js';
import { openProjectAuthority, TEST_AUTHORITY } from '../project-authority.js';
import { describeMade } from '../render/authority.js';
import { readTrustedRoots } from '../trusted-roots.js';

type TrustDeps = Pick<Deps, 'cwd' | 'now' | 'userId' | 'stderr'>;

export interface TrustWish {
  /** Paths of further roots. */
  readonly files: readonly string[];
  readonly trustAuthority: boolean;
  /** Nothing is said of an authority that is made. */
  readonly json: boolean;
}

/**
 * Whom the listener believes: Apple always, the test authority of the project only where that is asked for, and the roots of files. Throws
 * usage errors `ERR_TRUST_*`, `ERR_STATE_*` and `ERR_AUTHORITY_*`.
 */
export async function openTrust(
  { files, trustAuthority, json }: TrustWish,
  open: OpenSettings,
  deps: TrustDeps,
): Promise<readonly TrustedRoot[]> {
  const roots = readTrustedRoots(files, deps.cwd);
  if (!trustAuthority) return roots;
  const stored = await openProjectAuthority(open, deps);
  if (stored.isNew && !json) deps.stderr.write(describeMade(stored, deps.stderr));
  const certificate = parseCertificate(stored.authority.root.raw);
  const others = roots.filter((root) => root.certificate.sha256 !== certificate.sha256);
  return [...others, { certificate, name: TEST_AUTHORITY }];
}

import type { Deps } from '../cli/deps.js';
import type { TokenClaim } from '../input/claim.js';
import { type CheckFinding, failed } from '../notification/check.js';
import type { VerificationContext } from '../notification/verification-context.js';
import type { RevocationFindings } from '../notification/verify.js';
import type { Certificate } from '../trust/certificate.js';
import type { ChainReport } from '../trust/chain.js';
import { checkDates, isoSeconds } from '../trust/validity.js';
import type { Job } from './job.js';

type OnlineDeps = Pick<Deps, 'now' | 'sleep' | 'http'>;

/** The OCSP requests of this job; null without `--online`. One request for each chain, run and thread. */
export function createRevocationLookup(
  job: Job,
  context: VerificationContext,
  deps: OnlineDeps,
): ((claim: TokenClaim) => Promise<void>) | null {
  const { ocspTimeoutMs: timeoutMs, verify } = job;
  if (timeoutMs === null || verify === null) return null;
  return async (claim) => {
    for (const token of context.open(claim.text)) {
      const report = context.inspect(token.header?.x5c);
      if (isTrusted(report, verify.nowMs) && context.revocation(report) === null) {
        context.remember(report, await requestChainStatus(report, timeoutMs, deps));
      }
    }
  };
}

/** True for trusted chains only: the responder named by an untrusted certificate must not be contacted. */
function isTrusted(report: ChainReport, nowMs: number): boolean {
  const findings = [report.rootFound, report.links, report.ca, report.markers, checkDates(report.validity, nowMs)];
  return report.chain !== null && report.root !== null && findings.every((finding) => finding.ok === true);
}

async function requestChainStatus(
  { chain, root }: ChainReport,
  timeoutMs: number,
  deps: OnlineDeps,
): Promise<RevocationFindings> {
  const { leaf, intermediate } = chain!;
  const [leafStatus, intermediateStatus] = await Promise.all([
    requestStatus(leaf, intermediate, timeoutMs, deps),
    requestStatus(intermediate, root!.certificate, timeoutMs, deps),
  ]);
  return { leaf: leafStatus, intermediate: intermediateStatus };
}

async function requestStatus(
  certificate: Certificate,
  issuer: Certificate,
  timeoutMs: number,
  deps: OnlineDeps,
): Promise<CheckFinding> {
  const { checkRevocation } = await import('../trust/ocsp/revocation.js');
  const { now, sleep } = deps;
  const response = await checkRevocation({
    certificate,
    issuer,
    dispatcher: await deps.http(),
    sleep,
    nowMs: now(),
    timeoutMs,
  });
  switch (response.state) {
    case 'good':
      return { ok: true, found: 'good', detail: response.detail };
    case 'revoked': {
      const at = response.revokedAtMs === undefined ? '' : ` on ${isoSeconds(response.revokedAtMs)}`;
      return { ...failed('CERTIFICATE_REVOKED', 'good', `revoked${at}`), detail: response.detail };
    }
    case 'unknown':
      return { ...failed('REVOCATION_UNKNOWN', 'good', 'no usable response'), detail: response.detail };
  }
}

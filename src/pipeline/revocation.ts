import type { Deps } from '../cli/deps.js';
import type { TokenClaim } from '../input/claim.js';
import { type Finding, failed } from '../notification/check.js';
import type { VerificationContext } from '../notification/verification-context.js';
import type { RevocationFindings } from '../notification/verify.js';
import type { Certificate } from '../trust/certificate.js';
import type { ChainReport } from '../trust/chain.js';
import { checkDates, isoSeconds } from '../trust/validity.js';
import type { Job } from './job.js';
import type { AskRevocation } from './process-batch.js';

type OnlineDeps = Pick<Deps, 'now' | 'sleep' | 'http'>;

/** How OCSP is asked for this job; null where it is not. Each chain is asked about once in a run and thread. */
export function askRevocationOf(job: Job, deps: OnlineDeps): AskRevocation | null {
  const { ocspTimeoutMs: timeoutMs, verify } = job;
  if (timeoutMs === null || verify === null) return null;
  return async (engine: VerificationContext, claim: TokenClaim) => {
    for (const token of engine.open(claim.text)) {
      const report = engine.inspect(token.header?.x5c);
      if (isWorthAsking(report, verify.nowMs) && engine.revocation(report) === null) {
        engine.remember(report, await askChain(report, timeoutMs, deps));
      }
    }
  };
}

/** Only of a chain that is trusted: nobody else's responder is to be called because a stranger named it. */
function isWorthAsking(report: ChainReport, nowMs: number): boolean {
  const findings = [report.rootFound, report.links, report.ca, report.markers, checkDates(report.validity, nowMs)];
  return report.chain !== null && report.root !== null && findings.every((finding) => finding.ok === true);
}

async function askChain(
  { chain, root }: ChainReport,
  timeoutMs: number,
  deps: OnlineDeps,
): Promise<RevocationFindings> {
  const { leaf, intermediate } = chain!;
  const [ofLeaf, ofIntermediate] = await Promise.all([
    askOne(leaf, intermediate, timeoutMs, deps),
    askOne(intermediate, root!.certificate, timeoutMs, deps),
  ]);
  return { leaf: ofLeaf, intermediate: ofIntermediate };
}

async function askOne(
  certificate: Certificate,
  issuer: Certificate,
  timeoutMs: number,
  deps: OnlineDeps,
): Promise<Finding> {
  const { checkRevocation } = await import('../trust/ocsp/revocation.js');
  const { now, sleep } = deps;
  const answer = await checkRevocation({
    certificate,
    issuer,
    dispatcher: await deps.http(),
    sleep,
    nowMs: now(),
    timeoutMs,
  });
  switch (answer.state) {
    case 'good':
      return { ok: true, found: 'good', detail: answer.detail };
    case 'revoked': {
      const at = answer.revokedAtMs === undefined ? '' : ` on ${isoSeconds(answer.revokedAtMs)}`;
      return { ...failed('CERTIFICATE_REVOKED', 'good', `revoked${at}`), detail: answer.detail };
    }
    case 'unknown':
      return { ...failed('REVOCATION_UNKNOWN', 'good', 'no usable answer'), detail: answer.detail };
  }
}

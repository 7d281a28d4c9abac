import type { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { blockedBy, quoted, type StepOutcome, skipped } from '../step.js';
import { type CertificatePath, followPath, isPublicRoot, judgeKeys } from './certificate-path.js';
import type { CertificateStepId } from './titles.js';

export interface CertificateContext {
  /** Host of the URL; an IPv6 address without brackets. */
  readonly host: string;
  /** True for a public host, where a private root is a defect. */
  readonly isPublic: boolean;
  readonly roots: readonly X509Certificate[];
  readonly nowMs: number;
}

type CertificateFindings = Readonly<Record<CertificateStepId, StepOutcome>>;

/**
 * Outcomes of the certificate steps. `passed`: the strict handshake succeeded, so no step fails. Otherwise every defect is checked for
 * independently.
 */
export function judgeCertificates(
  sent: readonly X509Certificate[],
  passed: boolean,
  context: CertificateContext,
): CertificateFindings {
  if (sent.length === 0) return unreadable();
  const path = followPath(sent, context.roots);
  const isSelfSigned = path.end === 'self-signed' && path.certificates.length === 1;
  return {
    'tls.self-signed': passed || !isSelfSigned ? issuedBy(path) : selfSigned(),
    'tls.chain': passed || path.end === 'trusted' ? trusted(path, sent, context) : untrusted(path, sent, isSelfSigned),
    'tls.hostname': judgeName(path.certificates[0]!, passed, context),
    'tls.expiry': judgeDates(path, passed, context),
    'tls.key': judgeKeys(path.certificates, passed),
  };
}

function unreadable(): CertificateFindings {
  const outcome = skipped('the certificate could not be read');
  return {
    'tls.self-signed': outcome,
    'tls.chain': outcome,
    'tls.hostname': outcome,
    'tls.expiry': outcome,
    'tls.key': outcome,
  };
}

function issuedBy({ certificates }: CertificatePath): StepOutcome {
  return { status: 'pass', seen: `issued by ${nameOf(certificates[0]!.issuer)}` };
}

function selfSigned(): StepOutcome {
  return {
    status: 'fail',
    seen: 'the certificate is self-signed',
    expected: 'a certificate from a public CA',
    sendAttemptResult: 'TLS_ISSUE',
    hint: "Get one from a public CA (Let's Encrypt with certbot or Caddy, or your cloud's certificate service) and serve its fullchain.pem.",
  };
}

function trusted(
  { root }: CertificatePath,
  sent: readonly X509Certificate[],
  { isPublic }: CertificateContext,
): StepOutcome {
  const shown = root === null ? 'a root' : nameOf(root.subject);
  const seen = `${countOf(sent)} sent, up to ${shown}`;
  if (root === null || isPublicRoot(root)) return { status: 'pass', seen };
  if (!isPublic) return { status: 'pass', seen: `${seen} (private root, not trusted by Apple)` };
  return {
    status: 'warn',
    seen: `${seen}, which is not a public root; trusted on this machine only (NODE_EXTRA_CA_CERTS)`,
    expected: 'a chain to a public root',
    sendAttemptResult: 'TLS_ISSUE',
    hint: "If your network inspects TLS, this is the proxy's certificate, not the endpoint's: check from another network. Otherwise get a certificate from a public CA.",
  };
}

function untrusted(path: CertificatePath, sent: readonly X509Certificate[], isSelfSigned: boolean): StepOutcome {
  if (isSelfSigned) return skipped(blockedBy({ id: 'tls.self-signed' }));
  const last = path.certificates.at(-1)!;
  return path.end === 'self-signed' ? unknownRoot(last, sent) : incomplete(last, sent);
}

function unknownRoot(root: X509Certificate, sent: readonly X509Certificate[]): StepOutcome {
  return {
    status: 'fail',
    seen: `${countOf(sent)} sent, up to ${nameOf(root.subject)}, which is not a public root`,
    expected: 'a chain to a public root',
    sendAttemptResult: 'TLS_ISSUE',
    hint: 'Get a certificate from a public CA: Apple does not trust a private or company CA.',
  };
}

function incomplete(last: X509Certificate, sent: readonly X509Certificate[]): StepOutcome {
  const url = issuerUrl(last);
  return {
    status: 'fail',
    seen: `${countOf(sent)} sent; missing: ${nameOf(last.issuer)}, issuer of ${nameOf(last.subject)}${url === null ? '' : ` (published at ${url})`}`,
    expected: 'the full chain to a public root',
    sendAttemptResult: 'TLS_ISSUE',
    hint: 'Serve the full chain: fullchain.pem instead of cert.pem (nginx: ssl_certificate; Apache: SSLCertificateFile; cloud: the chain field). Browsers download missing certificates, other clients do not. If the CA is private, get a certificate from a public one.',
  };
}

/** URL of the missing certificate, from the AIA extension. */
function issuerUrl({ infoAccess }: X509Certificate): string | null {
  const address = /^CA Issuers - URI:(\S+)/m.exec(infoAccess ?? '')?.[1];
  return address === undefined ? null : quoted(address.replace(/^"|"$/g, ''));
}

function judgeName(leaf: X509Certificate, passed: boolean, { host }: CertificateContext): StepOutcome {
  const names = quoted(leaf.subjectAltName ?? nameOf(leaf.subject))
    .replaceAll('DNS:', '')
    .replaceAll('IP Address:', '');
  if (passed || checkServerIdentity(host, leaf.toLegacyObject()) === undefined) return { status: 'pass', seen: names };
  return {
    status: 'fail',
    seen: `the certificate is for ${names}`,
    expected: host,
    sendAttemptResult: 'TLS_ISSUE',
    hint: 'Reissue it for this name, or check which certificate is served: without a matching server block it is the default one.',
  };
}

const DAY_MS = 86_400_000;

/** Automatic renewal runs about 30 days before expiry, so less than 21 days means that it failed. */
const LEAST_LEFT_MS = 21 * DAY_MS;

function judgeDates(
  { certificates, root }: CertificatePath,
  passed: boolean,
  { nowMs }: CertificateContext,
): StepOutcome {
  const all = [...certificates, ...(root === null ? [] : [root])];
  const late = all.find(({ validTo }) => Date.parse(validTo) < nowMs);
  const early = all.find(({ validFrom }) => Date.parse(validFrom) > nowMs);
  const nameIn = (certificate: X509Certificate): string =>
    certificate === certificates[0] ? 'the certificate' : `the issuing certificate ${nameOf(certificate.subject)}`;
  if (!passed && late !== undefined) return badDates(`${nameIn(late)} expired on ${dayOf(late.validTo)}`, RENEW);
  if (!passed && early !== undefined) {
    return badDates(
      `${nameIn(early)} is not valid before ${dayOf(early.validFrom)}`,
      'Check the clock of this machine and of the CA, or wait.',
    );
  }
  const [leaf] = certificates;
  const left = Date.parse(leaf!.validTo) - nowMs;
  const seen = `valid until ${dayOf(leaf!.validTo)}, ${describeDays(left)}`;
  if (left >= LEAST_LEFT_MS) return { status: 'pass', seen };
  return { status: 'warn', seen, expected: '21 days or more', hint: RENEW };
}

const RENEW = 'Renew the certificate, reload the server, and check why automatic renewal did not run.';

function badDates(seen: string, hint: string): StepOutcome {
  return { status: 'fail', seen, expected: 'valid now', sendAttemptResult: 'TLS_ISSUE', hint };
}

function describeDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day left' : `${days} days left`;
}

function dayOf(text: string): string {
  return new Date(Date.parse(text)).toISOString().slice(0, 10);
}

/** Common name of a subject or issuer in Node's format (one `KEY=value` per line); the whole name if it has none. */
function nameOf(subject: string): string {
  return quoted(/^CN=(.*)$/m.exec(subject)?.[1] ?? subject.split('\n').join(', '));
}

function countOf(sent: readonly X509Certificate[]): string {
  return sent.length === 1 ? '1 certificate' : `${sent.length} certificates`;
}

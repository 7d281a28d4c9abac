import type { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { blockedBy, type Looked, quoted, skipped } from '../step.js';
import { type CertificatePath, followPath, isPublicRoot, judgeKeys } from './certificate-path.js';
import type { CertificateId } from './titles.js';

export interface CertificateContext {
  /** The host of the URL, an address of version 6 without brackets. */
  readonly host: string;
  /** Whether Apple could reach it: a root of one's own is then a defect. */
  readonly isPublic: boolean;
  readonly roots: readonly X509Certificate[];
  readonly nowMs: number;
}

type CertificateFindings = Readonly<Record<CertificateId, Looked>>;

/**
 * What is to be said of the certificates. `passed`: the sender took them, so that nothing fails here, whatever we make of them; where it
 * did not (for whatever reason), each defect is looked for by itself.
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
  const looked = skipped('the certificate could not be read');
  return {
    'tls.self-signed': looked,
    'tls.chain': looked,
    'tls.hostname': looked,
    'tls.expiry': looked,
    'tls.key': looked,
  };
}

function issuedBy({ certificates }: CertificatePath): Looked {
  return { status: 'pass', seen: `by ${nameOf(certificates[0]!.issuer)}` };
}

function selfSigned(): Looked {
  return {
    status: 'fail',
    seen: 'the certificate is self-signed: it vouches for itself',
    expected: 'a certificate of a public authority',
    sendAttemptResult: 'TLS_ISSUE',
    hint: "Get one from a public authority (Let's Encrypt with certbot or Caddy, your cloud's certificate service) and serve its fullchain.pem.",
  };
}

function trusted(
  { root }: CertificatePath,
  sent: readonly X509Certificate[],
  { isPublic }: CertificateContext,
): Looked {
  const shown = root === null ? 'a root' : nameOf(root.subject);
  const seen = `${countOf(sent)} sent, up to ${shown}`;
  if (root === null || isPublicRoot(root)) return { status: 'pass', seen };
  if (!isPublic) return { status: 'pass', seen: `${seen}, a root of your own, which Apple would not trust` };
  return {
    status: 'warn',
    seen: `${seen}, which is no public root: it is trusted here only (NODE_EXTRA_CA_CERTS)`,
    expected: 'a chain up to a public root',
    sendAttemptResult: 'TLS_ISSUE',
    hint: "If your network inspects TLS, this is its certificate and not the endpoint's: check from outside it. Otherwise get a certificate of a public authority.",
  };
}

function untrusted(path: CertificatePath, sent: readonly X509Certificate[], isSelfSigned: boolean): Looked {
  if (isSelfSigned) return skipped(blockedBy({ id: 'tls.self-signed' }));
  const last = path.certificates.at(-1)!;
  return path.end === 'self-signed' ? unknownRoot(last, sent) : incomplete(last, sent);
}

function unknownRoot(root: X509Certificate, sent: readonly X509Certificate[]): Looked {
  return {
    status: 'fail',
    seen: `${countOf(sent)} sent, up to ${nameOf(root.subject)}, which is no root that clients trust`,
    expected: 'a chain up to a public root',
    sendAttemptResult: 'TLS_ISSUE',
    hint: "Get a certificate of a public authority: Apple does not know one of your own or your company's.",
  };
}

function incomplete(last: X509Certificate, sent: readonly X509Certificate[]): Looked {
  const where = issuerAddress(last);
  return {
    status: 'fail',
    seen: `${countOf(sent)} sent; missing: ${nameOf(last.issuer)}, which issued ${nameOf(last.subject)}${where === null ? '' : ` (published at ${where})`}`,
    expected: "every certificate between the server's own and a public root",
    sendAttemptResult: 'TLS_ISSUE',
    hint: 'Serve the whole chain: fullchain.pem instead of cert.pem (nginx: ssl_certificate; Apache: SSLCertificateFile; a cloud: the chain field). Browsers fetch what is missing, servers that send do not. If the authority is your own, get a certificate of a public one.',
  };
}

/** Where the authority publishes the missing certificate (AIA). */
function issuerAddress({ infoAccess }: X509Certificate): string | null {
  const address = /^CA Issuers - URI:(\S+)/m.exec(infoAccess ?? '')?.[1];
  return address === undefined ? null : quoted(address.replace(/^"|"$/g, ''));
}

function judgeName(leaf: X509Certificate, passed: boolean, { host }: CertificateContext): Looked {
  const names = quoted(leaf.subjectAltName ?? nameOf(leaf.subject))
    .replaceAll('DNS:', '')
    .replaceAll('IP Address:', '');
  if (passed || checkServerIdentity(host, leaf.toLegacyObject()) === undefined) return { status: 'pass', seen: names };
  return {
    status: 'fail',
    seen: `the certificate is for ${names}`,
    expected: host,
    sendAttemptResult: 'TLS_ISSUE',
    hint: 'Have it issued for this name too, or check which certificate the server gives for it: a default one comes where no server block has the name.',
  };
}

const DAY_MS = 86_400_000;

/** A certificate that renews itself has been renewed a month before its end; one day less than three weeks is late. */
const LEAST_LEFT_MS = 21 * DAY_MS;

function judgeDates({ certificates, root }: CertificatePath, passed: boolean, { nowMs }: CertificateContext): Looked {
  const all = [...certificates, ...(root === null ? [] : [root])];
  const late = all.find(({ validTo }) => Date.parse(validTo) < nowMs);
  const early = all.find(({ validFrom }) => Date.parse(validFrom) > nowMs);
  const which = (certificate: X509Certificate): string =>
    certificate === certificates[0] ? 'the certificate' : `the certificate above it, ${nameOf(certificate.subject)},`;
  if (!passed && late !== undefined) return badDates(`${which(late)} expired on ${dayOf(late.validTo)}`, RENEW);
  if (!passed && early !== undefined) {
    return badDates(
      `${which(early)} is not valid before ${dayOf(early.validFrom)}`,
      'Check the clock of the server that issued it, and of this machine, or wait.',
    );
  }
  const [leaf] = certificates;
  const left = Date.parse(leaf!.validTo) - nowMs;
  const seen = `until ${dayOf(leaf!.validTo)}, ${describeDays(left)}`;
  if (left >= LEAST_LEFT_MS) return { status: 'pass', seen };
  return { status: 'warn', seen, expected: '21 days or more', hint: RENEW };
}

const RENEW = 'Renew the certificate, reload what serves it, and see why that did not happen by itself.';

function badDates(seen: string, hint: string): Looked {
  return { status: 'fail', seen, expected: 'valid now', sendAttemptResult: 'TLS_ISSUE', hint };
}

function describeDays(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day left' : `${days} days left`;
}

function dayOf(text: string): string {
  return new Date(Date.parse(text)).toISOString().slice(0, 10);
}

/** The common name of a subject or issuer as Node writes it (one `KEY=value` a line), or all of it where there is none. */
function nameOf(subject: string): string {
  return quoted(/^CN=(.*)$/m.exec(subject)?.[1] ?? subject.split('\n').join(', '));
}

function countOf(sent: readonly X509Certificate[]): string {
  return sent.length === 1 ? '1 certificate' : `${sent.length} certificates`;
}

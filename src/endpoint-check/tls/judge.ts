import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { judgeDeadline, judgeFailure } from '../../sender/judge-failure.js';
import type { Judgement } from '../../sender/outcome.js';
import { blockedBy, quoted, type StepOutcome, skipped } from '../step.js';
import { type CertificateContext, judgeCertificates } from './certificates.js';
import { type Handshake, TLS_VERSIONS, type TlsObservation, type Version } from './observe.js';
import { type Findings, TLS_IDS, type TlsId } from './titles.js';

/** Inputs of the outcomes other than the observation. */
interface JudgeContext extends CertificateContext {
  readonly timeoutMs: number;
}

/** Outcome of every TLS step at one address. Pure. */
export function judgeObservation(observation: TlsObservation, context: JudgeContext): Findings {
  const { lenient, strict } = observation;
  const judgement = judgeHandshake(strict, context.timeoutMs);
  if (lenient.session === null)
    return withoutSession(observation, judgement ?? judgeHandshake(lenient, context.timeoutMs)!);
  const found = judgeSession(observation, lenient.session, context, judgement);
  const hasFailure = Object.values(found).some(({ status }) => status === 'fail');
  return judgement === null || hasFailure ? found : { ...found, ...unexplained(judgement, strict) };
}

function judgeSession(
  observation: TlsObservation,
  session: NonNullable<Handshake['session']>,
  context: JudgeContext,
  judgement: Judgement | null,
): Findings {
  return {
    'tls.connect': { status: 'pass', seen: 'connected' },
    'tls.handshake': { status: 'pass', seen: nameOf(session.protocol) },
    'tls.client-certificate': judgeClientCertificate(observation),
    'tls.version': judgeVersions(observation, judgement),
    'tls.alpn': judgeAlpn(observation),
    ...judgeCertificates(session.certificates, judgement === null, context),
    'tls.sni': judgeSni(observation),
  };
}

/** Failure as the sender names it; null if there is none. */
function judgeHandshake({ failure, stoppedAt }: Handshake, timeoutMs: number): Judgement | null {
  if (failure !== null) return judgeFailure(failure);
  return stoppedAt === null ? null : judgeDeadline(stoppedAt, timeoutMs);
}

/** Even the lenient handshake failed: one step fails, the others depend on it. */
function withoutSession(observation: TlsObservation, judgement: Judgement): Findings {
  const [id, outcome] = explainNoSession(observation, judgement);
  const rest = TLS_IDS.map((each) => [each, skipped(blockedBy({ id }))]);
  const isConnected = id !== 'tls.connect';
  const connect: StepOutcome = { status: 'pass', seen: 'connected' };
  return {
    ...(Object.fromEntries(rest) as Findings),
    ...(isConnected ? { 'tls.connect': connect } : {}),
    [id]: outcome,
  };
}

function explainNoSession(observation: TlsObservation, judgement: Judgement): readonly [TlsId, StepOutcome] {
  const { lenient, isPlainHttp } = observation;
  const stage = lenient.failure?.stage ?? lenient.stoppedAt;
  if (stage === 'connecting') return ['tls.connect', fail(judgement, 'a connection', CONNECT_HINT)];
  if (isPlainHttp) {
    const seen = 'the server answers plain HTTP on this port, not TLS';
    return ['tls.handshake', { ...fail(judgement, 'TLS', PLAIN_HINT), seen }];
  }
  if (lenient.hasKeys) return ['tls.client-certificate', clientCertificate(judgement.result)];
  return ['tls.handshake', fail(judgement, 'a TLS handshake', HANDSHAKE_HINT)];
}

function fail({ result, detail }: Judgement, expected: string, hint: string): StepOutcome {
  return { status: 'fail', seen: quoted(detail), expected, sendAttemptResult: result, hint };
}

const CONNECT_HINT =
  'Check the port, that the server runs, and that the firewall allows 17.0.0.0/8, the addresses of Apple.';

const PLAIN_HINT =
  'Enable TLS on this port (nginx: listen 443 ssl; load balancer: an HTTPS listener), or use the port that has it.';

const HANDSHAKE_HINT =
  'Check the log of the TLS endpoint (proxy, load balancer): it may have no certificate for this name, or a firewall may reset the connection. For details: openssl s_client -connect HOST:PORT -servername HOST';

/** The strict handshake failed and no other step explains it. */
function unexplained(judgement: Judgement, { failure }: Handshake): Partial<Findings> {
  const code = failure !== null && 'code' in failure.error ? String(failure.error.code) : '';
  if (CERTIFICATE_CODE.test(code)) {
    return {
      'tls.chain': fail(judgement, 'a chain that clients accept', 'Reissue the certificate from a public CA.'),
    };
  }
  return { 'tls.handshake': fail(judgement, 'a handshake with a current TLS client', CIPHER_HINT) };
}

/** Node's codes for certificate errors of OpenSSL. */
const CERTIFICATE_CODE =
  /^(?!ERR_SSL_)(?:CERT_|CRL_|DEPTH_|SELF_SIGNED_|UNABLE_TO_|INVALID_|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT)/;

const CIPHER_HINT =
  'Offer the standard cipher suites of TLS 1.2 and 1.3: current clients reject a server that has only old ones.';

const CLIENT_CERTIFICATE = new Set([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED',
]);

function judgeClientCertificate({ lenient, strict }: TlsObservation): StepOutcome {
  const isAsked = [lenient, strict].some(
    ({ failure }) => failure !== null && 'code' in failure.error && CLIENT_CERTIFICATE.has(String(failure.error.code)),
  );
  return isAsked ? clientCertificate('TLS_ISSUE') : { status: 'pass', seen: 'not requested' };
}

function clientCertificate(result: SendAttemptResult): StepOutcome {
  return {
    status: 'fail',
    seen: 'the server requires a client certificate (mutual TLS) and closed the connection without one',
    expected: 'not required: Apple documents no client certificate',
    sendAttemptResult: result,
    hint: 'Disable mutual TLS for this host or path: the payload signature authenticates the sender.',
  };
}

const OLD: readonly Version[] = ['TLSv1', 'TLSv1.1'];

const EXPECTED_VERSIONS = 'TLS 1.2 or 1.3, nothing older';

function judgeVersions({ versions }: TlsObservation, judgement: Judgement | null): StepOutcome {
  const offered = TLS_VERSIONS.filter((version) => versions[version] === true);
  const seen = offered.length === 0 ? 'could not be determined' : `offers ${offered.map(nameOf).join(', ')}`;
  const old = OLD.filter((version) => offered.includes(version));
  const isOldOnly = old.length > 0 && old.length === offered.length;
  const isUnsure = versions['TLSv1.2'] === null || versions['TLSv1.3'] === null;
  if (isOldOnly && (judgement !== null || !isUnsure)) {
    const hint = 'Enable TLS 1.2 and 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3): Apple requires TLS 1.2 or newer.';
    return { status: 'fail', seen, expected: EXPECTED_VERSIONS, sendAttemptResult: 'TLS_ISSUE', hint };
  }
  if (old.length === 0) return { status: 'pass', seen };
  const hint = `Disable ${old.map(nameOf).join(' and ')}: obsolete and insecure. Apple can still deliver.`;
  return { status: 'warn', seen, expected: EXPECTED_VERSIONS, hint };
}

function nameOf(version: string): string {
  return version === 'TLSv1' ? 'TLS 1.0' : version.replace('TLSv', 'TLS ');
}

const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

function judgeAlpn({ strict, lenient }: TlsObservation): StepOutcome {
  const refused =
    strict.failure !== null && 'code' in strict.failure.error && strict.failure.error.code === NO_PROTOCOL;
  const seen = lenient.session?.alpn ?? null;
  if (refused) {
    return {
      status: 'fail',
      seen: `the server offers ${seen === null ? 'no HTTP/1.1' : `${quoted(seen)} only`}`,
      expected: 'HTTP/1.1 (HTTP/2 optional)',
      sendAttemptResult: 'TLS_ISSUE',
      hint: 'Offer http/1.1 in ALPN as well. Apple does not document that it sends over HTTP/2.',
    };
  }
  if (seen === null) return { status: 'pass', seen: 'not used, so HTTP/1.1' };
  return { status: 'pass', seen: seen === 'http/1.1' ? 'HTTP/1.1' : `${quoted(seen)}, HTTP/1.1 on request` };
}

function judgeSni({ withoutName, lenient }: TlsObservation): StepOutcome {
  if (withoutName === null) return skipped('the host is an IP address: SNI does not apply');
  const [usual] = lenient.session?.certificates ?? [];
  const [other] = withoutName.session?.certificates ?? [];
  if (withoutName.session === null) return { status: 'pass', seen: 'required: the handshake fails without SNI' };
  if (usual?.fingerprint256 === other?.fingerprint256)
    return { status: 'pass', seen: 'same certificate with and without SNI' };
  return { status: 'pass', seen: 'required: a different certificate is served without SNI' };
}

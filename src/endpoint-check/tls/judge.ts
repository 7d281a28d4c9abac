import type { SendAttemptResult } from '../../notification/catalogue/send-attempts.js';
import { judgeDeadline, judgeFailure } from '../../sender/judge-failure.js';
import type { Judgement } from '../../sender/outcome.js';
import { blockedBy, type Looked, quoted, skipped } from '../step.js';
import { type CertificateContext, judgeCertificates } from './certificates.js';
import { type Handshake, type Observation, VERSIONS, type Version } from './observe.js';
import { type Findings, TLS_IDS, type TlsId } from './titles.js';

/** What the judgement depends on beside what was seen. */
interface JudgeContext extends CertificateContext {
  readonly timeoutMs: number;
}

/** What one address amounts to, step by step. Pure. */
export function judgeObservation(observation: Observation, context: JudgeContext): Findings {
  const { look, trial } = observation;
  const judgement = judgeHandshake(trial, context.timeoutMs);
  if (look.session === null) return withoutSession(observation, judgement ?? judgeHandshake(look, context.timeoutMs)!);
  const found = judgeSession(observation, look.session, context, judgement);
  const hasFailure = Object.values(found).some(({ status }) => status === 'fail');
  return judgement === null || hasFailure ? found : { ...found, ...unexplained(judgement, trial) };
}

function judgeSession(
  observation: Observation,
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

/** What the sender would call it; null where nothing is wrong. */
function judgeHandshake({ failure, stoppedAt }: Handshake, timeoutMs: number): Judgement | null {
  if (failure !== null) return judgeFailure(failure);
  return stoppedAt === null ? null : judgeDeadline(stoppedAt, timeoutMs);
}

/** Nothing came about even for one who takes everything: one step says why, the others wait for it. */
function withoutSession(observation: Observation, judgement: Judgement): Findings {
  const [id, looked] = explainNoSession(observation, judgement);
  const rest = TLS_IDS.map((each) => [each, skipped(blockedBy({ id }))]);
  const isConnected = id !== 'tls.connect';
  const connect: Looked = { status: 'pass', seen: 'connected' };
  return {
    ...(Object.fromEntries(rest) as Findings),
    ...(isConnected ? { 'tls.connect': connect } : {}),
    [id]: looked,
  };
}

function explainNoSession(observation: Observation, judgement: Judgement): readonly [TlsId, Looked] {
  const { look, isPlainHttp } = observation;
  const stage = look.failure?.stage ?? look.stoppedAt;
  if (stage === 'connecting') return ['tls.connect', fail(judgement, 'a connection', CONNECT_HINT)];
  if (isPlainHttp) {
    const seen = 'what listens on this port answers plain HTTP, not TLS';
    return ['tls.handshake', { ...fail(judgement, 'TLS', PLAIN_HINT), seen }];
  }
  if (look.hadKeys) return ['tls.client-certificate', clientCertificate(judgement.result)];
  return ['tls.handshake', fail(judgement, 'a TLS session', HANDSHAKE_HINT)];
}

function fail({ result, detail }: Judgement, expected: string, hint: string): Looked {
  return { status: 'fail', seen: quoted(detail), expected, sendAttemptResult: result, hint };
}

const CONNECT_HINT =
  'Check the port, that the server runs, and that the firewall admits 17.0.0.0/8, where Apple sends from.';

const PLAIN_HINT =
  'Turn TLS on for this port (nginx: listen 443 ssl; behind a load balancer: an HTTPS listener), or use the port that has it.';

const HANDSHAKE_HINT =
  'Look into the log of what ends TLS (proxy, load balancer): no certificate set up for this name, or a firewall that cuts in. openssl s_client -connect HOST:PORT -servername HOST shows where it ends.';

/** The sender failed and no step says why. */
function unexplained(judgement: Judgement, { failure }: Handshake): Partial<Findings> {
  const code = failure !== null && 'code' in failure.error ? String(failure.error.code) : '';
  if (CERTIFICATE_CODE.test(code)) {
    return {
      'tls.chain': fail(
        judgement,
        'a chain that a client accepts',
        'Have the certificate issued anew by a public authority.',
      ),
    };
  }
  return { 'tls.handshake': fail(judgement, 'a TLS session as a modern client sets it up', CIPHER_HINT) };
}

/** OpenSSL's reasons to refuse a certificate, as Node names them. */
const CERTIFICATE_CODE =
  /^(?!ERR_SSL_)(?:CERT_|CRL_|DEPTH_|SELF_SIGNED_|UNABLE_TO_|INVALID_|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT)/;

const CIPHER_HINT =
  'Offer the usual ciphers of TLS 1.2 and 1.3: a server that takes only old ones is refused by clients of today.';

const CLIENT_CERTIFICATE = new Set([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED',
]);

function judgeClientCertificate({ look, trial }: Observation): Looked {
  const isAsked = [look, trial].some(
    ({ failure }) => failure !== null && 'code' in failure.error && CLIENT_CERTIFICATE.has(String(failure.error.code)),
  );
  return isAsked ? clientCertificate('TLS_ISSUE') : { status: 'pass', seen: 'none asked for' };
}

function clientCertificate(result: SendAttemptResult): Looked {
  return {
    status: 'fail',
    seen: 'the server wants a certificate of the client (mutual TLS) and ended the session without one',
    expected: 'none asked for: Apple has none to show that you could check',
    sendAttemptResult: result,
    hint: 'Turn mutual TLS off for this host or path: the signature in the payload is the proof.',
  };
}

const OLD: readonly Version[] = ['TLSv1', 'TLSv1.1'];

const EXPECTED_VERSIONS = 'TLS 1.2 or 1.3, nothing older';

function judgeVersions({ versions }: Observation, judgement: Judgement | null): Looked {
  const offered = VERSIONS.filter((version) => versions[version] === true);
  const seen = offered.length === 0 ? 'none could be told apart' : `offers ${offered.map(nameOf).join(', ')}`;
  const old = OLD.filter((version) => offered.includes(version));
  const isOldOnly = old.length > 0 && old.length === offered.length;
  const isUnsure = versions['TLSv1.2'] === null || versions['TLSv1.3'] === null;
  if (isOldOnly && (judgement !== null || !isUnsure)) {
    const hint = 'Turn on TLS 1.2 and 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3): Apple takes nothing older.';
    return { status: 'fail', seen, expected: EXPECTED_VERSIONS, sendAttemptResult: 'TLS_ISSUE', hint };
  }
  if (old.length === 0) return { status: 'pass', seen };
  const hint = `Turn ${old.map(nameOf).join(' and ')} off: nobody needs ${old.length === 1 ? 'it' : 'them'}, and both are broken. Apple delivers all the same.`;
  return { status: 'warn', seen, expected: EXPECTED_VERSIONS, hint };
}

function nameOf(version: string): string {
  return version === 'TLSv1' ? 'TLS 1.0' : version.replace('TLSv', 'TLS ');
}

const NO_PROTOCOL = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';

function judgeAlpn({ trial, look }: Observation): Looked {
  const refused = trial.failure !== null && 'code' in trial.failure.error && trial.failure.error.code === NO_PROTOCOL;
  const seen = look.session?.alpn ?? null;
  if (refused) {
    return {
      status: 'fail',
      seen: `the server takes ${seen === null ? 'no HTTP/1.1' : `${quoted(seen)} only`}`,
      expected: 'HTTP/1.1, be it beside HTTP/2',
      sendAttemptResult: 'TLS_ISSUE',
      hint: 'Offer http/1.1 too (ALPN): that Apple sends over HTTP/2 is not documented.',
    };
  }
  if (seen === null) return { status: 'pass', seen: 'not used, which means HTTP/1.1' };
  return { status: 'pass', seen: seen === 'http/1.1' ? 'HTTP/1.1' : `${quoted(seen)}, and HTTP/1.1 where asked for` };
}

function judgeSni({ withoutName, look }: Observation): Looked {
  if (withoutName === null) return skipped('the host is an address, for which no name is sent');
  const [usual] = look.session?.certificates ?? [];
  const [other] = withoutName.session?.certificates ?? [];
  if (withoutName.session === null) return { status: 'pass', seen: 'needed: without a name (SNI) there is no session' };
  if (usual?.fingerprint256 === other?.fingerprint256)
    return { status: 'pass', seen: 'the same certificate with and without' };
  return { status: 'pass', seen: 'needed: without a name (SNI) another certificate comes' };
}

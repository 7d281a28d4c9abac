import { describeSignatureLength, ES256_SIGNATURE_BYTES, isSignedBy } from '../jws/es256.js';
import { describeJson, type Json, type JsonObject } from '../jws/json.js';
import type { Certificate } from '../trust/certificate.js';
import type { ChainReport } from '../trust/chain.js';
import { type Finding as ChainFinding, notChecked } from '../trust/finding.js';
import { checkDates, isoSeconds } from '../trust/validity.js';
import { type CheckFinding, checkOf, failed, memoizeChecks, passed } from './check.js';
import { type AppExpectations, checkApp, checkNested } from './check-app.js';
import { checkShape } from './check-shape.js';
import type { Check, Clock, Kind, Verification } from './document.js';
import { isSeconds, signedMoment } from './kind.js';
import { type OpenedPayload, type OpenedToken, OUTER_PATH } from './open.js';
import { type CheckId, isUndetermined, type ReasonCode } from './reasons.js';
import { wrongKind } from './wrong-kind.js';

/** Revocation check results of a chain. */
export interface RevocationFindings {
  readonly leaf: CheckFinding;
  readonly intermediate: CheckFinding;
}

export interface VerifyOptions extends AppExpectations {
  /** Required kind of the outer payload; any kind if omitted. */
  readonly kind?: Kind;
  /** Check every chain as of this time (ms). */
  readonly atMs?: number;
  /** Current time (ms), for payloads without a date. */
  readonly nowMs: number;
  /** Check every chain as of now, since OCSP gives the current status. */
  readonly online?: boolean;
}

/** Chain reports, cached, and their OCSP results if requested. */
export interface ChainVerifier {
  inspect(x5c: unknown): ChainReport;
  revocation(report: ChainReport): RevocationFindings | null;
}

/** Verification time of a token's chain, and its source. */
interface VerificationTime {
  readonly atMs: number;
  readonly clock: Clock;
}

export interface TokenVerdict {
  readonly token: OpenedToken;
  readonly time: VerificationTime;
  readonly report: ChainReport;
  readonly checks: readonly Check[];
}

export interface PayloadVerdict {
  readonly verification: Verification;
  readonly tokens: readonly TokenVerdict[];
}

/**
 * Verifies a decoded payload and every token in it. Pure: the same payload, options and chain reports give the same verdict.
 * Revocation results come from `chains`; this function sends no request.
 */
export function verifyPayload(opened: OpenedPayload, options: VerifyOptions, chains: ChainVerifier): PayloadVerdict {
  const outer = opened[0];
  const outerTime = verificationTimeOf(outer, options, null);
  const verdicts: TokenVerdict[] = [];
  const checks: Check[] = [];
  for (const token of opened) {
    const time = token === outer ? outerTime : verificationTimeOf(token, options, outerTime);
    const hint = token === outer ? timeHint(opened, outerTime, options) : null;
    const verdict = verifyToken(token, time, outer, options, chains, hint);
    verdicts.push(verdict);
    checks.push(...verdict.checks);
  }
  const outerReport = verdicts[0]!.report;
  return {
    tokens: verdicts,
    verification: {
      ...verdictOf(checks),
      root: outerReport.root?.name ?? null,
      checkedAtMs: outerReport.chain === null ? null : outerTime.atMs,
      clock: outerReport.chain === null ? null : outerTime.clock,
      checks,
    },
  };
}

/** Verdict and reason of a list of checks; invalid takes precedence over undetermined. */
function verdictOf(checks: readonly Check[]): Pick<Verification, 'verdict' | 'reason'> {
  let undetermined: ReasonCode | null = null;
  for (const { ok, reason } of checks) {
    if (ok !== false) continue;
    if (reason === undefined || !isUndetermined(reason)) return { verdict: 'invalid', reason: reason ?? null };
    undetermined ??= reason;
  }
  return undetermined === null ? { verdict: 'valid', reason: null } : { verdict: 'undetermined', reason: undetermined };
}

/** Verification of an input that is not a token: one failed check and no others. */
export function rejectToken(token: string, finding: CheckFinding): Verification {
  const checks = [checkOf('jws.format', token, finding)];
  return { ...verdictOf(checks), root: null, checkedAtMs: null, clock: null, checks };
}

/** Verification of a version 1 body, which has no token. */
export function rejectLegacyBody(): Verification {
  return rejectToken(OUTER_PATH, failed('LEGACY_V1', 'a signed notification, version 2', 'an unsigned version 1 body'));
}

function verifyToken(
  token: OpenedToken,
  time: VerificationTime,
  outer: OpenedToken,
  options: VerifyOptions,
  chains: ChainVerifier,
  dateHint: string | null,
): TokenVerdict {
  const report = chains.inspect(token.header?.x5c);
  const checks: Check[] = [];
  const add = (id: CheckId, finding: CheckFinding): void => void checks.push(checkOf(id, token.path, finding));
  add('jws.format', checkFormat(token));
  add('jws.alg', checkAlgorithm(token));
  add('payload.shape', checkPayload(token, options.nowMs));
  add('payload.kind', checkKind(token, token.slot ?? options.kind));
  add('x5c.count', token.header === null ? UNREADABLE_HEADER : (checkXcode(token, report.count) ?? report.count));
  add('x5c.readable', report.readable);
  add('chain.root', report.rootFound);
  add('chain.links', report.links);
  add('chain.ca', report.ca);
  add('chain.markers', report.markers);
  add(
    'chain.dates',
    isDated(token, time, options)
      ? datesFinding(checkDates(report.validity, time.atMs), dateHint ?? secondsHint(time))
      : UNDATED,
  );
  const revocation = chains.revocation(report);
  const skipped = options.online === true ? CHAIN_NOT_VALID : OFFLINE;
  add('revocation.leaf', revocation?.leaf ?? skipped);
  add('revocation.intermediate', revocation?.intermediate ?? skipped);
  add('signature', checkSignature(token, report.chain?.leaf ?? null));
  for (const [id, finding] of checkApp(token, options)) add(id, finding);
  if (token !== outer)
    add('nested.match', checkRoots(report, chains.inspect(outer.header?.x5c)) ?? checkNested(token, outer));
  return { token, time, report, checks };
}

const OFFLINE = memoizeChecks(notChecked('skipped: add --online'));

const CHAIN_NOT_VALID = memoizeChecks(notChecked('skipped: the chain is not trusted or not valid now'));

const UNREADABLE_HEADER = memoizeChecks(notChecked('the header could not be read'));

function checkFormat(token: OpenedToken): CheckFinding {
  if (token.formatDefect !== null)
    return failed('MALFORMED_JWS', 'three base64url parts joined by dots', token.formatDefect);
  const found = describeSignatureLength(token.header, token.signature);
  if (found !== null) return failed('MALFORMED_JWS', `a signature of ${ES256_SIGNATURE_BYTES} bytes`, found);
  return FORMAT_OK;
}

const FORMAT_OK = memoizeChecks(passed('three parts'));

const ALGORITHM_OK = memoizeChecks(passed('ES256'));

const SHAPE_OK = memoizeChecks(passed('as documented'));

const SIGNATURE_OK = memoizeChecks(passed("made with the leaf's key"));

function checkAlgorithm(token: OpenedToken): CheckFinding {
  if (token.header === null) return UNREADABLE_HEADER;
  const { alg, crit } = token.header;
  if (alg !== 'ES256')
    return failed('UNSUPPORTED_ALGORITHM', 'ES256', alg === undefined ? 'no alg' : describeJson(alg));
  if (crit !== undefined) return failed('UNSUPPORTED_ALGORITHM', 'no critical header fields', 'crit in the header');
  return ALGORITHM_OK;
}

function checkPayload(token: OpenedToken, nowMs: number): CheckFinding {
  if (token.payload === null) {
    if (token.payloadDefect === null || token.formatDefect !== null) return notChecked('the token could not be read');
    return failed('MALFORMED_PAYLOAD', 'a JSON object', token.payloadDefect);
  }
  const findings = checkShape(token.payload, token.slot ?? token.kind);
  const [first, ...rest] = findings.length === 0 ? findings : findings.filter(({ isRemark }) => isRemark !== true);
  if (first === undefined) return checkTimeClaims(token.payload, nowMs) ?? shapeOk(findings.map(({ path }) => path));
  const more = rest.length === 0 ? '' : `, and ${rest.length} more`;
  return failed('MALFORMED_PAYLOAD', `${first.path}: ${first.expected}`, `${first.found}${more}`);
}

/** `inSeconds`: dates that are in all likelihood given in seconds. */
function shapeOk(inSeconds: readonly string[]): CheckFinding {
  if (inSeconds.length === 0) return SHAPE_OK;
  return { ...passed('as documented'), detail: `${inSeconds.join(', ')}: in seconds, where Apple writes milliseconds` };
}

function checkKind(token: OpenedToken, expected: Kind | undefined): CheckFinding {
  if (token.payload === null) return notChecked('the payload could not be read');
  if (expected !== undefined && token.kind !== expected) return wrongKind(token, expected);
  return token.kind === 'unknown' ? notChecked('unrecognised payload kind') : KIND_OK[token.kind];
}

const KIND_OK: Readonly<Record<Exclude<Kind, 'unknown'>, CheckFinding>> = {
  notification: memoizeChecks(passed('notification')),
  transaction: memoizeChecks(passed('transaction')),
  renewalInfo: memoizeChecks(passed('renewalInfo')),
  appTransaction: memoizeChecks(passed('appTransaction')),
  realtimeRequest: memoizeChecks(passed('realtimeRequest')),
  notificationV1: memoizeChecks(passed('notificationV1')),
};

/** StoreKit Testing signs with one self-made certificate, marked by its `kid`. */
function checkXcode(token: OpenedToken, count: ChainFinding): CheckFinding | null {
  if (count.reason !== 'CHAIN_LENGTH' || token.header?.kid !== 'Apple_Xcode_Key') return null;
  return failed('XCODE_SIGNED', '3 certificates of the App Store', 'one certificate made by Xcode');
}

/** All tokens of a payload have the same root: a payload signed by Apple never contains a token under a different root, trusted or not. */
function checkRoots(inner: ChainReport, outer: ChainReport): CheckFinding | null {
  if (inner.root === null || outer.root === null || inner.root === outer.root) return null;
  return failed('NESTED_MISMATCH', `a chain under ${outer.root.name}`, `a chain under ${inner.root.name}`);
}

/** A payload that cannot be decoded has no signing time, and checking its chain as of now would report a second, false defect. */
function isDated(token: OpenedToken, time: VerificationTime, { online }: VerifyOptions): boolean {
  return token.payload !== null || time.clock !== 'now' || online === true;
}

const UNDATED = memoizeChecks(notChecked('the payload could not be read, so its signing time is unknown'));

/** Hint for a signing time in seconds, which read as milliseconds lies in 1970. */
function secondsHint({ atMs, clock }: VerificationTime): string | null {
  if ((clock !== 'signedDate' && clock !== 'receiptCreationDate') || !isSeconds(atMs)) return null;
  return `${clock} ${atMs} is in seconds (${isoSeconds(atMs * 1000)}), where Apple writes milliseconds. Multiply it by 1,000 before you sign.`;
}

function datesFinding(finding: ChainFinding, hint: string | null): CheckFinding {
  return finding.ok === false && hint !== null ? { ...finding, hint } : finding;
}

function checkSignature(token: OpenedToken, leaf: Certificate | null): CheckFinding {
  if (leaf === null) return notChecked('no certificate to verify it with');
  if (token.formatDefect !== null || token.signature?.length !== ES256_SIGNATURE_BYTES)
    return notChecked('the signature could not be read');
  if (leaf.keyType !== 'P-256') return failed('SIGNATURE_MISMATCH', 'a P-256 key in the leaf', `${leaf.keyType}`);
  if (isSignedBy(token.text, token.signature, leaf.publicKey)) return SIGNATURE_OK;
  return failed('SIGNATURE_MISMATCH', "a signature made with the leaf's key", 'it does not match header and payload');
}

/** The first of: `--at`, now with `--online`, the date of the token, the verification time of the outer token, now. */
function verificationTimeOf(
  token: OpenedToken,
  options: VerifyOptions,
  outer: VerificationTime | null,
): VerificationTime {
  if (options.atMs !== undefined) return { atMs: options.atMs, clock: 'at' };
  if (options.online === true) return { atMs: options.nowMs, clock: 'now' };
  const own = token.payload === null ? null : signedMoment(token.payload, token.kind);
  return own ?? outer ?? { atMs: options.nowMs, clock: 'now' };
}

/**
 * Hint for a chain checked as of now: the signing time of the payload, which `--online` ignored, or the latest one of a nested token if
 * the outer token has no date: that one was signed after them.
 */
function timeHint([outer, ...nested]: OpenedPayload, time: VerificationTime, options: VerifyOptions): string | null {
  if (time.clock !== 'now' || outer.payload === null) return null;
  const own = signedMoment(outer.payload, outer.kind);
  if (own !== null) {
    return `--online checks certificates as of now, as OCSP does. Leave it out to check them as of the signing time, ${isoSeconds(own.atMs)}.`;
  }
  const dates = nested.flatMap(({ payload, kind }) => {
    const time = payload === null ? null : signedMoment(payload, kind);
    return time === null ? [] : [{ kind, atMs: time.atMs }];
  });
  const [signed] = dates.sort((one, other) => other.atMs - one.atMs);
  if (signed === undefined) return null;
  const instead = options.online === true ? 'without --online and with --at' : '--at';
  return `The payload has no signedDate; its ${signed.kind} was signed at ${isoSeconds(signed.atMs)}. Check it as of then: ${instead} ${isoSeconds(signed.atMs)}`;
}

/**
 * Checks the time claims `exp` and `nbf` of a JWT (RFC 7519 sections 4.1.4 and 4.1.5), in seconds. Apple's payloads have neither, but
 * the JWT library under Apple's node library 3.1.0 rejects a payload with expired or future claims, so it is rejected here too.
 * Null if there is no defect.
 */
export function checkTimeClaims({ exp, nbf }: JsonObject, nowMs: number): CheckFinding | null {
  const nowSeconds = Math.floor(nowMs / 1000);
  if (exp !== undefined && !(isNumber(exp) && exp > nowSeconds)) return badTimeClaim('exp: a future time', exp);
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= nowSeconds)) return badTimeClaim('nbf: a past time', nbf);
  return null;
}

function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function badTimeClaim(expected: string, found: Json): CheckFinding {
  return failed('MALFORMED_PAYLOAD', `${expected}, in seconds`, isNumber(found) ? `${found}` : 'not a number');
}

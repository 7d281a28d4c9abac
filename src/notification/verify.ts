import { describeSignatureLength, ES256_SIGNATURE_BYTES, isSignedBy } from '../jws/es256.js';
import type { Json, JsonObject } from '../jws/json.js';
import type { Certificate } from '../trust/certificate.js';
import type { ChainReport } from '../trust/chain.js';
import { type Finding as ChainFinding, notChecked } from '../trust/finding.js';
import { checkDates, isoSeconds } from '../trust/validity.js';
import { checkOf, type Finding, failed, memoizeChecks, passed } from './check.js';
import { type AppExpectations, checkApp, checkNested } from './check-app.js';
import { checkShape } from './check-shape.js';
import type { Check, Clock, Kind, Verification } from './document.js';
import { signedMoment } from './kind.js';
import { type OpenedPayload, type OpenedToken, OUTER_PATH } from './open.js';
import type { CheckId } from './reasons.js';

/** What an OCSP responder said of one certificate. */
export interface RevocationFindings {
  readonly leaf: Finding;
  readonly intermediate: Finding;
}

export interface VerifyOptions extends AppExpectations {
  /** The kind the outer payload must be; any where it is left out. */
  readonly kind?: Kind;
  /** Judge every chain at this moment (ms). */
  readonly atMs?: number;
  /** The present (ms): for payloads without a date of their own. */
  readonly nowMs: number;
  /** Judge every chain now, as revocation is asked now. */
  readonly online?: boolean;
}

/** Chains inspected once and kept; what OCSP said of them, where it was asked. */
export interface ChainVerifier {
  inspect(x5c: unknown): ChainReport;
  revocation(report: ChainReport): RevocationFindings | null;
}

/** The moment a token's chain is judged at, and why that one. */
interface Moment {
  readonly atMs: number;
  readonly clock: Clock;
}

export interface TokenVerdict {
  readonly token: OpenedToken;
  readonly moment: Moment;
  readonly report: ChainReport;
  readonly checks: readonly Check[];
}

export interface PayloadVerdict {
  readonly verification: Verification;
  readonly tokens: readonly TokenVerdict[];
}

/**
 * Judges an opened payload and every token in it. Pure: the same payload, options and chain findings give the same verdict.
 * Revocation is what `judge` knows of it; nothing is asked here.
 */
export function verifyPayload(opened: OpenedPayload, options: VerifyOptions, judge: ChainVerifier): PayloadVerdict {
  const outer = opened[0];
  const outerMoment = momentOf(outer, options, null);
  const verdicts: TokenVerdict[] = [];
  const checks: Check[] = [];
  for (const token of opened) {
    const moment = token === outer ? outerMoment : momentOf(token, options, outerMoment);
    const hint = token === outer ? momentHint(opened, outerMoment, options) : null;
    const verdict = verifyToken(token, moment, outer, options, judge, hint);
    verdicts.push(verdict);
    checks.push(...verdict.checks);
  }
  const outerReport = verdicts[0]!.report;
  return {
    tokens: verdicts,
    verification: {
      ...verdictOf(checks),
      root: outerReport.root?.name ?? null,
      checkedAtMs: outerReport.chain === null ? null : outerMoment.atMs,
      clock: outerReport.chain === null ? null : outerMoment.clock,
      checks,
    },
  };
}

/** Verdict and reason of a list of checks: an invalid anywhere beats an undetermined. */
function verdictOf(checks: readonly Check[]): Pick<Verification, 'verdict' | 'reason'> {
  let undetermined = false;
  for (const { ok, reason } of checks) {
    if (ok !== false) continue;
    if (reason !== 'REVOCATION_UNKNOWN') return { verdict: 'invalid', reason: reason ?? null };
    undetermined = true;
  }
  return undetermined ? { verdict: 'undetermined', reason: 'REVOCATION_UNKNOWN' } : { verdict: 'valid', reason: null };
}

/** The verdict on what is no token at all: one failed check, nothing else looked at. */
export function rejectToken(token: string, finding: Finding): Verification {
  const checks = [checkOf('jws.format', token, finding)];
  return { ...verdictOf(checks), root: null, checkedAtMs: null, clock: null, checks };
}

/** The verdict on a version 1 body, which has no token. */
export function rejectLegacyBody(): Verification {
  return rejectToken(OUTER_PATH, failed('LEGACY_V1', 'a signed notification, version 2', 'an unsigned version 1 body'));
}

function verifyToken(
  token: OpenedToken,
  moment: Moment,
  outer: OpenedToken,
  options: VerifyOptions,
  judge: ChainVerifier,
  dateHint: string | null,
): TokenVerdict {
  const report = judge.inspect(token.header?.x5c);
  const checks: Check[] = [];
  const add = (id: CheckId, finding: Finding): void => void checks.push(checkOf(id, token.path, finding));
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
    isDated(token, moment, options) ? datesFinding(checkDates(report.validity, moment.atMs), dateHint) : UNDATED,
  );
  const revocation = judge.revocation(report);
  const notAsked = options.online === true ? NOT_WORTH_ASKING : NOT_ASKED;
  add('revocation.leaf', revocation?.leaf ?? notAsked);
  add('revocation.intermediate', revocation?.intermediate ?? notAsked);
  add('signature', checkSignature(token, report.chain?.leaf ?? null));
  for (const [id, finding] of checkApp(token, options)) add(id, finding);
  if (token !== outer)
    add('nested.match', checkRoots(report, judge.inspect(outer.header?.x5c)) ?? checkNested(token, outer));
  return { token, moment, report, checks };
}

const NOT_ASKED = memoizeChecks(notChecked('skipped: add --online'));

const NOT_WORTH_ASKING = memoizeChecks(notChecked('skipped: the chain is not trusted or not valid now'));

const UNREADABLE_HEADER = memoizeChecks(notChecked('the header could not be read'));

function checkFormat(token: OpenedToken): Finding {
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

function checkAlgorithm(token: OpenedToken): Finding {
  if (token.header === null) return UNREADABLE_HEADER;
  const { alg, crit } = token.header;
  if (alg !== 'ES256') return failed('UNSUPPORTED_ALGORITHM', 'ES256', alg === undefined ? 'no alg' : String(alg));
  if (crit !== undefined) return failed('UNSUPPORTED_ALGORITHM', 'no critical header fields', 'crit in the header');
  return ALGORITHM_OK;
}

function checkPayload(token: OpenedToken, nowMs: number): Finding {
  if (token.payload === null) {
    if (token.payloadDefect === null || token.formatDefect !== null) return notChecked('the token could not be read');
    return failed('MALFORMED_PAYLOAD', 'a JSON object', token.payloadDefect);
  }
  const [first, ...rest] = checkShape(token.payload, token.slot ?? token.kind);
  if (first === undefined) return checkTimeClaims(token.payload, nowMs) ?? SHAPE_OK;
  const more = rest.length === 0 ? '' : `, and ${rest.length} more`;
  return failed('MALFORMED_PAYLOAD', `${first.path}: ${first.expected}`, `${first.found}${more}`);
}

function checkKind(token: OpenedToken, expected: Kind | undefined): Finding {
  if (token.payload === null) return notChecked('the payload could not be read');
  if (expected !== undefined && token.kind !== expected) return failed('WRONG_KIND', expected, token.kind);
  return token.kind === 'unknown' ? notChecked('unrecognised payload kind') : KIND_OK[token.kind];
}

const KIND_OK: Readonly<Record<Exclude<Kind, 'unknown'>, Finding>> = {
  notification: memoizeChecks(passed('notification')),
  transaction: memoizeChecks(passed('transaction')),
  renewalInfo: memoizeChecks(passed('renewalInfo')),
  appTransaction: memoizeChecks(passed('appTransaction')),
  realtimeRequest: memoizeChecks(passed('realtimeRequest')),
  notificationV1: memoizeChecks(passed('notificationV1')),
};

/** StoreKit Testing signs with one self-made certificate and says so in `kid`. */
function checkXcode(token: OpenedToken, count: ChainFinding): Finding | null {
  if (count.reason !== 'CHAIN_LENGTH' || token.header?.kid !== 'Apple_Xcode_Key') return null;
  return failed('XCODE_SIGNED', '3 certificates of the App Store', 'one certificate made by Xcode');
}

/** One payload, one signer: what Apple signed never holds a token under somebody else's root, trusted or not. */
function checkRoots(inner: ChainReport, outer: ChainReport): Finding | null {
  if (inner.root === null || outer.root === null || inner.root === outer.root) return null;
  return failed('NESTED_MISMATCH', `a chain under ${outer.root.name}`, `a chain under ${inner.root.name}`);
}

/** A payload that cannot be read has no moment; to judge its chain now would add a second fault that is none. */
function isDated(token: OpenedToken, moment: Moment, { online }: VerifyOptions): boolean {
  return token.payload !== null || moment.clock !== 'now' || online === true;
}

const UNDATED = memoizeChecks(notChecked('the payload could not be read, so its signing time is unknown'));

function datesFinding(finding: ChainFinding, hint: string | null): Finding {
  return finding.ok === false && hint !== null ? { ...finding, hint } : finding;
}

function checkSignature(token: OpenedToken, leaf: Certificate | null): Finding {
  if (leaf === null) return notChecked('no certificate to verify it with');
  if (token.formatDefect !== null || token.signature?.length !== ES256_SIGNATURE_BYTES)
    return notChecked('the signature could not be read');
  if (leaf.keyType !== 'P-256') return failed('SIGNATURE_MISMATCH', 'a P-256 key in the leaf', `${leaf.keyType}`);
  if (isSignedBy(token.text, token.signature, leaf.publicKey)) return SIGNATURE_OK;
  return failed('SIGNATURE_MISMATCH', "a signature made with the leaf's key", 'it does not match header and payload');
}

/** design section 4: `--at`, else now where revocation is asked, else the token's own date, else the outer token's, else now. */
function momentOf(token: OpenedToken, options: VerifyOptions, outer: Moment | null): Moment {
  if (options.atMs !== undefined) return { atMs: options.atMs, clock: 'at' };
  if (options.online === true) return { atMs: options.nowMs, clock: 'now' };
  const own = token.payload === null ? null : signedMoment(token.payload, token.kind);
  return own ?? outer ?? { atMs: options.nowMs, clock: 'now' };
}

/**
 * When the chain would have been good: at the moment the payload was signed, where `--online` judged it now; where the outer token has
 * no date, at that of a nested one.
 */
function momentHint([outer, ...nested]: OpenedPayload, moment: Moment, options: VerifyOptions): string | null {
  if (moment.clock !== 'now' || outer.payload === null) return null;
  const own = signedMoment(outer.payload, outer.kind);
  if (own !== null) {
    return `--online checks certificates as of now, as OCSP does. Leave it out to check them as of the signing time, ${isoSeconds(own.atMs)}.`;
  }
  const signed = nested
    .map((token) => (token.payload === null ? null : signedMoment(token.payload, token.kind)))
    .find((found) => found !== null);
  if (signed === undefined || signed === null) return null;
  const instead = options.online === true ? 'without --online and with --at' : '--at';
  return `The payload has no signedDate; its ${nested[0]!.kind} was signed at ${isoSeconds(signed.atMs)}. Check it as of then: ${instead} ${isoSeconds(signed.atMs)}`;
}

/**
 * The time claims of a JWT (RFC 7519 sections 4.1.4 and 4.1.5), which are seconds. Apple's payloads carry neither, but the JWT
 * library under Apple's node library 3.1.0 refuses a payload whose claims do not hold now, so we refuse it too.
 * Null where there is nothing to find fault with.
 */
export function checkTimeClaims({ exp, nbf }: JsonObject, nowMs: number): Finding | null {
  const nowSeconds = Math.floor(nowMs / 1000);
  if (exp !== undefined && !(isNumber(exp) && exp > nowSeconds)) return refused('exp: a future time', exp);
  if (nbf !== undefined && !(isNumber(nbf) && nbf <= nowSeconds)) return refused('nbf: a past time', nbf);
  return null;
}

function isNumber(value: Json): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function refused(expected: string, found: Json): Finding {
  return failed('MALFORMED_PAYLOAD', `${expected}, in seconds`, isNumber(found) ? `${found}` : 'not a number');
}

import { hash } from 'node:crypto';
import type { RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import { parseBase64Url, splitJws } from '../../jws/compact.js';
import { type JsonObject, stringifyJson } from '../../jws/json.js';
import { buildLegacyDocument } from '../../notification/build-document.js';
import type { Check, Verification } from '../../notification/document.js';
import { factsOf } from '../../notification/facts.js';
import { describeEvent, type EventSubject } from '../../notification/meaning.js';
import { type OpenedPayload, OUTER_PATH, payloadFields } from '../../notification/open.js';
import { createVerificationContext, type VerificationContext } from '../../notification/verification-context.js';
import { documentWithVerdict } from '../../notification/verified-document.js';
import { type PayloadVerdict, rejectLegacyBody, type VerifyOptions, verifyPayload } from '../../notification/verify.js';
import { PLAIN_HEAD, PLAIN_TAIL, plainToken, readBody, readText } from './parse-body.js';
import { refuseBody, refuseVerdict } from './refusals.js';
import type { BodyRefusal, BodyToVerify, VerificationOptions, VerifiedBody } from './result.js';

/** Result of inspecting a body, without its bytes. */
export interface BodyVerdict extends Omit<VerifiedBody, 'body' | 'bodyToKeep' | 'bodyJson'> {
  /** Byte layout of Apple's: the JSON literal of a verified body can be built without scanning it again. */
  readonly isPlain: boolean;
  /** The body without its secret; null if it has none. */
  readonly redacted: string | null;
}

/** Verifies bodies; caches certificate chains between them. Pure; never throws for the content of a body. */
export function createBodyVerifier(options: VerificationOptions): (input: BodyToVerify) => VerifiedBody {
  const inspect = createBodyInspector(options);
  return (input) => attachBody(input.body, inspect(input));
}

/** Combines an inspection result with the bytes of its body. */
export function attachBody(body: Uint8Array, inspected: BodyVerdict): VerifiedBody {
  const { refusal, verdict, facts, synthetic, title, meaning, marks, document, isPlain, redacted } = inspected;
  // Field by field: `...rest` would take a tenth of this thread's time per notification.
  return {
    refusal,
    verdict,
    facts,
    synthetic,
    title,
    meaning,
    marks,
    document,
    body,
    bodyToKeep: redacted === null ? body : Buffer.from(redacted),
    bodyJson: refusal === null ? jsonLiteralOf(body, isPlain) : null,
  };
}

/** A token as far as it was read, with its verdict. */
interface VerifiedToken {
  readonly opened: OpenedPayload;
  readonly verdict: PayloadVerdict;
}

const ORIGIN = { source: 'listener', repaired: [] };

const UNMARKED: readonly string[] = [];

/** {@link createBodyVerifier} without the bytes. */
export function createBodyInspector({
  roots,
  expectations,
  wantsDocuments,
}: VerificationOptions): (input: BodyToVerify) => BodyVerdict {
  const context = createVerificationContext(roots);
  const inspectToken = (token: string, marks: readonly string[], isPlain: boolean, nowMs: number): BodyVerdict => {
    const verifyOptions = { ...expectations, kind: 'notification', nowMs } as const;
    const { opened, verdict } =
      refuseUnread(token, verifyOptions, context) ?? verifyToken(token, verifyOptions, context);
    const { reason } = verdict.verification;
    const isVerified = verdict.verification.verdict === 'valid';
    return {
      refusal: isVerified ? null : refuseVerdict(reason ?? 'MALFORMED_PAYLOAD'),
      verdict: summarizeVerdict(verdict.verification),
      ...(opened[0].payload === null
        ? NO_SUMMARY
        : summarizePayload({ kind: opened[0].kind, ...payloadFields(opened) }, isVerified ? token : null)),
      synthetic: isSynthetic(verdict),
      marks,
      document: wantsDocuments ? documentWithVerdict(ORIGIN, opened, verdict) : null,
      isPlain,
      redacted: null,
    };
  };
  const inspectLegacy = (body: JsonObject): BodyVerdict => {
    const verification = rejectLegacyBody();
    const document = { ...buildLegacyDocument(ORIGIN, body, verification), verification };
    return {
      ...unreadable(refuseVerdict('LEGACY_V1')),
      ...summarizePayload(document, null),
      verdict: summarizeVerdict(verification),
      document: wantsDocuments ? document : null,
      redacted: stringifyJson(document.payload),
    };
  };
  return ({ body, atMs }) => {
    const text = readText(body);
    if (text === null) return unreadable(refuseBody('NOT_UTF8'));
    const plain = plainToken(text);
    const inspected = plain === null ? null : inspectToken(plain, UNMARKED, true, atMs);
    if (inspected?.refusal === null) return inspected;
    const content = readBody(text);
    if (content.type === 'refused') return unreadable(content.refusal);
    return content.type === 'v1'
      ? inspectLegacy(content.body)
      : (inspected ?? inspectToken(content.token, content.marks, false, atMs));
  };
}

const NO_SUMMARY = { facts: null, title: null, meaning: null } as const;

function unreadable(refusal: BodyRefusal): BodyVerdict {
  return {
    refusal,
    verdict: null,
    ...NO_SUMMARY,
    synthetic: false,
    marks: UNMARKED,
    document: null,
    isPlain: false,
    redacted: null,
  };
}

/** Tokens from this length on, three times that of Apple's, are read only once their signature holds. */
const MAX_UNSIGNED_CHARACTERS = 65_536;

/** Apple's headers have 5 KB, most of it certificates. */
const MAX_HEADER_CHARACTERS = 32_768;

/**
 * Verifies chain and signature of a long token before its payload is parsed: parsing a megabyte of long integers takes a thousand times
 * longer than verifying a notification, and anybody can post one. Null for a token to be read: a short one, or a signed one.
 */
function refuseUnread(token: string, options: VerifyOptions, context: VerificationContext): VerifiedToken | null {
  if (token.length < MAX_UNSIGNED_CHARACTERS) return null;
  const opened: OpenedPayload = [openUnread(token, context)];
  const verdict = verifyPayload(opened, options, context);
  return verdict.verification.verdict === 'valid' ? null : { opened, verdict };
}

/** The token without its payload; without its header if that is implausibly long. */
function openUnread(token: string, context: VerificationContext): OpenedPayload[0] {
  const split = splitJws(token);
  const unread = {
    text: token,
    payload: null,
    payloadDefect: null,
    path: OUTER_PATH,
    slot: null,
    kind: 'unknown',
  } as const;
  const malformed = (formatDefect: string): OpenedPayload[0] => ({
    ...unread,
    header: null,
    signature: null,
    formatDefect,
  });
  if ('defect' in split) return malformed(split.defect);
  const { header: headerText, signature: signatureText } = split.jws;
  if (headerText.length > MAX_HEADER_CHARACTERS) return malformed(`its header has ${headerText.length} characters`);
  const signature = signatureText.length > MAX_SIGNATURE_CHARACTERS ? 'it is too long' : parseBase64Url(signatureText);
  if (typeof signature === 'string') return malformed(`its signature: ${signature}`);
  const [{ header, formatDefect }] = context.open(`${headerText}.e30.${signatureText}`);
  return { ...unread, header, signature, formatDefect };
}

/** An ES256 signature has 86; other algorithms have longer ones, which are refused for their algorithm. */
const MAX_SIGNATURE_CHARACTERS = 2_048;

/** Implausibly many tokens: known notifications have three. */
const MANY_TOKENS = 8;

/**
 * Verifies a token and those nested in it. With implausibly many, the nested ones are verified only if the outer one is valid: a megabyte
 * holds twenty thousand tokens, and an attacker must not be able to have each of them verified.
 */
function verifyToken(token: string, options: VerifyOptions, context: VerificationContext): VerifiedToken {
  const opened = context.open(token);
  if (opened.length > MANY_TOKENS) {
    const outer: OpenedPayload = [opened[0]];
    const verdict = verifyPayload(outer, options, context);
    if (verdict.verification.verdict !== 'valid') return { opened: outer, verdict };
  }
  return { opened, verdict: verifyPayload(opened, options, context) };
}

/**
 * Summarizes a payload for records and display. `token`: the verified token; null for an unverified one, whose texts are clipped, since
 * they may be an attacker's.
 */
function summarizePayload(
  subject: EventSubject,
  token: string | null,
): Pick<VerifiedBody, 'facts' | 'title' | 'meaning'> {
  const { title, meaning } = describeEvent(subject);
  const facts = recordedFacts(subject);
  return token !== null
    ? { facts: { ...facts, content: contentOf(token), ...idsOf(subject) }, title, meaning }
    : { facts: clipFacts(facts), title: clip(title), meaning: clip(meaning, MAX_MEANING) };
}

function recordedFacts(subject: EventSubject): RecordedFacts {
  const { type, bundleId, appAppleId, environment, productId, signedAtMs } = factsOf(subject);
  const uuid = subject.notification?.notificationUUID;
  const usable = typeof uuid === 'string' && uuid !== '' ? uuid : null;
  return { kind: subject.kind, uuid: usable, type, bundleId, appAppleId, environment, productId, signedAtMs };
}

/** 128 bits tell contents apart; the whole hash would only lengthen the records. */
const CONTENT_DIGITS = 32;

/** Hash of the signed payload without header and signature, which differ between two tokens of the same content. */
function contentOf(token: string): string {
  const start = token.indexOf('.') + 1;
  return hash('sha256', token.slice(start, token.indexOf('.', start)), 'hex').slice(0, CONTENT_DIGITS);
}

/** Ids by which a journal is searched. Apple asks up to three times about one transaction, each time with a new notificationUUID. */
function idsOf({ transaction, renewalInfo }: EventSubject): Partial<RecordedFacts> {
  const ids: Partial<Record<(typeof ID_FIELDS)[number], string>> = {};
  for (const field of ID_FIELDS) {
    const value = transaction?.[field] ?? renewalInfo?.[field];
    if (typeof value === 'string' && value !== '') ids[field] = value;
  }
  return ids;
}

const ID_FIELDS = ['transactionId', 'originalTransactionId', 'appAccountToken'] as const;

/** The verdict with its failed checks only, bounded: a payload may have any number of failing tokens, and any text. */
function summarizeVerdict({ verdict, reason, root, checkedAtMs, clock, checks }: Verification): RecordedVerdict {
  const failed =
    verdict === 'valid'
      ? NONE_FAILED
      : checks
          .filter(({ ok }) => ok === false)
          .slice(0, MAX_CHECKS)
          .map(clipCheck);
  return { verdict, reason, root, checkedAtMs, clock, failed };
}

/** True for a chain of, or imitating, a test authority; their certificates are named so. */
function isSynthetic({ tokens }: PayloadVerdict): boolean {
  return tokens.some(
    ({ report: { root, chain } }) => isTestName(root?.certificate.subject) || isTestName(chain?.sentRoot.subject),
  );
}

const TEST_NAME = 'CN=storewire TEST';

function isTestName(subject: string | undefined): boolean {
  return subject !== undefined && (subject.startsWith(TEST_NAME) || subject.includes(`, ${TEST_NAME}`));
}

const NONE_FAILED: readonly Check[] = [];

const MAX_CHECKS = 20;

const MAX_CHARACTERS = 200;

const MAX_MEANING = 1000;

function clipFacts(facts: RecordedFacts): RecordedFacts {
  const { uuid, type, bundleId, appAppleId, environment, productId } = facts;
  return {
    ...facts,
    type: clip(type),
    uuid: clipOrNull(uuid),
    bundleId: clipOrNull(bundleId),
    appAppleId: clipOrNull(appAppleId),
    environment: clipOrNull(environment),
    productId: clipOrNull(productId),
  };
}

function clipCheck(check: Check): Check {
  const { token, expected, found, detail } = check;
  return {
    ...check,
    token: clip(token),
    ...(expected === undefined ? {} : { expected: clip(expected) }),
    ...(found === undefined ? {} : { found: clip(found) }),
    ...(detail === undefined ? {} : { detail: clip(detail) }),
  };
}

function clipOrNull(text: string | null): string | null {
  return text === null ? null : clip(text);
}

function clip(text: string, max = MAX_CHARACTERS): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

const HEAD = Buffer.from(JSON.stringify(PLAIN_HEAD).slice(0, -1));

const TAIL = Buffer.from(JSON.stringify(PLAIN_TAIL).slice(1));

/**
 * JSON string literal of a body, in UTF-8 and in parts. A plain body has nothing in its token that needs escaping, so the token is not
 * copied: garbage of this size would trigger the garbage collector.
 */
function jsonLiteralOf(body: Uint8Array, isPlain: boolean): readonly Uint8Array[] {
  if (isPlain) return [HEAD, body.subarray(PLAIN_HEAD.length, body.length - PLAIN_TAIL.length), TAIL];
  // UTF-8 has no lone surrogates, so the literal represents exactly the received bytes.
  return [Buffer.from(JSON.stringify(readText(body)))];
}

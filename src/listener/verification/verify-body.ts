import type { RecordedFacts, RecordedVerdict } from '../../journal/record.js';
import { type JsonObject, stringifyJson } from '../../jws/json.js';
import { buildLegacyDocument, documentWithVerdict } from '../../notification/build-document.js';
import type { Check, Verification } from '../../notification/document.js';
import { factsOf } from '../../notification/facts.js';
import { describeEvent, type EventSubject } from '../../notification/meaning.js';
import { type OpenedPayload, payloadFields } from '../../notification/open.js';
import { createVerificationContext, type VerificationContext } from '../../notification/verification-context.js';
import { type PayloadVerdict, rejectLegacyBody, type VerifyOptions, verifyPayload } from '../../notification/verify.js';
import { PLAIN_HEAD, PLAIN_TAIL, plainToken, readBody, readText } from './parse-body.js';
import { refuseBody, refuseVerdict } from './refusals.js';
import type { BodyRefusal, BodyToVerify, VerificationOptions, VerifiedBody } from './result.js';

/** What is found of a body, apart from its bytes. */
export interface BodyVerdict extends Omit<VerifiedBody, 'body' | 'bodyToKeep' | 'bodyJson'> {
  /** As Apple writes it; once it is verified its literal is made without looking at it again. */
  readonly isPlain: boolean;
  /** The body without its secret, where it holds one. */
  readonly redacted: string | null;
}

/** Judges one body after another: chains and headers are learnt once. Pure; throws for nothing that a body may hold. */
export function createBodyVerifier(options: VerificationOptions): (input: BodyToVerify) => VerifiedBody {
  const find = createBodyInspector(options);
  return (input) => attachBody(input.body, find(input));
}

/** A finding and the bytes it is about. */
export function attachBody(body: Uint8Array, finding: BodyVerdict): VerifiedBody {
  const { refusal, verdict, facts, synthetic, title, meaning, marks, document, isPlain, redacted } = finding;
  // Name by name: what `...rest` takes is a tenth of what this thread spends on a notification.
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

const ORIGIN = { source: 'listener', repaired: [] };

const UNMARKED: readonly string[] = [];

/** {@link createJudge} without the bytes. */
export function createBodyInspector({
  roots,
  expectations,
  wantsDocuments,
}: VerificationOptions): (input: BodyToVerify) => BodyVerdict {
  const engine = createVerificationContext(roots);
  const findToken = (token: string, marks: readonly string[], isPlain: boolean, nowMs: number): BodyVerdict => {
    const { opened, verdict } = judgeToken(token, { ...expectations, kind: 'notification', nowMs }, engine);
    const { verdict: word, reason } = verdict.verification;
    const isVerified = word === 'valid';
    return {
      refusal: isVerified ? null : refuseVerdict(reason ?? 'MALFORMED_PAYLOAD'),
      verdict: summarizeVerdict(verdict.verification),
      ...(opened[0].payload === null
        ? NOTHING_READ
        : summarizePayload({ kind: opened[0].kind, ...payloadFields(opened) }, isVerified)),
      synthetic: isSynthetic(verdict),
      marks,
      document: wantsDocuments ? documentWithVerdict(ORIGIN, opened, verdict) : null,
      isPlain,
      redacted: null,
    };
  };
  const findLegacy = (body: JsonObject): BodyVerdict => {
    const verification = rejectLegacyBody();
    const document = { ...buildLegacyDocument(ORIGIN, body, verification), verification };
    return {
      ...nothingOf(refuseVerdict('LEGACY_V1')),
      ...summarizePayload(document, false),
      verdict: summarizeVerdict(verification),
      document: wantsDocuments ? document : null,
      redacted: stringifyJson(document.payload),
    };
  };
  return ({ body, atMs }) => {
    const text = readText(body);
    if (text === null) return nothingOf(refuseBody('NOT_UTF8'));
    const plain = plainToken(text);
    const found = plain === null ? null : findToken(plain, UNMARKED, true, atMs);
    if (found?.refusal === null) return found;
    const content = readBody(text);
    if (content.type === 'refused') return nothingOf(content.refusal);
    return content.type === 'v1'
      ? findLegacy(content.body)
      : (found ?? findToken(content.token, content.marks, false, atMs));
  };
}

const NOTHING_READ = { facts: null, title: null, meaning: null } as const;

function nothingOf(refusal: BodyRefusal): BodyVerdict {
  return {
    refusal,
    verdict: null,
    ...NOTHING_READ,
    synthetic: false,
    marks: UNMARKED,
    document: null,
    isPlain: false,
    redacted: null,
  };
}

/** More tokens than any notification holds: three are known today. */
const MANY_TOKENS = 8;

/**
 * The verdict on a token and on those nested in it. Where there are implausibly many, the nested ones are looked at only if Apple signed
 * the outer one: a megabyte holds twenty thousand, and strangers shall not have each of them judged.
 */
function judgeToken(
  token: string,
  options: VerifyOptions,
  engine: VerificationContext,
): { opened: OpenedPayload; verdict: PayloadVerdict } {
  const opened = engine.open(token);
  if (opened.length > MANY_TOKENS) {
    const alone: OpenedPayload = [opened[0]];
    const verdict = verifyPayload(alone, options, engine);
    if (verdict.verification.verdict !== 'valid') return { opened: alone, verdict };
  }
  return { opened, verdict: verifyPayload(opened, options, engine) };
}

/** What a payload says, as it is recorded and shown. Of one that is not verified every text is clipped: strangers write it. */
function summarizePayload(
  subject: EventSubject,
  isVerified: boolean,
): Pick<VerifiedBody, 'facts' | 'title' | 'meaning'> {
  const { title, meaning } = describeEvent(subject);
  const facts = factsIn(subject);
  return isVerified
    ? { facts, title, meaning }
    : { facts: clipFacts(facts), title: clip(title), meaning: clip(meaning, MAX_MEANING) };
}

function factsIn(subject: EventSubject): RecordedFacts {
  const { type, bundleId, appAppleId, environment, productId, signedAtMs } = factsOf(subject);
  const uuid = subject.notification?.notificationUUID;
  const known = typeof uuid === 'string' && uuid !== '' ? uuid : null;
  return { kind: subject.kind, uuid: known, type, bundleId, appAppleId, environment, productId, signedAtMs };
}

/** The verdict without what passed. A payload can hold any number of tokens that fail, and any text. */
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

/** Signed, or said to be, by an authority of this tool: each names itself so. */
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
 * The JSON string literal of a body, in UTF-8 and in parts. A plain one is as Apple writes it, with nothing in its token that JSON would
 * escape: the token is not copied, since garbage of this size is what makes the collector run.
 */
function jsonLiteralOf(body: Uint8Array, isPlain: boolean): readonly Uint8Array[] {
  if (isPlain) return [HEAD, body.subarray(PLAIN_HEAD.length, body.length - PLAIN_TAIL.length), TAIL];
  // UTF-8 has no lone surrogates, so the literal stands for exactly the bytes that were received.
  return [Buffer.from(JSON.stringify(readText(body)))];
}

import { type JsonObject, stringifyJson } from '../../jws/json.js';
import { buildLegacyDocument } from '../../notification/build-document.js';
import { createEngine, type Engine } from '../../notification/engine.js';
import { type OpenedPayload, payloadFields } from '../../notification/open.js';
import { documentWithVerdict } from '../../notification/verified-document.js';
import { type PayloadVerdict, refuseLegacy, type VerifyOptions, verifyPayload } from '../../notification/verify.js';
import type { JudgeOptions } from '../options.js';
import { plainToken, readBody, readText } from './body.js';
import type { BodyToJudge, Judged, Refusal } from './judged.js';
import { literalOf } from './literal.js';
import { isSynthetic, recordAbout, recordVerdict } from './recorded.js';
import { refuseBody, refuseVerdict } from './refusals.js';

/** What is found of a body, apart from its bytes. */
export interface BodyFinding extends Omit<Judged, 'body' | 'bodyToKeep' | 'bodyJson'> {
  /** As Apple writes it; once it is verified its literal is made without looking at it again. */
  readonly isPlain: boolean;
  /** The body without its secret, where it holds one. */
  readonly redacted: string | null;
}

/** Judges one body after another: chains and headers are learnt once. Pure; throws for nothing that a body may hold. */
export function createJudge(options: JudgeOptions): (input: BodyToJudge) => Judged {
  const find = createFinder(options);
  return (input) => joinJudged(input.body, find(input));
}

/** A finding and the bytes it is about. */
export function joinJudged(body: Uint8Array, finding: BodyFinding): Judged {
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
    bodyJson: refusal === null ? literalOf(body, isPlain) : null,
  };
}

const ORIGIN = { source: 'listener', repaired: [] };
const UNMARKED: readonly string[] = [];

/** {@link createJudge} without the bytes. */
export function createFinder({
  roots,
  expectations,
  wantsDocuments,
}: JudgeOptions): (input: BodyToJudge) => BodyFinding {
  const engine = createEngine(roots);
  const findToken = (token: string, marks: readonly string[], isPlain: boolean, nowMs: number): BodyFinding => {
    const { opened, verdict } = judgeToken(token, { ...expectations, kind: 'notification', nowMs }, engine);
    const { verdict: word, reason } = verdict.verification;
    const isVerified = word === 'valid';
    return {
      refusal: isVerified ? null : refuseVerdict(reason ?? 'MALFORMED_PAYLOAD'),
      verdict: recordVerdict(verdict.verification),
      ...(opened[0].payload === null
        ? NOTHING_READ
        : recordAbout({ kind: opened[0].kind, ...payloadFields(opened) }, isVerified)),
      synthetic: isSynthetic(verdict),
      marks,
      document: wantsDocuments ? documentWithVerdict(ORIGIN, opened, verdict) : null,
      isPlain,
      redacted: null,
    };
  };
  const findLegacy = (body: JsonObject): BodyFinding => {
    const verification = refuseLegacy();
    const document = { ...buildLegacyDocument(ORIGIN, body, verification), verification };
    return {
      ...nothingOf(refuseVerdict('LEGACY_V1')),
      ...recordAbout(document, false),
      verdict: recordVerdict(verification),
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

function nothingOf(refusal: Refusal): BodyFinding {
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
  engine: Engine,
): { opened: OpenedPayload; verdict: PayloadVerdict } {
  const opened = engine.open(token);
  if (opened.length > MANY_TOKENS) {
    const alone: OpenedPayload = [opened[0]];
    const verdict = verifyPayload(alone, options, engine);
    if (verdict.verification.verdict !== 'valid') return { opened: alone, verdict };
  }
  return { opened, verdict: verifyPayload(opened, options, engine) };
}

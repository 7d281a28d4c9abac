import type { BodyRefusal, VerifiedBody } from './result.js';

/** Codes of bodies that may be something else than a notification, rather than a forged or damaged one. */
const UNRECOGNISED: ReadonlySet<string> = new Set([
  'NOT_UTF8',
  'NOT_JSON',
  'NOT_AN_OBJECT',
  'NO_SIGNED_PAYLOAD',
  'SIGNED_PAYLOAD_NOT_TEXT',
  'MALFORMED_JWS',
  'MALFORMED_PAYLOAD',
  'UNSUPPORTED_ALGORITHM',
  'CHAIN_MISSING',
  'CHAIN_LENGTH',
  'WRONG_KIND',
  'CERTIFICATE_NOT_YET_VALID',
]);

/** Larger bodies, and more bytes a second, are refused in general words: a flood of garbage must not be parsed twice. */
const MAX_BYTES = 262_144;

const WINDOW_MS = 1_000;

/** Names the recognised format of a refused body in the refusal's message; status and code stay, and so does the message of an unrecognised body. */
export function createBodyNamer(now: () => number): (result: VerifiedBody) => Promise<BodyRefusal> {
  let windowMs = Number.NEGATIVE_INFINITY;
  let bytes = 0;
  return async ({ refusal, body, facts }) => {
    if (!UNRECOGNISED.has(refusal!.code)) return refusal!;
    const nowMs = now();
    if (nowMs - windowMs >= WINDOW_MS) {
      windowMs = nowMs;
      bytes = 0;
    }
    bytes += body.length;
    if (bytes > MAX_BYTES) return refusal!;
    // Loaded here, since a listener that only Apple posts to never needs it.
    const { recogniseBody } = await import('./recognise-body.js');
    const found = recogniseBody({ body, facts, code: refusal!.code, nowMs });
    return found === null ? refusal! : { ...refusal!, ...found };
  };
}

import { tryParseJson } from '../../jws/json.js';
import { type Repair, tokenClaim, type UnplacedClaim } from '../claim.js';
import { isHeaderStart, SIGNATURE_LENGTH } from '../split/wrapped-token.js';
import { decodeBase64Body } from './base64-body.js';
import { type FoundToken, findTokens, inOrder } from './find-tokens.js';
import { bodyWithin, claimsInJson } from './json-claims.js';
import { joinLines, joinLiterals, joinSplitLog, repairText } from './repair.js';

/**
 * The claims in text. Pasting damage is repaired first; then JSON is parsed, a token is one claim, and other text is searched for tokens.
 * `isWhole`: exactly this was given as a payload, so that text that begins like a token is a claim even if it is damaged.
 */
export function claimsInText(text: string, isWhole: boolean): UnplacedClaim[] {
  if (isBareToken(text)) return [tokenClaim(text, [])];
  const log = joinSplitLog(text);
  if (log !== null) return withRepair(withRepair(claimsInText(log.trimEnd(), false), 'nested-json'), 'line-wraps');
  const literals = joinLiterals(text);
  if (literals !== text) return withRepair(claimsInText(literals, isWhole), 'string-literals');
  const cleaned = repairText(text);
  if (cleaned.json !== undefined) return claimsInJson(cleaned.json, inOrder(cleaned.repaired));
  const body = decodeBase64Body(cleaned.text);
  const decoded = body === null ? [] : claimsInBase64(body, cleaned.repaired);
  if (decoded.length > 0) return decoded;
  const repaired = new Set(cleaned.repaired);
  if (/\r\n?$/.test(text.slice(-2))) repaired.add('crlf');
  const single = isWhole && hasFourthPart(cleaned.text) ? null : findSingle(cleaned.text);
  if (single !== null) return [tokenClaim(single.text, inOrder([...repaired, ...single.repaired]))];
  const found = search(text);
  const isOneToken = !found.some((token) => token.isComplete) || (found.length === 1 && hasFourthPart(cleaned.text));
  const isDamaged = isWhole && cleaned.text.startsWith('eyJ') && isOneToken;
  if (isDamaged) return [damagedClaim(cleaned.text, repaired)];
  if (found.length > 0) return found.map((token) => tokenClaim(token.text, inOrder(token.repaired)));
  const within = bodyWithin(text);
  if (within !== undefined) return claimsInJson(within, []);
  const encoded = (text.match(BASE64_WORD) ?? []).flatMap((word) =>
    claimsInBase64(decodeBase64Body(word) ?? '', repaired),
  );
  if (encoded.length > 0) return encoded;
  return claimsPayload(cleaned.text, isWhole) ? [tokenClaim(cleaned.text, inOrder(repaired))] : [];
}

/** A column of a database, a field of a console consumer. */
const BASE64_WORD = /[A-Za-z0-9+/_-]{80,}={0,2}/g;

function claimsInBase64(body: string, repaired: ReadonlySet<Repair>): UnplacedClaim[] {
  const json = tryParseJson(body);
  const claims = json === undefined ? claimsInText(body, false) : claimsInJson(json, inOrder(repaired));
  return withRepair(claims, 'base64');
}

function withRepair(claims: UnplacedClaim[], repair: Repair): UnplacedClaim[] {
  return claims.map((claim) => ({ ...claim, repaired: inOrder([...claim.repaired, repair]) }));
}

/** Fast path for a line with one token only: checks its start, its dots and the length of its signature. */
function isBareToken(text: string): boolean {
  if (!text.startsWith('eyJ')) return false;
  const second = text.indexOf('.', text.indexOf('.') + 1);
  return text.length - second - 1 === SIGNATURE_LENGTH && second > 0 && !text.includes('\n') && !text.includes(' ');
}

/** The token that fills the whole text, if one does. */
function findSingle(text: string): FoundToken | null {
  if (!text.startsWith('eyJ')) return null;
  const [first] = findTokens(text);
  return first !== undefined && first.start === 0 && first.end === text.length && first.isComplete ? first : null;
}

/** True for a word of more than three parts: no JWS where it was given as a payload; in a log it may be a file name after a token. */
function hasFourthPart(text: string): boolean {
  return /^eyJ[^.\s]*\.[^.\s]+\.[^.\s]*\.[^\s]*[^.\s]$/.test(text);
}

/** Tokens in a text, which has several lines only where a token is wrapped over them. */
function search(text: string): FoundToken[] {
  const around: Repair[] = text.startsWith('\uFEFF') ? ['bom'] : [];
  if (!text.includes('\n')) return findTokens(text).map((token) => addRepairs(token, around));
  around.push('line-wraps');
  if (text.includes('\r\n')) around.push('crlf');
  return findTokens(joinLines(text)).map((token) => addRepairs(token, around));
}

function addRepairs(token: FoundToken, around: readonly Repair[]): FoundToken {
  return around.length === 0 ? token : { ...token, repaired: [...token.repaired, ...around] };
}

/** One claim for the whole text. Blanks are copied line ends where the text is a token without them. */
function damagedClaim(text: string, repaired: ReadonlySet<Repair>): UnplacedClaim {
  const joined = text.replace(/\s/g, '');
  const single = joined === text ? null : findSingle(joined);
  return single === null
    ? tokenClaim(text, inOrder(repaired))
    : tokenClaim(single.text, inOrder([...repaired, ...single.repaired, 'line-wraps']));
}

const BROKEN_BODY = /^\{[^{}]{0,200}"signedPayload"\s*:/i;

const LONG_WORD = /^[\w+/-]{40,}={0,2}$/;

/** True for text without a token that still claims to be a payload: a malformed body, or, given as a whole, long base64. */
function claimsPayload(text: string, isWhole: boolean): boolean {
  return BROKEN_BODY.test(text.slice(0, 1000)) || (isWhole && (LONG_WORD.test(text) || isHeaderStart(text)));
}

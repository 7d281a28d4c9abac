import { type Repair, tokenClaim, type UnplacedClaim } from '../claim.js';
import { isHeaderStart, SIGNATURE_LENGTH } from '../split/wrapped-token.js';
import { type FoundToken, findTokens, inOrder } from './find-tokens.js';
import { claimsInJson } from './json-claims.js';
import { joinLines, repairText } from './repair.js';

/**
 * The claims in text: what pasting does is mended first; what is JSON then is read as such, what is a token is one, everything else is
 * searched. `isWhole`: somebody gave exactly this as a payload, so that what begins like a token is one even where it is damaged.
 */
export function claimsInText(text: string, isWhole: boolean): UnplacedClaim[] {
  if (isBareToken(text)) return [tokenClaim(text, [])];
  const mended = repairText(text);
  if (mended.json !== undefined) return claimsInJson(mended.json, inOrder(mended.repaired));
  const repaired = new Set(mended.repaired);
  if (/\r\n?$/.test(text.slice(-2))) repaired.add('crlf');
  const single = isWhole && hasFourthPart(mended.text) ? null : findSingle(mended.text);
  if (single !== null) return [tokenClaim(single.text, inOrder([...repaired, ...single.repaired]))];
  const found = search(text);
  const isOneToken = !found.some((token) => token.isComplete) || (found.length === 1 && hasFourthPart(mended.text));
  const isDamaged = isWhole && mended.text.startsWith('eyJ') && isOneToken;
  if (isDamaged) return [draftDamaged(mended.text, repaired)];
  if (found.length > 0) return found.map((token) => tokenClaim(token.text, inOrder(token.repaired)));
  return claimsPayload(mended.text, isWhole) ? [tokenClaim(mended.text, inOrder(repaired))] : [];
}

/** The usual line: a token and nothing else. Told by its start, its dots and the length of its signature, without looking at all of it. */
function isBareToken(text: string): boolean {
  if (!text.startsWith('eyJ')) return false;
  const second = text.indexOf('.', text.indexOf('.') + 1);
  return text.length - second - 1 === SIGNATURE_LENGTH && second > 0 && !text.includes('\n') && !text.includes(' ');
}

/** The token that a text is from its first to its last character. */
function findSingle(text: string): FoundToken | null {
  if (!text.startsWith('eyJ')) return null;
  const [first] = findTokens(text);
  return first !== undefined && first.start === 0 && first.end === text.length && first.isComplete ? first : null;
}

/** One word of more than three parts: who gives it as a payload gives no JWS. In a log it may be the name of a file. */
function hasFourthPart(text: string): boolean {
  return /^eyJ[^.\s]*\.[^.\s]+\.[^.\s]*\.[^\s]*[^.\s]$/.test(text);
}

/** Tokens in a text. It has several lines only where a token is wrapped over them. */
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

/** One claim for all of it. Blanks in it are what a copy made of line ends, where it is a token without them. */
function draftDamaged(text: string, repaired: ReadonlySet<Repair>): UnplacedClaim {
  const joined = text.replace(/\s/g, '');
  const single = joined === text ? null : findSingle(joined);
  return single === null
    ? tokenClaim(text, inOrder(repaired))
    : tokenClaim(single.text, inOrder([...repaired, ...single.repaired, 'line-wraps']));
}

const BROKEN_BODY = /^\{[^{}]{0,200}"signedPayload"\s*:/i;

const LONG_WORD = /^[\w+/-]{40,}={0,2}$/;

/** What holds no token and says all the same that it is a payload: a broken body, and, given as a whole, a long word of base64. */
function claimsPayload(text: string, isWhole: boolean): boolean {
  return BROKEN_BODY.test(text.slice(0, 1000)) || (isWhole && (LONG_WORD.test(text) || isHeaderStart(text)));
}

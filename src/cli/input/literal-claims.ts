import { createCutter } from './cutter.js';
import { type Draft, draftToken } from './draft.js';
import { draftsOfJson } from './json-claims.js';
import { mend } from './mend.js';
import { draftsOfText } from './text-claims.js';
import { inOrder, isSignedToken } from './token-text.js';
import { draftsOfUnit } from './unit-drafts.js';

/**
 * The claims in an argument or a paste. What is one payload once it is mended as a whole is that; otherwise it is cut as a file is.
 * `isArgument`: neither a file nor a path has this name, so that a word was meant as a payload whatever it is.
 */
export function draftsOfLiteral(bytes: Uint8Array, isArgument: boolean): Draft[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const { json, text: mended, repaired } = mend(text);
  if (json !== undefined) return draftsOfJson(json, inOrder(repaired));
  if (isSignedToken(mended)) return draftsOfText(text, true);
  const drafts = draftsOfPieces(bytes);
  if (mended.startsWith('eyJ') && drafts.every(isCut)) return [draftToken(mended, inOrder(repaired))];
  return drafts.length === 0 && isArgument && isWord(mended) ? [draftToken(mended, inOrder(repaired))] : drafts;
}

function draftsOfPieces(bytes: Uint8Array): Draft[] {
  const cutter = createCutter();
  cutter.push(bytes);
  cutter.finish();
  const piece = cutter.take(0);
  return piece === null ? [] : piece.cuts.flatMap((cut) => draftsOfUnit(piece.bytes, cut, piece.only));
}

/** Less than the three parts of a token. */
function isCut(draft: Draft): boolean {
  return draft.type === 'token' && draft.text.split('.', 3).length < 3;
}

function isWord(text: string): boolean {
  return text !== '' && !/\s/.test(text);
}

import type { Chapter, Entry } from './entry.js';

/** A name in a pasted text. */
export interface PastedName {
  /** Spellings to try, the longest first. */
  readonly names: readonly string[];
  /** Entries that it can mean in this text. */
  readonly among: (entry: Entry) => boolean;
}

/** Colours of a terminal, also without their escape character or as a log viewer writes it. */
const COLOURS = /(?:\u001b|\\x1b|\\u001b|\\033|\\e|\^\[|\u241b)?\[\d{1,3}(?:;\d{1,3})*m/gi;

/** A pasted text without the colours of a terminal. */
export function withoutColours(text: string): string {
  return text.replace(COLOURS, '');
}

/**
 * Names as they stand in error lines, HTTP bodies and logs, in groups: a later group counts only where no name of an earlier one is known.
 * Plain words are left to the search.
 */
export function namesIn(text: string): readonly (readonly PastedName[])[] {
  return [
    [...codesIn(text), ...idsIn(text), ...statusesIn(text), ...valuesIn(text)],
    apiStatusesIn(text),
    matches(text, NAMES).map((name) => ({ names: [name], among: any })),
  ];
}

/** Names of fields, and names of any kind in lower case. */
const NAMES = /\b[a-z][a-z0-9]*(?:[A-Z][A-Za-z0-9]*)+\b|\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g;

function codesIn(text: string): readonly PastedName[] {
  const words = matches(text, /\b(?:ERR|err)_\w+|\b[A-Z][A-Z0-9]*(?:[_.][A-Z0-9]+)+\b|(?<![\d.])\d{7}(?!\d|\.\d)/g);
  const cases = captures(text, /\bAPIError\.([a-z]\w+)/g);
  return [
    ...receiptStatusesIn(text),
    ...words.map((word): PastedName => ({ names: prefixesOf(word), among: (entry) => isOfApi(entry, text) })),
    ...cases.map((name): PastedName => ({ names: [name], among: only('errors') })),
  ];
}

/** Statuses of verifyReceipt: `status: 21004`, `verifyReceipt failed with 21003`. */
function receiptStatusesIn(text: string): readonly PastedName[] {
  const codes =
    /\b(?:status|verifyReceipt)["'\s:=(]{1,5}(?:[a-z]+[\s:=]{1,3}){0,3}(21[01]\d\d)(?!\d|\.\d|\s?(?:m?s|bytes)\b)/gi;
  return captures(text, codes).map((name) => ({ names: [name], among: only('errors') }));
}

/** `ENTITY_ERROR.ATTRIBUTE.INVALID` is an ENTITY_ERROR. A single word is no code: it would match a plain word of a log. */
function prefixesOf(word: string): readonly string[] {
  const parts = word.split('.');
  const all = parts.map((_part, index) => parts.slice(0, parts.length - index).join('.'));
  return all.filter((name, index) => index === 0 || name.includes('_'));
}

const SERVER_API = /\bAPIE(?:rror|xception)\b|\brawApiError\b|\bapi\.storekit\b|\berrorCode\b/;

const CONNECT_API = /appstoreconnect|App Store Connect|"code"\s*:/i;

/** Codes such as NOT_FOUND are used everywhere, and RATE_LIMIT_EXCEEDED by both APIs: the text must name the API. */
function isOfApi(entry: Entry, text: string): boolean {
  if (entry.chapter !== 'errors' || /^\d/.test(entry.term)) return true;
  return CONNECT_API.test(text) && !SERVER_API.test(text);
}

/** Ids of checks and paths of fields; not the host of a URL, a file or a function call. */
function idsIn(text: string): readonly PastedName[] {
  const ids = matches(text, /(?<![\w./@-])[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-zA-Z][A-Za-z0-9-]*)+(?![\w/(@-]|\.\w)/g);
  return ids.map((name) => ({ names: [name], among: any }));
}

/** Text of one of Apple's libraries about a verification. */
const VERIFICATION =
  /\bVerification(?:Exception|Error|Status)\b|\bverification failed\b|SignedDataVerifier|app-?store-?server-?library/i;

/** Statuses of Apple's libraries by number or by a name of one word: `status: 3`, `VerificationStatus.FAILURE`. */
function statusesIn(text: string): readonly PastedName[] {
  if (!VERIFICATION.test(text)) return [];
  const named = /\b(?:Verification(?:Status|Error|Exception)\b|status\b)["'\s:=.([]+([A-Z]+)\b(?!_)/g;
  const numbered = /\bstatus["']?\s*[:=]?\s*(\d{1,2})\b(?!\.?\d)/gi;
  const names = [
    ...captures(text, named),
    ...captures(text, numbered).map((number) => `status ${number}`),
    ...captures(text, /\bVerificationStatus\W{1,3}(\d)\b/g).map((number) => `status ${number}`),
  ];
  return names.map((name) => ({ names: [name], among: only('statuses') }));
}

/** Chapters of the fields whose values have a chapter of their own. */
const CHAPTER_OF_FIELD: Readonly<Record<string, Chapter>> = {
  notificationType: 'types',
  subtype: 'subtypes',
  sendAttemptResult: 'attempts',
  firstSendAttemptResult: 'attempts',
};

/** Fields with their values, as in JSON and in `name=value`. */
function valuesIn(text: string): readonly PastedName[] {
  const pairs = [...text.matchAll(/(?<![\w.])(["']?)([a-z]\w*)\1\s*[:=]\s*["']?([A-Za-z0-9_-]+)/g)];
  return pairs.flatMap(({ 2: field = '', 3: value = '', index }): readonly PastedName[] => {
    const chapter = CHAPTER_OF_FIELD[field];
    if (chapter !== undefined) return [{ names: [value], among: only(chapter) }];
    const isOther = field === 'status' && (VERIFICATION.test(text) || /(?:exit|http)\W*$/i.test(text.slice(0, index)));
    return isOther ? [] : [{ names: [`${field} ${value}`], among: any }];
  });
}

/** HTTP statuses of errors, where the text names the API that answered. 401 of the Server API is plain text with a request id. */
function apiStatusesIn(text: string): readonly PastedName[] {
  if (/\bUnauthenticated\b[\s\S]*\bRequest ID\b/i.test(text)) return [{ names: ['Unauthenticated'], among: any }];
  const host =
    /\bapi\.storekit[\w-]*(?:\.itunes)?\.apple\.com/.test(text) || /\bAPIException\b|\brawApiError\b/.test(text);
  const api = host
    ? 'App Store Server API'
    : /\bapi\.appstoreconnect\.apple\.com/.test(text)
      ? 'App Store Connect API'
      : null;
  if (api === null || /\b[45]\d{6}\b/.test(text)) return [];
  const statuses = matches(text, /(?<![\w.-])(?:40[0-9]|409|422|429|50[0-3])(?![\w.-])/g);
  return statuses.map((name) => ({ names: [name], among: (entry) => entry.chapter === 'errors' && entry.api === api }));
}

function any(): boolean {
  return true;
}

function only(chapter: Chapter): PastedName['among'] {
  return (entry) => entry.chapter === chapter;
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...new Set(text.match(pattern) ?? [])];
}

function captures(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

import {
  asksForCredentials,
  identifyIntermediary,
  isHtmlPage,
  POSSIBLE_GUARD,
  refusesEveryone,
  UNKNOWN_GUARD,
  WEBSITE,
} from '../intermediary/identify.js';
import type { Intermediary, ResponseEvidence } from '../intermediary/mark.js';

/** What answers besides the handler, from requests that hold no forgery. */
export interface Survey {
  /** Intermediary that answers everything alike; null if there is none. */
  readonly guard: Intermediary | null;
  /** Refusal of garbage input that an empty POST gets as well, and a GET does not: the handler's or a guard's. Null otherwise. */
  readonly suspect: SuspectRefusal | null;
  /** Refusal of garbage input of the size of a notification that small garbage does not get. Null without a limit. */
  readonly sizeLimit: SizeLimit | null;
}

interface SuspectRefusal {
  readonly status: number;
  /** Null where nothing in the response speaks of a guard. */
  readonly intermediary: Intermediary | null;
}

interface SizeLimit {
  readonly status: number;
  readonly smallStatus: number;
}

export const NOTHING_FOUND: Survey = { guard: null, suspect: null, sizeLimit: null };

/** Named where forgeries were refused for their size. */
export const SIZE_GUARD: Intermediary = {
  name: 'a limit on the size of the body',
  kind: 'gateway',
  isCertain: true,
  fix: 'Raise the limit of {path} to 1 MB (AWS WAF: SizeRestrictions_BODY; nginx: client_max_body_size; Express: express.json({ limit })).',
};

/** Null without a response. */
type SendProbe = (method: 'GET' | 'POST', body: string) => Promise<ResponseEvidence | null>;

/**
 * Sends garbage input, a GET, an empty POST and garbage of the size of a notification, and finds a guard by how they are answered: where
 * all get the same refusal, nothing of a notification is checked.
 */
export async function surveyEndpoint(send: SendProbe): Promise<Survey> {
  const notification = await send('POST', bodyOf(1));
  if (notification === null) return NOTHING_FOUND;
  const named = identifyIntermediary(notification);
  if (named?.isCertain) return { ...NOTHING_FOUND, guard: named };
  if (isSuccessful(notification) && isHtmlPage(notification.body)) return { ...NOTHING_FOUND, guard: WEBSITE };
  const get = await send('GET', '');
  const emptyPost = await send('POST', '');
  const alike = refusesEveryone({ notification, get, emptyPost }, named !== null);
  if (alike === 'all') return { ...NOTHING_FOUND, guard: named ?? UNKNOWN_GUARD };
  if ([notification, get, emptyPost].every((each) => each?.status === 500)) return { ...NOTHING_FOUND, guard: FAILING };
  return {
    guard: null,
    suspect: alike === null ? null : { status: notification.status, intermediary: named ?? guessGuard(notification) },
    sizeLimit: await findSizeLimit(notification, send),
  };
}

function guessGuard(response: ResponseEvidence): Intermediary | null {
  return asksForCredentials(response) ? POSSIBLE_GUARD : null;
}

const RATE_LIMITED = 429;

/** Two forms of large garbage must get the same: a handler may refuse a long token as forged, or a further field as unknown. */
async function findSizeLimit(small: ResponseEvidence, send: SendProbe): Promise<SizeLimit | null> {
  const long = await send('POST', bodyOf(LARGE_REPEATS));
  if (long === null || long.status < 400 || long.status === RATE_LIMITED || long.status === small.status) return null;
  const padded = await send('POST', PADDED_BODY);
  return padded?.status === long.status ? { status: long.status, smallStatus: small.status } : null;
}

function isSuccessful({ status }: ResponseEvidence): boolean {
  return status >= 200 && status < 300;
}

/** The same to a GET: no handler of notifications is the cause. */
const FAILING: Intermediary = {
  name: 'a server that fails on every request, a GET included',
  kind: 'gateway',
  isCertain: true,
  fix: 'Look into the log of the server.',
};

const WORD = 'garbage';

/** Bodies of one shape and any size; the token's length stays the same modulo 4, as a decoder of base64 may look at it. */
function bodyOf(repeats: number): string {
  return `{"signedPayload":"storewire.audit.${WORD.repeat(repeats)}"}`;
}

/** About 18.8 KB, the size of a real notification; one more than a multiple of 4. */
const LARGE_REPEATS = 2_685;

const PADDED_BODY = bodyOf(1).replace(/\}$/, `,"padding":"${WORD.repeat(LARGE_REPEATS)}"}`);

import { reachOf } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import { FIREWALLS } from './firewalls.js';
import { FRAMEWORK_FILTERS } from './frameworks.js';
import { GATEWAYS } from './gateways.js';
import { GENERAL_LOGINS, PLATFORM_LOGINS } from './logins.js';
import { BODY_CHARACTERS, type Intermediary, type IntermediaryKind, type Mark, type ResponseEvidence } from './mark.js';
import { MODELS } from './models.js';
import { TUNNELS } from './tunnels.js';

/** Named products first, general forms last; the first that fits decides. */
export const MARKS: readonly Mark[] = [
  ...TUNNELS,
  ...GATEWAYS,
  ...PLATFORM_LOGINS,
  ...FRAMEWORK_FILTERS,
  ...MODELS,
  ...FIREWALLS,
  ...GENERAL_LOGINS,
];

/** Identifies an intermediary that answered instead of the handler, from the response to an ordinary POST; null if none is recognised. Pure. */
export function identifyIntermediary(evidence: ResponseEvidence): Intermediary | null {
  const body = evidence.body.slice(0, BODY_CHARACTERS);
  const found = MARKS.find((mark) => fits(mark, { ...evidence, body }));
  if (found === undefined) return null;
  const { name, kind, isCertain, fix } = found;
  return { name, kind, isCertain, fix };
}

function fits({ statuses, headers = {}, body, address }: Mark, evidence: ResponseEvidence): boolean {
  return (
    (statuses?.includes(evidence.status) ?? true) &&
    Object.entries(headers).every(([name, pattern]) => pattern.test(headerOf(evidence, name))) &&
    (body?.test(evidence.body) ?? true) &&
    (address === undefined || isLedTo(address, evidence))
  );
}

/** Not matched against the endpoint's own URL, whose path may well be under /login. */
function isLedTo(pattern: RegExp, evidence: ResponseEvidence): boolean {
  const further = [...evidence.visited.slice(1), locationOf(evidence)];
  return further.some((each) => each !== null && pattern.test(each));
}

function locationOf(evidence: ResponseEvidence): string | null {
  const location = headerOf(evidence, 'location');
  const isRedirect = evidence.status >= 300 && evidence.status < 400;
  return isRedirect && isValidUrl(location, evidence.visited.at(-1))
    ? new URL(location, evidence.visited.at(-1)).href
    : null;
}

function headerOf({ headers }: ResponseEvidence, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
}

/** The next step, one sentence. The path of a local URL is named; a public one may be secret and is not. */
export function adviseOnIntermediary({ kind, fix }: Pick<Intermediary, 'kind' | 'fix'>, url: URL): string {
  const path = reachOf(url.hostname) === 'public' ? 'the path of the endpoint' : url.pathname;
  return (fix ?? GENERAL_FIXES[kind]).replaceAll('{path}', path);
}

const GENERAL_FIXES: Readonly<Record<IntermediaryKind, string>> = {
  bot: "Let {path} through without a challenge, for Apple's addresses 17.0.0.0/8 at least: Apple runs no script and solves nothing.",
  login:
    'Exempt {path} from the login: Apple has no credentials to send, and the signature in the payload is the proof.',
  csrf: 'Exempt {path} from the CSRF filter: Apple sends no token.',
  host: 'Allow the host name.',
  gateway: 'Check the route: host, path and method.',
  tunnel: 'Start the tunnel and the app behind it.',
  model: 'Accept a JSON object with the one field signedPayload.',
};

/** A guard of which only the behaviour is known. */
export const UNKNOWN_GUARD: Intermediary = {
  name: 'something in front of the handler that refuses every request alike (a login, a firewall, an authoriser)',
  kind: 'login',
  isCertain: true,
  fix: 'Find out what answers (proxy, gateway, middleware, framework) and exempt {path}: a GET and an empty POST get the same refusal, so the notification was not checked.',
};

/** A refusal that an empty POST gets as well, and a GET does not: the handler's, or that of a guard of this one route. */
export const POSSIBLE_GUARD: Intermediary = {
  name: 'something in front of it (a login, a firewall, an authoriser)',
  kind: 'login',
  isCertain: false,
  fix: 'Exempt {path} from the login, firewall or authoriser that answers.',
};

/** A website that answers a POST to any path with a page. */
export const WEBSITE: Intermediary = {
  name: 'a website that answers every request with an HTML page',
  kind: 'gateway',
  isCertain: true,
  fix: 'Check the path of the URL, and that POST is routed to the handler.',
};

/** Recognises an HTML page by its start. The content type does not count: frameworks put text/html on any text. */
export function isHtmlPage(body: string): boolean {
  return /^[\s\uFEFF]*(?:<!--[\s\S]{0,4000}?-->\s*)?<(?:!doctype html|html|head|body|meta|title)\b/i.test(body);
}

/** Statuses with which a guard refuses every request. */
const GUARD_STATUSES: ReadonlySet<number> = new Set([401, 403, 407, 419, 511]);

/**
 * True for a refusal whose text asks who the sender is, which a handler of notifications does not: "No token", "invalid API key". False for one
 * that speaks of the signature or says nothing, as `Unauthorized` does.
 */
export function asksForCredentials({ body }: Pick<ResponseEvidence, 'body'>): boolean {
  const text = body.slice(0, BODY_CHARACTERS);
  if (/signature|signedpayload|jws|certificate|verif|payload/i.test(text)) return false;
  return /token|api[ _-]?key|credential|log[ _-]?in|sign[ _-]?in|authenticat|session|csrf|bearer|permission|access denied/i.test(
    text,
  );
}

/** Responses of one URL to a notification, an empty POST and a GET; null where no complete response came. */
export interface ThreeResponses {
  readonly notification: ResponseEvidence;
  readonly emptyPost: ResponseEvidence | null;
  readonly get: ResponseEvidence | null;
}

/**
 * Tells whether every request is refused alike. `all`: a GET and an empty POST get the same status and body, so the notification was not
 * read. `post`: only the empty POST does, which may also be the handler's answer. Statuses other than those of guards count only where
 * the response is a possible mark (`isMarked`). Pure.
 */
export function refusesEveryone(
  { notification, emptyPost, get }: ThreeResponses,
  isMarked: boolean,
): 'all' | 'post' | null {
  if (!GUARD_STATUSES.has(notification.status) && !(isMarked && notification.status >= 400)) return null;
  if (emptyPost === null || !isSame(notification, emptyPost)) return null;
  return get !== null && isSame(notification, get) ? 'all' : 'post';
}

function isSame(one: ResponseEvidence, other: ResponseEvidence): boolean {
  return one.status === other.status && withoutIds(one.body) === withoutIds(other.body);
}

/** Request ids, times and nonces differ between two copies of one page. */
function withoutIds(body: string): string {
  return body.slice(0, BODY_CHARACTERS).replace(/[0-9a-f]{8,}|[\d:.,TZ-]{4,}/gi, '#');
}

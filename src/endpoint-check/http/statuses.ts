import { isValidUrl } from '../../address/valid-url.js';
import { isHtmlPage } from '../../intermediary/identify.js';
import { describeJson, isJsonObject, tryParseJson } from '../../jws/json.js';
import type { DeliveryResult } from '../../sender/deliver.js';
import { quoted, type StepOutcome } from '../step.js';

/** Statuses of an endpoint that rejects an unsigned request. */
export const REFUSALS: readonly number[] = [400, 401, 403, 422];

export const EXPECTED_STATUS = '400, 401, 403 or 422 for an unsigned request, 200 for Apple';

interface StatusAdvice {
  readonly seen: string;
  readonly hint: string;
}

const ADVICE: Readonly<Record<number, StatusAdvice>> = {
  404: { seen: 'not found', hint: 'Check the path in the URL, and that POST is routed to the handler.' },
  405: { seen: 'POST is not allowed at this path', hint: 'Route POST to the handler: Apple sends only POST.' },
  406: {
    seen: 'it rejects the Accept header',
    hint: 'Respond regardless of the Accept header: Apple ignores the body of the response.',
  },
  408: {
    seen: 'it timed out waiting for the body',
    hint: 'Check the body timeouts of the server and its proxy.',
  },
  409: {
    seen: 'it reports a conflict',
    hint: 'Answer 400 if verification fails, and 200 to a duplicate.',
  },
  410: { seen: 'this path was removed', hint: 'Set the new URL in App Store Connect.' },
  415: {
    seen: 'it rejects application/json',
    hint: 'Accept Content-Type: application/json, which Apple sends.',
  },
  429: { seen: 'rate limited', hint: 'Exempt the path from rate limiting: Apple sends bursts.' },
  500: {
    seen: 'the handler failed',
    hint: 'Check its log: a payload that fails verification should get 400, not an error.',
  },
  501: { seen: 'POST is not implemented', hint: 'Route POST to the handler: Apple sends only POST.' },
  502: {
    seen: 'the proxy got no response from the app',
    hint: 'Check that the app runs, and the upstream address in the proxy.',
  },
  503: { seen: 'service unavailable', hint: 'Check that the app runs and is not in maintenance mode.' },
  504: {
    seen: 'the app behind the proxy timed out',
    hint: 'Store the notification, answer 200, then process it.',
  },
};

/** Advice for any status but success, rejection, redirect, 413, 426 and 505, which have rules of their own. */
export function adviseOnStatus(status: number): StatusAdvice {
  return (
    ADVICE[status] ??
    (status >= 500
      ? { seen: 'the server failed', hint: 'Check its log: a payload that fails verification should get 400.' }
      : {
          seen: 'Apple counts this as a failure',
          hint: 'Answer 200 once the notification is stored, and 400 if verification fails.',
        })
  );
}

/** Outcome of a status from 200 to 206 for an unsigned request. */
export function judgeAccepted(status: number, body: string, url: URL): StepOutcome {
  if (PHP_ERROR.test(body)) {
    return {
      status: 'fail',
      seen: `answered ${status} with a PHP error: Apple would count it as delivered, but the handler failed`,
      expected: EXPECTED_STATUS,
      hint: 'Mend the error, and answer 500 when the handler fails (display_errors = Off).',
    };
  }
  if (isHtmlPage(body)) {
    return {
      status: 'fail',
      seen: `answered ${status} with an HTML page: Apple would count it as delivered, but no handler received it`,
      expected: EXPECTED_STATUS,
      hint: 'Check the path: a website that responds on every path, or something in front of the handler, responded here.',
    };
  }
  if (hasJsonError(body)) {
    return {
      status: 'warn',
      seen: `answered ${status} with an error in the body: Apple reads only the status, so it counts this as delivered and never sends it again`,
      expected: EXPECTED_STATUS,
      hint: 'Answer a refusal or a failure with its status (400, 500), not with 200.',
    };
  }
  return {
    status: 'warn',
    seen: `answered ${status} to an unsigned request: it does not verify, or answers before it verifies`,
    expected: EXPECTED_STATUS,
    hint: `To find out which: storewire audit ${quoted(url.href)}`,
  };
}

const PHP_ERROR = /<b>(?:Fatal error|Parse error)<\/b>:|^\s*PHP (?:Fatal|Parse) error:/m;

/** A JSON object that reports an error, as GraphQL servers and badly mapped Lambda responses have it. */
function hasJsonError(body: string): boolean {
  const value = tryParseJson(body);
  if (!isJsonObject(value)) return false;
  const { error, errors, success, ok, statusCode } = value;
  const isNamed = [error, errors].some(
    (each) => typeof each === 'string' || (typeof each === 'object' && each !== null),
  );
  return isNamed || error === true || success === false || ok === false || Number(describeJson(statusCode)) >= 400;
}

/** Outcome of a rejection. */
export function judgeRefusal(status: number, isPage: boolean): StepOutcome {
  const seen = `answered ${status}: refuses what it cannot verify; only TEST shows Apple's own notifications are accepted`;
  if (!isPage) return { status: 'pass', seen };
  if (status === 400 || status === 422) {
    return {
      status: 'warn',
      seen: `answered ${status} with an HTML page, so it may not have been the handler`,
      expected: EXPECTED_STATUS,
      hint: 'Answer without an HTML page, so that a rejection is clearly from your handler and not from a proxy.',
    };
  }
  return {
    status: 'fail',
    seen: `answered ${status} with an HTML page: something in front of the handler blocks unknown clients`,
    expected: EXPECTED_STATUS,
    sendAttemptResult: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    hint: 'Find out what responds (proxy, firewall, CDN, framework) and let POST to this path through.',
  };
}

type Answered = Pick<DeliveryResult, 'result' | 'httpStatus' | 'headers' | 'visited' | 'detail'>;

/** True if the response was a redirect, followed or not. */
export function isRedirected({ httpStatus, headers, visited }: Answered): boolean {
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  return visited.length > 1 || (isRedirect && typeof headers.location === 'string');
}

/**
 * Outcome of a redirect, always a failure: Apple does not document that it follows any. The result that Apple would report is known only
 * if following the redirect fails as well.
 */
export function judgeRedirect(answered: Answered, url: URL): StepOutcome {
  const { result, httpStatus, visited } = answered;
  const endsWell = result === 'SUCCESS' || (httpStatus !== null && REFUSALS.includes(httpStatus));
  const target = targetOf(answered);
  const base = { status: 'fail', expected: 'a direct response, no redirect' } as const;
  if (result === 'CIRCULAR_REDIRECT') {
    const seen = `redirect loop: ${[...visited, target].map(quoted).join(' → ')}`;
    return {
      ...base,
      seen,
      sendAttemptResult: result,
      hint: `Exclude the path from the rule that ${nameRule(url, visited[1] ?? target)}.`,
    };
  }
  const kind = describeKind(url, target);
  const seen = `redirects to ${quoted(target)} (${kind})${endsWell ? `, which answers ${httpStatus}` : `: ${quoted(answered.detail)}`}`;
  const hint = endsWell
    ? `Set ${quoted(target)} in App Store Connect instead. Apple does not document that it follows redirects.`
    : httpRedirectHint(url, target);
  return { ...base, seen, sendAttemptResult: endsWell ? null : result, hint };
}

/** Web frameworks answer a POST with a redirect on their own host after a failed validation, or without a session. */
function httpRedirectHint(from: URL, target: string): string {
  const isOwn = isValidUrl(target) && new URL(target).host === from.host;
  return isOwn
    ? 'Answer at this URL directly. Frameworks redirect like this after a failed form validation or without a session: serve it as an API route.'
    : 'Answer at this URL directly, or set the URL that answers.';
}

/** Target of the last redirect: its Location, or the last URL requested. */
function targetOf({ httpStatus, headers, visited }: Answered): string {
  const last = visited.at(-1)!;
  const { location } = headers;
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  if (!isRedirect || typeof location !== 'string') return last;
  return isValidUrl(location, last) ? new URL(location, last).href : location;
}

function describeKind(from: URL, target: string): string {
  if (!isValidUrl(target)) return 'not a valid URL';
  const to = new URL(target);
  if (from.protocol === 'http:' && to.protocol === 'https:') return 'http to https';
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'https to http';
  if (from.hostname !== to.hostname) return 'different host';
  if (isSlash(from, to)) return to.pathname.endsWith('/') ? 'added trailing slash' : 'removed trailing slash';
  return 'different path';
}

function isSlash(from: URL, to: URL): boolean {
  const bare = (url: URL): string => url.pathname.replace(/\/$/, '');
  return from.pathname !== to.pathname && bare(from) === bare(to);
}

function nameRule(from: URL, target: string): string {
  if (!isValidUrl(target)) return 'redirects it';
  const to = new URL(target);
  if (from.protocol !== to.protocol) return 'redirects http to https';
  if (from.hostname !== to.hostname) return 'changes the host';
  return isSlash(from, to) ? 'adds or removes the trailing slash' : 'redirects it';
}

import type { DeliveryResult } from '../../sender/deliver.js';
import { type Looked, quoted } from '../step.js';

/** An endpoint that verifies answers this to what nobody signed. */
export const REFUSALS: readonly number[] = [400, 401, 403, 422];

export const EXPECTED_STATUS = '400, 401, 403 or 422 to what nobody signed, and 200 to Apple';

interface StatusAdvice {
  readonly seen: string;
  readonly hint: string;
}

const ADVICE: Readonly<Record<number, StatusAdvice>> = {
  404: { seen: 'nothing is at this path', hint: 'Check the path in the URL, and that POST is routed to the handler.' },
  405: { seen: 'POST is not allowed at this path', hint: 'Route POST to the handler: Apple sends nothing else.' },
  406: { seen: 'it cannot answer what is accepted', hint: 'Answer whatever Accept says: Apple ignores the body.' },
  408: {
    seen: 'it gave up waiting for the body',
    hint: 'Look at the time limits for bodies of the server and its proxy.',
  },
  409: {
    seen: 'it says that something conflicts',
    hint: 'Answer 400 to what cannot be verified, and 200 to a repeat.',
  },
  410: { seen: 'what was at this path is gone', hint: 'Give App Store Connect the URL that took its place.' },
  415: {
    seen: 'it does not take application/json',
    hint: 'Accept Content-Type: application/json, which is what Apple sends.',
  },
  429: { seen: 'it limits how often one may ask', hint: 'Take the path out of the limit: Apple sends bursts.' },
  500: {
    seen: 'the handler failed',
    hint: 'Look into its log: what cannot be verified should be answered 400, not end in an error.',
  },
  501: { seen: 'POST is not implemented', hint: 'Route POST to the handler: Apple sends nothing else.' },
  502: {
    seen: 'the proxy got no answer from the app behind it',
    hint: 'Check that the app runs, and the address the proxy has for it.',
  },
  503: { seen: 'it says that it is not available', hint: 'Check that the app runs and is not in maintenance.' },
  504: {
    seen: 'the app behind the proxy took too long',
    hint: 'Store the notification, answer 200, and do the work afterwards.',
  },
};

/** A complete answer with a status outside those that are judged elsewhere; redirects, 413, 426 and 505 are. Null for a refusal. */
export function adviseOn(status: number): StatusAdvice {
  return (
    ADVICE[status] ??
    (status >= 500
      ? { seen: 'the server failed', hint: 'Look into its log: what cannot be verified should be answered 400.' }
      : {
          seen: 'Apple takes this for a failure',
          hint: 'Answer 200 once the notification is stored, and 400 to what cannot be verified.',
        })
  );
}

/** The beginning of a page for people. The type is not asked: frameworks write text/html over anything. */
export function isHtml(body: string): boolean {
  return /^\s*(?:<!--[\s\S]*?-->\s*)?<(?:!doctype html|html)\b/i.test(body);
}

/** What a status from 200 to 206 means for a notification that nobody signed. */
export function judgeBelieved(status: number, isPage: boolean, url: URL): Looked {
  if (isPage) {
    return {
      status: 'fail',
      seen: `answered ${status} with an HTML page: Apple would take it for delivered, and no handler saw it`,
      expected: EXPECTED_STATUS,
      hint: 'Check the path: a website that answers every path, or something in front of the handler, answered here.',
    };
  }
  return {
    status: 'warn',
    seen: `answered ${status} to a notification that nobody signed: it believes it, or answers before it checks`,
    expected: EXPECTED_STATUS,
    hint: `storewire audit ${quoted(url.href)} tells which.`,
  };
}

/** What a refusal means. */
export function judgeRefusal(status: number, isPage: boolean): Looked {
  const seen = `answered ${status}: refuses what it cannot verify; only TEST shows Apple's own`;
  if (!isPage) return { status: 'pass', seen };
  if (status === 400 || status === 422) {
    return {
      status: 'warn',
      seen: `answered ${status} with an HTML page, so that it may not be the handler that refused`,
      expected: EXPECTED_STATUS,
      hint: "Answer without a page: it then shows that your handler refused, and not a proxy. TEST shows Apple's own.",
    };
  }
  return {
    status: 'fail',
    seen: `answered ${status} with an HTML page: something in front of the handler refuses strangers`,
    expected: EXPECTED_STATUS,
    sendAttemptResult: 'UNSUCCESSFUL_HTTP_RESPONSE_CODE',
    hint: 'Find what answers (proxy, firewall, CDN, framework) and let POST to this path through.',
  };
}

type Answered = Pick<DeliveryResult, 'result' | 'httpStatus' | 'headers' | 'visited' | 'detail'>;

/** Whether the endpoint sent the notification elsewhere, be it followed or not. */
export function isRedirected({ httpStatus, headers, visited }: Answered): boolean {
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  return visited.length > 1 || (isRedirect && typeof headers.location === 'string');
}

/**
 * A redirect is always a failure: that Apple follows one is not documented, and some are lost. What Apple would report is known only
 * where following it ends badly too.
 */
export function judgeRedirect(answered: Answered, url: URL): Looked {
  const { result, httpStatus, visited } = answered;
  const endsWell = result === 'SUCCESS' || (httpStatus !== null && REFUSALS.includes(httpStatus));
  const target = targetOf(answered);
  const base = { status: 'fail', expected: 'an answer, not a redirect' } as const;
  if (result === 'CIRCULAR_REDIRECT') {
    const seen = `redirects without end: ${[...visited, target].map(quoted).join(' → ')}`;
    return {
      ...base,
      seen,
      sendAttemptResult: result,
      hint: `Take the path out of the rule that ${nameRule(url, visited[1] ?? target)}.`,
    };
  }
  const kind = describeKind(url, target);
  const seen = `redirects to ${quoted(target)} (${kind})${endsWell ? `, where ${httpStatus} is the answer` : `: ${quoted(answered.detail)}`}`;
  const hint = endsWell
    ? `Enter ${quoted(target)} in App Store Connect instead: that Apple follows redirects is not documented.`
    : 'Answer at the URL itself, or enter the one that answers.';
  return { ...base, seen, sendAttemptResult: endsWell ? null : result, hint };
}

/** Where the last redirect led: to what was asked last, or on from there. */
function targetOf({ httpStatus, headers, visited }: Answered): string {
  const last = visited.at(-1)!;
  const { location } = headers;
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  if (!isRedirect || typeof location !== 'string') return last;
  return URL.canParse(location, last) ? new URL(location, last).href : location;
}

function describeKind(from: URL, target: string): string {
  if (!URL.canParse(target)) return 'which is no address';
  const to = new URL(target);
  if (from.protocol === 'http:' && to.protocol === 'https:') return 'from http to https';
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'from https to http';
  if (from.hostname !== to.hostname) return 'another host';
  if (isSlash(from, to)) return to.pathname.endsWith('/') ? 'a slash at the end more' : 'a slash at the end less';
  return 'another path';
}

function isSlash(from: URL, to: URL): boolean {
  const bare = (url: URL): string => url.pathname.replace(/\/$/, '');
  return from.pathname !== to.pathname && bare(from) === bare(to);
}

function nameRule(from: URL, target: string): string {
  if (!URL.canParse(target)) return 'redirects it';
  const to = new URL(target);
  if (from.protocol !== to.protocol) return 'turns http into https';
  if (from.hostname !== to.hostname) return 'changes the host';
  return isSlash(from, to) ? 'adds or removes the slash at the end' : 'redirects it';
}

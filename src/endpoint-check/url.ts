import { type Reach, reachOf } from '../address/reach.js';
import {
  checkNotificationUrl,
  type NotificationUrlFinding,
  type NotificationUrlRule,
} from '../connect-api/url-rules.js';
import { makeStep, type Step, type StepOutcome, skipped } from './step.js';

/** Notification URLs of an app in App Store Connect; null if not set for that environment. */
export interface AppUrls {
  readonly sandbox: string | null;
  readonly production: string | null;
}

/** Steps of `url` that have a rule, by their name without the group. */
export const URL_RULES = {
  https: { title: 'scheme', expected: 'https' },
  port: { title: 'port', expected: '443, or 1024 and above' },
  host: { title: 'host', expected: 'a public host name' },
  credentials: { title: 'credentials', expected: 'none in the URL' },
  fragment: { title: 'fragment', expected: 'none' },
  query: { title: 'query', expected: 'none in the URL' },
} as const satisfies Readonly<Partial<Record<NotificationUrlRule, { title: string; expected: string }>>>;

type Rule = keyof typeof URL_RULES;

const RULE_NAMES = Object.keys(URL_RULES) as readonly Rule[];

/** Rules of App Store Connect, skipped for local URLs: only the emulator can deliver there, and it has no such rules. */
const APPLE_RULES: ReadonlySet<Rule> = new Set(['https', 'port', 'host', 'query']);

/**
 * Checks the text of a URL, without network access. Apple's rules are skipped for loopback and private hosts. `others` are the app's URLs
 * in App Store Connect, null if not queried. Steps: `url.url` alone for text that is not a URL, otherwise `url.https`, `.port`, `.host`,
 * `.credentials`, `.fragment`, `.query`, `.environments`. `sendAttemptResult` is always null: Apple sends nothing to a URL that App Store
 * Connect rejects.
 */
export function checkUrl(text: string, others: AppUrls | null, isEmulated = false): readonly Step[] {
  const findings = checkNotificationUrl(text);
  const unreadable = findings.find(({ rule }) => rule === 'url');
  if (unreadable !== undefined) return [makeStep('url.url', 'address', failed(unreadable, 'a full URL'))];
  const url = new URL(text);
  return [
    ...RULE_NAMES.map((rule) => checkRule(rule, url, findings, isEmulated)),
    makeStep('url.environments', 'one URL per environment', checkEnvironments(others)),
  ];
}

function checkRule(rule: Rule, url: URL, findings: readonly NotificationUrlFinding[], isEmulated: boolean): Step {
  const { title, expected } = URL_RULES[rule];
  const reach = reachOf(url.hostname);
  const found = findings.find((finding) => finding.rule === rule);
  const show = (outcome: StepOutcome): Step => makeStep(`url.${rule}`, title, outcome);
  if (rule === 'host' && reach !== 'public' && !isEmulated) return show(unreachable(url, reach));
  if (found === undefined) return show({ status: 'pass', seen: SEEN[rule](url) });
  return show(reach !== 'public' && APPLE_RULES.has(rule) ? skipped(LOCAL_URL[reach]) : failed(found, expected));
}

/** Not a failure: such a URL is right while developing. It is never a pass, since no notification of Apple can arrive there. */
function unreachable({ hostname }: URL, reach: Exclude<Reach, 'public'>): StepOutcome {
  const place = reach === 'loopback' ? 'this machine' : 'a private network';
  return {
    status: 'warn',
    seen: `${hostname} is on ${place}: Apple cannot reach it`,
    expected: URL_RULES.host.expected,
    hint: 'For Apple, set a public URL. To try it here, use a tunnel (storewire listen --tunnel cloudflared) or the emulator.',
  };
}

const LOCAL_URL: Readonly<Record<Exclude<Reach, 'public'>, string>> = {
  loopback: 'local URL: Apple cannot deliver here',
  private: 'private network: Apple cannot deliver here',
};

const SEEN: Readonly<Record<Rule, (url: URL) => string>> = {
  https: ({ protocol }) => protocol.replace(/:$/, ''),
  port: ({ port, protocol }) => port || `${protocol === 'http:' ? 80 : 443} (default)`,
  host: ({ hostname }) => hostname,
  credentials: () => 'none',
  fragment: () => 'none',
  query: () => 'none',
};

/** Splits the message of a rule at its colon: the defect, then the fix. */
function failed({ level, message }: NotificationUrlFinding, expected: string): StepOutcome {
  const colon = message.indexOf(': ');
  const [seen, hint] = colon < 0 ? [message, message] : [message.slice(0, colon), message.slice(colon + 2)];
  return { status: level, seen, expected, hint: `${hint.charAt(0).toUpperCase()}${hint.slice(1)}` };
}

function checkEnvironments(others: AppUrls | null): StepOutcome {
  const expected = 'a URL for each environment (may be the same)';
  if (others === null) return skipped('App Store Connect was not queried');
  const { sandbox, production } = others;
  if (sandbox === null && production === null) return skipped('no URL is set in App Store Connect');
  if (production === null) {
    return {
      status: 'warn',
      seen: 'only a sandbox URL is set in App Store Connect: production notifications are not sent',
      expected,
      hint: 'Set the production URL: storewire endpoint set --production URL',
    };
  }
  const seen =
    sandbox === null
      ? 'production URL only, used for the sandbox as well'
      : sandbox === production
        ? 'same URL for both'
        : 'separate URLs';
  return { status: 'pass', seen };
}

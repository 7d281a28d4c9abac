import { type Reach, reachOf } from '../address/reach.js';
import {
  checkNotificationUrl,
  type NotificationUrlFinding,
  type NotificationUrlRule,
} from '../connect-api/url-rules.js';
import { type Looked, makeStep, type Step, skipped } from './step.js';

/** The URLs App Store Connect has for an app; null where it has none for that environment. */
export interface AppUrls {
  readonly sandbox: string | null;
  readonly production: string | null;
}

const RULES = {
  https: { title: 'scheme', expected: 'https' },
  port: { title: 'port', expected: '443, or any from 1024 up' },
  host: { title: 'host', expected: 'a public name' },
  credentials: { title: 'credentials', expected: 'none in the URL' },
  fragment: { title: 'fragment', expected: 'nothing after #' },
  query: { title: 'query', expected: 'none in the URL' },
} as const satisfies Readonly<Partial<Record<NotificationUrlRule, { title: string; expected: string }>>>;

type Rule = keyof typeof RULES;

const RULE_NAMES = Object.keys(RULES) as readonly Rule[];

/** What App Store Connect asks of a URL; the emulator, which is all that reaches this machine or network, does not. */
const ASKED_BY_APPLE: ReadonlySet<Rule> = new Set(['https', 'port', 'host', 'query']);

/**
 * What the text of the URL alone tells; nothing is asked. For a URL of this machine or a private network what only Apple asks is skipped
 * with a word. `others` are the app's URLs in App Store Connect, null where it was not asked. Steps: `url.url` alone where it is no URL,
 * otherwise `url.https`, `.port`, `.host`, `.credentials`, `.fragment`, `.query`, `.environments`. `sendAttemptResult` is null
 * throughout: Apple sends nothing to a URL that App Store Connect does not take.
 */
export function checkUrl(text: string, others: AppUrls | null): readonly Step[] {
  const findings = checkNotificationUrl(text);
  const unreadable = findings.find(({ rule }) => rule === 'url');
  if (unreadable !== undefined) return [makeStep('url.url', 'address', failed(unreadable, 'a whole URL'))];
  const url = new URL(text);
  return [
    ...RULE_NAMES.map((rule) => checkRule(rule, url, findings)),
    makeStep('url.environments', 'one URL per environment', checkEnvironments(others)),
  ];
}

function checkRule(rule: Rule, url: URL, findings: readonly NotificationUrlFinding[]): Step {
  const { title, expected } = RULES[rule];
  const reach = reachOf(url.hostname);
  const found = findings.find((finding) => finding.rule === rule);
  const show = (looked: Looked): Step => makeStep(`url.${rule}`, title, looked);
  if (found === undefined) return show({ status: 'pass', seen: SEEN[rule](url) });
  return show(
    reach !== 'public' && ASKED_BY_APPLE.has(rule)
      ? skipped(`${NEARBY[reach]}: not asked of it`)
      : failed(found, expected),
  );
}

const NEARBY: Readonly<Record<Exclude<Reach, 'public'>, string>> = {
  loopback: 'the URL leads to this machine, where only the emulator delivers',
  private: 'the URL leads into a private network, where Apple does not deliver',
};

const SEEN: Readonly<Record<Rule, (url: URL) => string>> = {
  https: ({ protocol }) => protocol.replace(/:$/, ''),
  port: ({ port }) => (port === '' ? 'none written, so the usual one' : port),
  host: ({ hostname }) => hostname,
  credentials: () => 'none',
  fragment: () => 'none',
  query: () => 'none',
};

/** The message of a rule says what is wrong, then after a colon what to do. */
function failed({ level, message }: NotificationUrlFinding, expected: string): Looked {
  const colon = message.indexOf(': ');
  const [seen, hint] = colon < 0 ? [message, message] : [message.slice(0, colon), message.slice(colon + 2)];
  return { status: level, seen, expected, hint };
}

function checkEnvironments(others: AppUrls | null): Looked {
  const expected = 'a URL for each environment, the same or two';
  if (others === null) return skipped('App Store Connect was not asked what it has');
  const { sandbox, production } = others;
  if (sandbox === null && production === null) return skipped('App Store Connect has no URL yet');
  if (production === null) {
    return {
      status: 'warn',
      seen: 'App Store Connect has a URL for the sandbox only: production sends nothing',
      expected,
      hint: 'Set the production URL too: storewire endpoint set --production URL.',
    };
  }
  const seen =
    sandbox === null
      ? 'one for production, which takes the sandbox too'
      : sandbox === production
        ? 'the same URL for both'
        : 'one URL for each';
  return { status: 'pass', seen };
}

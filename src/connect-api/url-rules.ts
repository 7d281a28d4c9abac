import { type Reach, reachOf } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';

export type NotificationUrlRule = 'url' | 'https' | 'port' | 'host' | 'credentials' | 'fragment' | 'query';

/** One rule that a URL breaks. `fail`: Apple rejects it or cannot reach it; `warn`: it may work. */
export interface NotificationUrlFinding {
  readonly rule: NotificationUrlRule;
  readonly level: 'fail' | 'warn';
  /** Defect and fix, separated by a colon; quotes at most host, port and scheme of the URL. */
  readonly message: string;
}

/**
 * Checks the text of a notification URL against the rules of App Store Connect and for hosts that Apple cannot reach; nothing is looked
 * up. Empty if no rule is broken. Source: App Store Connect Help, "Enter server URLs for App Store Server
 * Notifications": https, and if a port is written it is 443 or 1024 and above.
 */
export function checkNotificationUrl(text: string): readonly NotificationUrlFinding[] {
  if (!isValidUrl(text))
    return [fail('url', 'not a valid URL: give a full URL, for example https://example.com/apple')];
  const url = new URL(text);
  const { protocol, hostname, port, username, password, hash, search } = url;
  const written = Number(port || 443);
  return [
    ...(protocol === 'https:' ? [] : [fail('https', httpsMessage(protocol))]),
    ...(written === 443 || written >= 1024 ? [] : [fail('port', portMessage(port))]),
    ...checkHost(hostname),
    ...(username === '' && password === '' ? [] : [fail('credentials', CREDENTIALS)]),
    ...(hash === '' ? [] : [fail('fragment', FRAGMENT)]),
    ...(search === '' ? [] : [{ rule: 'query', level: 'warn', message: QUERY } as const]),
  ];
}

const CREDENTIALS =
  'the URL contains a user name or password: remove it, the payload signature authenticates the sender';

const FRAGMENT = 'the URL has a fragment (#…), which is never sent to a server: remove it';

/** One vendor's report (BuddyBoss) of the web form [U]. */
const QUERY = 'App Store Connect may reject a URL with a query: put the value into the path';

function httpsMessage(protocol: string): string {
  const found = protocol.replace(/:$/, '');
  return `Apple sends to https only, not ${found}: put a tunnel or reverse proxy with TLS in front and use its URL`;
}

function portMessage(port: string): string {
  return `Apple accepts port 443 or 1024 and above, not ${port}: omit the port or use a higher one`;
}

const REACH: Readonly<Record<Reach, string | null>> = {
  loopback: 'is this machine, which Apple cannot reach: use a tunnel or a public host',
  private: 'is in a private network, which Apple cannot reach: use a tunnel or a public host',
  public: null,
};

const ADDRESS = /^(?:\d+(?:\.\d+){3}|\[.*\])$/;

function checkHost(hostname: string): readonly NotificationUrlFinding[] {
  const message = REACH[reachOf(hostname)];
  if (message !== null) return [fail('host', `${hostname} ${message}`)];
  if (!ADDRESS.test(hostname)) return [];
  const advice = `${hostname} is an IP address, for which few CAs issue certificates: use a host name`;
  return [{ rule: 'host', level: 'warn', message: advice }];
}

function fail(rule: NotificationUrlRule, message: string): NotificationUrlFinding {
  return { rule, level: 'fail', message };
}

import { type Reach, reachOf } from '../address/reach.js';

export type NotificationUrlRule = 'url' | 'https' | 'port' | 'host' | 'credentials' | 'fragment' | 'query';

/** One rule that a URL breaks. `fail`: Apple refuses it or cannot reach it; `warn`: it may work. */
export interface NotificationUrlFinding {
  readonly rule: NotificationUrlRule;
  readonly level: 'fail' | 'warn';
  /** What is wrong and what to do; quotes nothing of the URL but host and port. */
  readonly message: string;
}

/**
 * Whether App Store Connect would take this URL for notifications, and Apple's servers could reach it, told from the text alone:
 * nothing is looked up. Empty where no rule is broken. Source: App Store Connect Help, "Enter server URLs for App Store Server
 * Notifications": https, and if a port is written it is 443 or 1024 and above.
 */
export function checkNotificationUrl(text: string): readonly NotificationUrlFinding[] {
  if (!URL.canParse(text)) return [fail('url', 'this is no URL: write it whole, such as https://example.com/apple')];
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
  'a URL with a name or password in it is not sent as one: leave them out, the signature is the proof';

const FRAGMENT = 'what follows # never reaches a server: leave it out';

/** One vendor's report (BuddyBoss) of the web form [U]. */
const QUERY = 'App Store Connect may refuse a URL with a query: put what it says into the path';

function httpsMessage(protocol: string): string {
  const found = protocol.replace(/:$/, '');
  return `Apple sends to https only, this is ${found}: put something with a certificate in front (a tunnel, a proxy) and give its URL`;
}

function portMessage(port: string): string {
  return `Apple takes port 443 or any from 1024 up, this is ${port}: leave the port out or use a higher one`;
}

const REACH: Readonly<Record<Reach, string | null>> = {
  loopback: 'leads to this machine only, which Apple cannot reach: it takes a tunnel, or a public address',
  private:
    'is a name or address of a private network, which Apple cannot reach: it takes a tunnel, or a public address',
  public: null,
};

const ADDRESS = /^(?:\d+(?:\.\d+){3}|\[.*\])$/;

function checkHost(hostname: string): readonly NotificationUrlFinding[] {
  const message = REACH[reachOf(hostname)];
  if (message !== null) return [fail('host', `${hostname} ${message}`)];
  if (!ADDRESS.test(hostname)) return [];
  const doubt = `${hostname} is an address, for which hardly any certificate is made: use a name`;
  return [{ rule: 'host', level: 'warn', message: doubt }];
}

function fail(rule: NotificationUrlRule, message: string): NotificationUrlFinding {
  return { rule, level: 'fail', message };
}

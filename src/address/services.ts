export type ServiceName = 'RevenueCat' | 'Qonversion';

/** A service that takes Apple's notifications at an address which is itself the key. */
interface Service {
  readonly name: ServiceName;
  /** It and all names under it. */
  readonly domain: string;
  readonly host: string;
  /** The path of an address as the service gives it out. */
  readonly path: RegExp;
  /** The address as its documentation shows it. */
  readonly example: string;
  /** Where its users find the address. */
  readonly found: string;
}

/**
 * RevenueCat: host and path as published by many of its users, the key being 32 letters in all of them [U: no page of its documentation
 * spells it out]. Qonversion: https://documentation.qonversion.io/docs/ios-s2s-notifications.
 */
const SERVICES: readonly Service[] = [
  {
    name: 'RevenueCat',
    domain: 'revenuecat.com',
    host: 'api.revenuecat.com',
    path: /^\/v1\/incoming-webhooks\/apple-server-to-server-notification\/[A-Za-z0-9_-]{8,}\/?$/,
    example: 'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/KEY',
    found: 'the app in the RevenueCat dashboard, "Apple Server Notification URL"',
  },
  {
    name: 'Qonversion',
    domain: 'qonversion.io',
    host: 'api.qonversion.io',
    path: /^\/v1\/apple-s2s\/[A-Za-z0-9_-]{8,}\/?$/,
    example: 'https://api.qonversion.io/v1/apple-s2s/KEY',
    found: 'Project Settings → Stores → Apple App Store in Qonversion',
  },
];

/** Whose address it is; null for nobody's that we know. */
export function serviceOf({ hostname }: URL): ServiceName | null {
  const host = hostname.replace(/\.$/, '');
  return SERVICES.find(({ domain }) => host === domain || host.endsWith(`.${domain}`))?.name ?? null;
}

/** What looks wrong about the address of a service, in words that hold nothing of it; null where it looks right. */
export function checkServiceAddress(name: ServiceName, { hostname, pathname }: URL): string | null {
  const { host, path, example, found } = serviceNamed(name);
  if (hostname === host && path.test(pathname)) return null;
  return `the address does not look like one that ${name} gives out (${example}); compare it with ${found}`;
}

/**
 * What a refusal of a service most likely means; null where there is nothing to add. What either answers to what is not documented [U]:
 * these are the meanings that HTTP gives, applied to an address which holds the key. Both answer 200 to notifications they do not
 * use, RevenueCat says so of purchases that it does not know.
 */
export function explainService(name: ServiceName, status: number): string | null {
  const { found } = serviceNamed(name);
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return `the key at the end of the address is wrong or no longer valid: copy it again from ${found}`;
  if (status === 405 || (status >= 300 && status < 400)) return `the address is not the whole one: see ${found}`;
  if (status === 400 || status === 422)
    return `${name} cannot use this notification: is the address that of this app, and does ${name} know the app?`;
  return status === 429 ? `${name} asks to be sent less` : null;
}

function serviceNamed(name: ServiceName): Service {
  return SERVICES.find((service) => service.name === name)!;
}

/** These believe Apple alone, and hold purchases of real customers: nothing made up is sent there. Their names and all below. */
const REFUSED_DOMAINS = [
  { domain: 'apple.com', owner: 'Apple' },
  { domain: 'revenuecat.com', owner: 'RevenueCat' },
  { domain: 'qonversion.io', owner: 'Qonversion' },
] as const;

/** Apple's own network, 17.0.0.0/8; also as IPv6 writes it, which a URL gives in hexadecimal. */
const APPLE_ADDRESS = /^(?:17(?:\.\d+){3}|\[::ffff:11[\da-f]{2}:[\da-f]{1,4}\])$/;

/** Whose host this is, where it is one that nothing made up is ever sent to; else null. Takes a `hostname` as URL gives it. */
export function refusingOwner(hostname: string): string | null {
  if (APPLE_ADDRESS.test(hostname)) return 'Apple';
  return REFUSED_DOMAINS.find(({ domain }) => isUnder(hostname, domain))?.owner ?? null;
}

function isUnder(hostname: string, domain: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return name === domain || name.endsWith(`.${domain}`);
}

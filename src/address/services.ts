export type ServiceName = 'RevenueCat' | 'Qonversion';

/** A service that receives Apple's notifications at a URL that contains its key. */
interface Service {
  readonly name: ServiceName;
  /** Domain of the service, subdomains included. */
  readonly domain: string;
  readonly host: string;
  /** Format of the URL path. */
  readonly path: RegExp;
  /** Example URL. */
  readonly example: string;
  /** Place in the dashboard that shows the URL. */
  readonly dashboard: string;
}

/**
 * RevenueCat: host and path as published by many of its users, with a key of 32 letters in all of them [U: its documentation does not
 * state the format]. Qonversion: https://documentation.qonversion.io/docs/ios-s2s-notifications.
 */
const SERVICES: readonly Service[] = [
  {
    name: 'RevenueCat',
    domain: 'revenuecat.com',
    host: 'api.revenuecat.com',
    path: /^\/v1\/incoming-webhooks\/apple-server-to-server-notification\/[A-Za-z0-9_-]{8,}\/?$/,
    example: 'https://api.revenuecat.com/v1/incoming-webhooks/apple-server-to-server-notification/KEY',
    dashboard: 'the app in the RevenueCat dashboard, "Apple Server Notification URL"',
  },
  {
    name: 'Qonversion',
    domain: 'qonversion.io',
    host: 'api.qonversion.io',
    path: /^\/v1\/apple-s2s\/[A-Za-z0-9_-]{8,}\/?$/,
    example: 'https://api.qonversion.io/v1/apple-s2s/KEY',
    dashboard: 'Project Settings → Stores → Apple App Store in Qonversion',
  },
];

/** Service that owns the host of a URL; null for any other host. */
export function serviceOf({ hostname }: URL): ServiceName | null {
  const host = hostname.replace(/\.$/, '');
  return SERVICES.find(({ domain }) => host === domain || host.endsWith(`.${domain}`))?.name ?? null;
}

/** Warning for a URL that does not match the format of the service, without any part of the URL; null if it matches. */
export function checkServiceAddress(name: ServiceName, { hostname, pathname }: URL): string | null {
  const { host, path, example, dashboard } = serviceNamed(name);
  if (hostname === host && path.test(pathname)) return null;
  return `the URL does not match the format of ${name} (${example}); compare it with ${dashboard}`;
}

/**
 * Most likely cause of a rejection by a service; null if none is known. Neither service documents its status codes [U]: the causes
 * follow from the meaning of the status in HTTP and from the key in the URL. Both respond 200 to notifications they do not use;
 * RevenueCat documents this for purchases it does not know.
 */
export function explainService(name: ServiceName, status: number): string | null {
  const { dashboard } = serviceNamed(name);
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return `the key at the end of the URL is wrong or no longer valid: copy the URL again from ${dashboard}`;
  if (status === 405 || (status >= 300 && status < 400)) return `the URL is incomplete: compare it with ${dashboard}`;
  if (status === 400 || status === 422)
    return `${name} rejected this notification: check that the URL belongs to this app, and that the app is set up in ${name}`;
  return status === 429 ? `rate limited by ${name}` : null;
}

function serviceNamed(name: ServiceName): Service {
  return SERVICES.find((service) => service.name === name)!;
}

/** Domains, subdomains included, that trust only Apple and hold purchases of real customers: synthetic notifications are never sent there. */
const REFUSED_DOMAINS = [
  { domain: 'apple.com', owner: 'Apple' },
  { domain: 'revenuecat.com', owner: 'RevenueCat' },
  { domain: 'qonversion.io', owner: 'Qonversion' },
] as const;

/** Apple's network, 17.0.0.0/8, also as an IPv4-mapped IPv6 address, which URL writes in hexadecimal. */
const APPLE_ADDRESS = /^(?:17(?:\.\d+){3}|\[::ffff:11[\da-f]{2}:[\da-f]{1,4}\])$/;

/** Owner of a host to which synthetic notifications are never sent; null for any other host. Takes a `hostname` as URL gives it. */
export function refusingOwner(hostname: string): string | null {
  if (APPLE_ADDRESS.test(hostname)) return 'Apple';
  return REFUSED_DOMAINS.find(({ domain }) => isUnder(hostname, domain))?.owner ?? null;
}

function isUnder(hostname: string, domain: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return name === domain || name.endsWith(`.${domain}`);
}

import type { AppEnvironment } from '../simulator/payloads/app.js';
import type { ApiName } from './event.js';
import { type Answer, type Incoming, textAnswer } from './http/exchange.js';

export type Handler = (incoming: Incoming) => Promise<Answer>;

/** Which part of the emulator a request is for; `api` is null where none is. */
export interface Recipient {
  readonly api: ApiName | null;
  readonly environment: AppEnvironment | null;
}

export interface Apis {
  readonly sandbox: Handler;
  readonly production: Handler;
  readonly connectApi: Handler;
  readonly control: Handler;
  readonly ocsp: Handler;
}

const PREFIXES: readonly (readonly [string, ApiName])[] = [
  ['/v1/', 'connectApi'],
  ['/control/', 'control'],
  ['/ocsp/', 'ocsp'],
];

const NOBODY: Recipient = { api: null, environment: null };

/**
 * Who answers a path on the port of an environment. Two ports, as paths cannot tell the environments apart: Apple's Swift and
 * Java clients keep only host and port of a base address. What is not a Server API is on the sandbox's port.
 */
export function recipientOf(pathname: string, environment: AppEnvironment): Recipient {
  if (pathname.startsWith('/inApps/')) return { api: 'serverApi', environment };
  if (environment === 'Production') return NOBODY;
  const [, api = null] = PREFIXES.find(([prefix]) => pathname.startsWith(prefix)) ?? [];
  return { api, environment: null };
}

export function createRouter(apis: Apis, environment: AppEnvironment): Handler {
  return (incoming) => {
    const { api } = recipientOf(incoming.url.pathname, environment);
    if (api === null) return Promise.resolve(textAnswer(404, 'Not Found\n'));
    if (api !== 'serverApi') return apis[api](incoming);
    return (environment === 'Sandbox' ? apis.sandbox : apis.production)(incoming);
  };
}

import { displayUrl } from '../address/display.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { uuidFrom } from '../simulator/random.js';
import type { AppSettings } from './app-settings.js';
import { createConnectApi } from './connect-api/connect-api.js';
import { addressesOf, advance, chainOf, type EmulatorContext, stateOf } from './context.js';
import { createControlApi } from './control/control-api.js';
import type { ApiName } from './events.js';
import { type Answer, type Incoming, textAnswer } from './http.js';
import { createOcspResponder } from './ocsp-responder.js';
import { APPLE_RATE_LIMITS } from './rate-limit.js';
import { createServerApi } from './server-api/server-api.js';

const PAGE_SECRET_BYTES = 32;

/** Everything that answers requests in one run. */
export function createApis(run: EmulatorContext): Apis {
  const { options, identity, orders, dispatch } = run;
  const limits = { ...APPLE_RATE_LIMITS, ...options.rateLimits };
  const requestId = (): string => uuidFrom(options.random).toUpperCase();
  const secret = options.random(PAGE_SECRET_BYTES);
  const serverApi = (environment: AppEnvironment): Handler =>
    createServerApi({
      environment,
      identity,
      bundleId: options.bundleId,
      log: run.log,
      now: options.now,
      limits: environment === 'Sandbox' ? limits.sandbox : limits.production,
      pageTokens: { lifetimeMs: options.pageTokenMs, secret },
      pendingMs: options.pendingMs,
      unreleased: options.unreleased && environment === 'Production',
      sendTest: dispatch.sendTest,
      takeError: (asked) => orders.takeError(asked),
      requestId,
    });
  return {
    sandbox: serverApi('Sandbox'),
    production: serverApi('Production'),
    connectApi: createConnectApi({
      identity,
      bundleId: options.bundleId,
      appAppleId: options.appAppleId,
      limit: limits.connect,
      now: options.now,
      settings: () => run.settings,
      change: (change) => changeSettings(run, change),
      requestId,
      url: () => addressesOf(run).connectApi,
    }),
    control: createControlApi({
      controlToken: identity.controlToken,
      send: dispatch.send,
      advance: (ms) => advance(run, ms),
      state: () => stateOf(run),
      orderError: (order) => orders.orderError(order),
      setOcspState: (role, state) => orders.setOcspState(role, state),
    }),
    ocsp: createOcspResponder({
      chain: () => chainOf(run),
      rootKey: options.authority.key,
      now: options.now,
      stateOf: (role) => orders.ocspStateOf(role),
    }),
  };
}

function changeSettings(run: EmulatorContext, change: Partial<AppSettings>): void {
  run.settings = { ...run.settings, ...change };
  const { subscriptionStatusUrl, subscriptionStatusUrlForSandbox } = run.settings;
  const settings = {
    ...run.settings,
    subscriptionStatusUrl: shownUrl(subscriptionStatusUrl),
    subscriptionStatusUrlForSandbox: shownUrl(subscriptionStatusUrlForSandbox),
  };
  run.emit({ event: 'settings', settings });
}

function shownUrl(url: string | null): string | null {
  return url === null ? null : displayUrl(url, 'host');
}

type Handler = (incoming: Incoming) => Promise<Answer>;

/** Which part of the emulator a request is for; `api` is null where none is. */
interface Recipient {
  readonly api: ApiName | null;
  readonly environment: AppEnvironment | null;
}

interface Apis {
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

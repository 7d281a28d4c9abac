import { displayUrl } from '../address/display.js';
import { signPayload } from '../simulator/authority/sign-payload.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { uuidFrom } from '../simulator/random.js';
import type { EmulatedAppSettings } from './app-settings.js';
import { createConnectApiHandler } from './connect-api/connect-api.js';
import { addressesOf, advance, chainOf, type EmulatorContext, stateOf } from './context.js';
import { createControlApi } from './control/control-api.js';
import type { ApiName } from './events.js';
import { answerHealth, HEALTH_PATH } from './health.js';
import { type EmulatorRequest, type EmulatorResponse, textResponse } from './http.js';
import { createOcspResponder } from './ocsp-responder.js';
import { completeRateLimits } from './rate-limit.js';
import { createServerApiHandler } from './server-api/server-api.js';

const PAGE_SECRET_BYTES = 32;

/** Creates the handlers of every API of one emulator. */
export function createApis(context: EmulatorContext): Apis {
  const { options, identity, overrides, dispatch } = context;
  const limits = completeRateLimits(options.rateLimits ?? {});
  const requestId = (): string => uuidFrom(options.random).toUpperCase();
  const secret = options.random(PAGE_SECRET_BYTES);
  const serverApi = (environment: AppEnvironment): Handler =>
    createServerApiHandler({
      environment,
      identity,
      bundleId: options.bundleId,
      appAppleId: options.appAppleId,
      log: context.log,
      store: context.stores[environment],
      now: options.now,
      limits: environment === 'Sandbox' ? limits.sandbox : limits.production,
      pageTokens: { lifetimeMs: options.pageTokenMs, secret },
      pendingMs: options.pendingMs,
      unreleased: options.unreleased && environment === 'Production',
      sendTest: dispatch.sendTest,
      sign: (payload) => signPayload({ ...payload, signedDate: options.now() }, chainOf(context)),
      nextError: (environment) => overrides.nextError(environment),
      requestId,
      onConsumption: (answer) => context.consumption.answer(answer),
      onCall: (call) => context.calls.add(call),
    });
  return {
    sandbox: serverApi('Sandbox'),
    production: serverApi('Production'),
    connectApi: createConnectApiHandler({
      identity,
      bundleId: options.bundleId,
      appAppleId: options.appAppleId,
      limit: limits.connect,
      now: options.now,
      settings: () => context.settings,
      change: (change) => changeSettings(context, change),
      requestId,
      url: () => addressesOf(context).connectApi,
    }),
    control: createControlApi({
      controlToken: identity.controlToken,
      send: dispatch.send,
      advance: (ms) => advance(context, ms),
      state: () => stateOf(context),
      addErrorOverride: (override) => overrides.addError(override),
      setOcspState: (role, state) => overrides.setOcspState(role, state),
    }),
    ocsp: createOcspResponder({
      chain: () => chainOf(context),
      rootKey: options.authority.key,
      now: options.now,
      stateOf: (role) => overrides.ocspStateOf(role),
    }),
    health: async (request) => answerHealth(request, identity.controlToken),
  };
}

function changeSettings(context: EmulatorContext, change: Partial<EmulatedAppSettings>): void {
  context.settings = { ...context.settings, ...change };
  const { subscriptionStatusUrl, subscriptionStatusUrlForSandbox } = context.settings;
  const settings = {
    ...context.settings,
    subscriptionStatusUrl: hostOf(subscriptionStatusUrl),
    subscriptionStatusUrlForSandbox: hostOf(subscriptionStatusUrlForSandbox),
  };
  context.emit({ event: 'settings', settings });
}

function hostOf(url: string | null): string | null {
  return url === null ? null : displayUrl(url, 'host');
}

type Handler = (request: EmulatorRequest) => Promise<EmulatorResponse>;

/** API and environment that a request is routed to; `api` is null if there is none. */
interface Route {
  readonly api: ApiName | null;
  readonly environment: AppEnvironment | null;
}

interface Apis {
  readonly sandbox: Handler;
  readonly production: Handler;
  readonly connectApi: Handler;
  readonly control: Handler;
  readonly ocsp: Handler;
  readonly health: Handler;
}

const PREFIXES: readonly (readonly [string, ApiName])[] = [
  ['/v1/', 'connectApi'],
  ['/control/', 'control'],
  ['/ocsp/', 'ocsp'],
];

const NO_ROUTE: Route = { api: null, environment: null };

/**
 * Routes a path on the port of an environment. Each environment has a port, because Apple's Swift and Java clients keep
 * only host and port of a base URL. Every API but the Server API is on the sandbox port.
 */
export function routeOf(pathname: string, environment: AppEnvironment): Route {
  if (pathname.startsWith('/inApps/')) return { api: 'serverApi', environment };
  if (environment === 'Production') return NO_ROUTE;
  const [, api = null] = PREFIXES.find(([prefix]) => pathname.startsWith(prefix)) ?? [];
  return { api, environment: null };
}

/** Not Apple's answer: a client with a wrong base address learns what is served here. */
function unknownPath(environment: AppEnvironment): EmulatorResponse {
  const served =
    environment === 'Sandbox'
      ? ['/inApps/… (App Store Server API, sandbox)', '/v1/apps (App Store Connect API)', '/control/v1/… (control API)']
      : ['/inApps/… (App Store Server API, production); everything else is on the sandbox port'];
  const text = `Not Found\n\nThis storewire emulator serves:\n${served.map((line) => `  ${line}\n`).join('')}`;
  return textResponse(404, text, { cause: `served here: ${served.join(', ')}` });
}

export function createRouter(apis: Apis, environment: AppEnvironment): Handler {
  return (request) => {
    if (request.method === 'GET' && request.url.pathname === HEALTH_PATH) return apis.health(request);
    const { api } = routeOf(request.url.pathname, environment);
    if (api === null) return Promise.resolve(unknownPath(environment));
    if (api !== 'serverApi') return apis[api](request);
    return (environment === 'Sandbox' ? apis.sandbox : apis.production)(request);
  };
}

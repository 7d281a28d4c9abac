import { describeAddress } from '../http/describe-address.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { uuidFrom } from '../simulator/random.js';
import type { AppSettings } from './app-settings.js';
import { createConnectApi } from './connect-api/connect-api.js';
import { createControlApi } from './control/control-api.js';
import { createOcspResponder } from './ocsp-responder.js';
import { APPLE_RATE_LIMITS } from './rate-limit.js';
import type { Apis, Handler } from './router.js';
import { addressesOf, advance, chainOf, type Run, stateOf } from './run.js';
import { createServerApi } from './server-api/server-api.js';

const PAGE_SECRET_BYTES = 32;

/** Everything that answers requests in one run. */
export function createApis(run: Run): Apis {
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

function changeSettings(run: Run, change: Partial<AppSettings>): void {
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
  return url === null ? null : describeAddress(new URL(url));
}

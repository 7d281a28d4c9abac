import { setMaxListeners } from 'node:events';
import { deliver } from '../sender/deliver.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import type { AppEnvironment } from '../simulator/payloads/app.js';
import { type EmulatedAppSettings, initialSettings } from './app-settings.js';
import { ConsumptionRequests } from './consumption/consumption-requests.js';
import { ControlOverrides } from './control/overrides.js';
import { createDispatch, type Dispatch, viewOfNotification } from './delivery/create-notification.js';
import { NotificationLog } from './delivery/notification-log.js';
import { RetryClock } from './delivery/retry-clock.js';
import { NotificationSender } from './delivery/sender.js';
import type { EmulatorAddresses, EmulatorCounts, EmulatorEvent } from './events.js';
import type { Identity } from './identity.js';
import type { CompleteOptions, EmulatorState, TransactionView } from './options.js';
import { CallLog } from './server-api/call-log.js';
import { createAdmission } from './store/admission.js';
import { PurchaseStore } from './store/purchase-store.js';

/** An event without its time; distributes over the union. */
type Untimed<Event> = Event extends EmulatorEvent ? Omit<Event, 'atMs'> : never;

/** State and services shared by the parts of one emulator. */
export interface EmulatorContext {
  readonly options: CompleteOptions;
  readonly identity: Identity;
  readonly log: NotificationLog;
  readonly overrides: ControlOverrides;
  readonly clock: RetryClock;
  readonly sender: NotificationSender;
  readonly dispatch: Dispatch;
  /** Purchases of each environment, as the notifications describe them. */
  readonly stores: Readonly<Record<AppEnvironment, PurchaseStore>>;
  readonly consumption: ConsumptionRequests;
  readonly calls: CallLog;
  /** Null until the servers listen. */
  addresses: EmulatorAddresses | null;
  /** Null until the addresses are known: its certificates name the OCSP responder. */
  chain: SigningChain | null;
  settings: EmulatedAppSettings;
  requests: number;
  readonly emit: (event: Untimed<EmulatorEvent>) => void;
}

/** Creates the parts that need no network. Throws `ERR_EMULATOR_URL` (usage). */
export function createEmulatorContext(
  options: CompleteOptions,
  identity: Identity,
  signal: AbortSignal,
): EmulatorContext {
  const { now, sleep, bundleId, appAppleId, random, deliveryTimeoutMs, ca } = options;
  // One for each attempt in flight; from eleven on Node would warn of a leak.
  setMaxListeners(0, signal);
  const log = new NotificationLog(options.historyLimit);
  const clock = new RetryClock(options);
  const emit: EmulatorContext['emit'] = (event) => options.onEvent?.({ ...event, atMs: now() } as EmulatorEvent);
  const settings = initialSettings(options);
  const sender = new NotificationSender({
    ...{ deliver, clock, log, now, sleep, deliveryTimeoutMs, ca, signal },
    settings: () => context.settings,
    onEvent: (event) => options.onEvent?.(event),
    onDropped: () => emit({ event: 'dropped', kept: options.historyLimit }),
  });
  const { historyLimit, authority } = options;
  const stores = { Sandbox: new PurchaseStore(historyLimit), Production: new PurchaseStore(historyLimit) };
  const admit = createAdmission({ root: authority.root.raw, bundleId, now });
  const dispatch = createDispatch({
    ...{ sender, bundleId, appAppleId, random, now },
    chain: () => chainOf(context),
    onSend: (signedPayload, environment) => {
      const event = admit(signedPayload, environment);
      if (event === null) return;
      stores[environment].record(event);
      consumption.follow(event, environment);
    },
  });
  const consumption = new ConsumptionRequests({
    ...{ clock, now, limit: MAX_KEPT },
    resend: (event, environment) => dispatch.sendAgain(event, environment),
  });
  const context: EmulatorContext = {
    ...{
      options,
      identity,
      log,
      overrides: new ControlOverrides(),
      clock,
      sender,
      dispatch,
      stores,
      consumption,
      settings,
      emit,
    },
    calls: new CallLog(MAX_KEPT),
    addresses: null,
    chain: null,
    requests: 0,
  };
  return context;
}

export function chainOf({ chain }: EmulatorContext): SigningChain {
  if (chain === null) throw new Error('the chain has not been issued');
  return chain;
}

export function addressesOf({ addresses }: EmulatorContext): EmulatorAddresses {
  if (addresses === null) throw new Error('the servers are not listening');
  return addresses;
}

/** Advances the retry clock. Waits for attempts in flight first: a failed one may schedule the next. */
export async function advance({ sender, clock }: EmulatorContext, ms: number): Promise<void> {
  await sender.idle();
  await clock.advance(ms);
  await sender.idle();
}

export function stateOf(context: EmulatorContext): EmulatorState {
  const { options, clock, settings, log, calls, consumption } = context;
  const { timeScale, step, bundleId, appAppleId } = options;
  const app = { bundleId, appAppleId, ...settings };
  const notifications = log
    .latest(MAX_LISTED)
    .map(viewOfNotification)
    .map(({ signedPayload, ...rest }) => rest);
  return {
    virtualMs: Math.round(clock.elapsedMs),
    timeScale,
    step,
    app,
    total: log.size,
    notifications,
    transactions: (['Sandbox', 'Production'] as const).flatMap((environment) => listTransactions(context, environment)),
    totalCalls: calls.total,
    calls: calls.latest(MAX_LISTED),
    consumption: { requests: consumption.requests(MAX_LISTED), answers: consumption.answers(MAX_LISTED) },
  };
}

function listTransactions({ stores }: EmulatorContext, environment: AppEnvironment): readonly TransactionView[] {
  return stores[environment]
    .latest(MAX_LISTED)
    .map(({ transactionId, originalTransactionId, orderId, payload, event }) => ({
      ...{ environment, transactionId, originalTransactionId, orderId, event },
      productId: typeof payload.productId === 'string' ? payload.productId : null,
    }));
}

/** Limits the size of the state document. */
const MAX_LISTED = 100;

/** Calls, consumption requests and answers to keep. */
const MAX_KEPT = 1_000;

export function countsOf({ requests, log }: EmulatorContext): EmulatorCounts {
  const { notifications, delivered } = log.counts;
  return { requests, ...log.counts, undelivered: notifications - delivered };
}

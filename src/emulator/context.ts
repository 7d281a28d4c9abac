import { deliver } from '../sender/deliver.js';
import type { SigningChain } from '../simulator/authority/chain.js';
import { type AppSettings, initialSettings } from './app-settings.js';
import { ControlOverrides } from './control/overrides.js';
import { createDispatch, type Dispatch, viewOf } from './delivery/create-notification.js';
import { NotificationLog, wasAccepted } from './delivery/notification-log.js';
import { RetryClock } from './delivery/retry-clock.js';
import { NotificationSender } from './delivery/sender.js';
import type { EmulatorAddresses, EmulatorCounts, EmulatorEvent } from './events.js';
import type { Identity } from './identity.js';
import type { CompleteOptions, EmulatorState } from './options.js';

/** An event before the clock is read; `Event` distributes over the union. */
type Untimed<Event> = Event extends EmulatorEvent ? Omit<Event, 'atMs'> : never;

/** What the parts of one run share. */
export interface EmulatorContext {
  readonly options: CompleteOptions;
  readonly identity: Identity;
  readonly log: NotificationLog;
  readonly orders: ControlOverrides;
  readonly clock: RetryClock;
  readonly courier: NotificationSender;
  readonly dispatch: Dispatch;
  /** Known once the servers listen. */
  addresses: EmulatorAddresses | null;
  /** Issued once the addresses are known, as it names its OCSP responder. */
  chain: SigningChain | null;
  settings: AppSettings;
  requests: number;
  readonly emit: (event: Untimed<EmulatorEvent>) => void;
}

/** Puts together everything that needs no network. Throws `ERR_EMULATOR_URL` (usage). */
export function createEmulatorContext(
  options: CompleteOptions,
  identity: Identity,
  signal: AbortSignal,
): EmulatorContext {
  const { now, sleep, bundleId, appAppleId, random, deliveryTimeoutMs, ca } = options;
  const log = new NotificationLog();
  const clock = new RetryClock(options);
  const emit: EmulatorContext['emit'] = (event) => options.onEvent?.({ ...event, atMs: now() } as EmulatorEvent);
  const settings = initialSettings(options);
  const courier = new NotificationSender({
    ...{ deliver, clock, log, now, sleep, deliveryTimeoutMs, ca, signal },
    settings: () => run.settings,
    onEvent: (event) => options.onEvent?.(event),
  });
  const dispatch = createDispatch({ courier, chain: () => chainOf(run), bundleId, appAppleId, random, now });
  const run: EmulatorContext = {
    ...{ options, identity, log, orders: new ControlOverrides(), clock, courier, dispatch, settings, emit },
    addresses: null,
    chain: null,
    requests: 0,
  };
  return run;
}

export function chainOf({ chain }: EmulatorContext): SigningChain {
  if (chain === null) throw new Error('the chain is not issued yet');
  return chain;
}

export function addressesOf({ addresses }: EmulatorContext): EmulatorAddresses {
  if (addresses === null) throw new Error('the servers do not listen yet');
  return addresses;
}

/** Lets time of the retry schedule pass; what is under way at the start is waited for, as it may fail and be due again. */
export async function advance({ courier, clock }: EmulatorContext, ms: number): Promise<void> {
  await courier.idle();
  await clock.advance(ms);
  await courier.idle();
}

export function stateOf({ options, clock, settings, log }: EmulatorContext): EmulatorState {
  const { timeScale, step, bundleId, appAppleId } = options;
  const app = { bundleId, appAppleId, ...settings };
  const notifications = log.all
    .slice(-MOST_SHOWN)
    .map(viewOf)
    .map(({ signedPayload, ...rest }) => rest);
  return { virtualMs: Math.round(clock.elapsedMs), timeScale, step, app, total: log.size, notifications };
}

/** A state is read to see what happens, and a signed payload has 19 KB. */
const MOST_SHOWN = 100;

export function countsOf({ requests, log }: EmulatorContext): EmulatorCounts {
  const delivered = log.all.filter(wasAccepted).length;
  const attempts = log.all.reduce((sum, record) => sum + record.attempts.length, 0);
  return { requests, notifications: log.size, attempts, delivered, undelivered: log.size - delivered };
}

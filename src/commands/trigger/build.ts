import { ToolError } from '../../errors.js';
import type { Authority } from '../../simulator/authority/authority.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { type SignedNotification, signNotification } from '../../simulator/authority/sign-payload.js';
import { forge } from '../../simulator/forgeries/forge.js';
import { buildNotification, type NotificationOptions } from '../../simulator/payloads/notification.js';
import type { Random } from '../../simulator/random.js';
import { buildScenario } from '../../simulator/scenarios/scenarios.js';
import type { TriggerRequest, WhatToSend } from './request.js';

/** One signed notification, ready to go. */
export interface PreparedNotification {
  readonly type: string;
  readonly subtype: string | null;
  readonly signedPayload: string;
  /** What the App Store would post. */
  readonly body: string;
  /** In a scenario: which step of how many, when on the story's clock (ms), and what happens. */
  readonly step: ScenarioPosition | null;
  /** What was changed so that it must be refused, in words; null for what is in order. */
  readonly forged: string | null;
}

interface ScenarioPosition {
  readonly number: number;
  readonly of: number;
  readonly atMs: number;
  readonly says: string;
}

export interface PrepareOptions {
  readonly authority: Authority;
  readonly now: () => number;
  readonly random: Random;
}

/**
 * The notifications of an order, one after the other; each run of it has ids of its own, and is signed when it is asked for.
 * What the builders refuse is thrown with the first one, before anything is sent.
 */
export async function* prepareNotifications(
  order: TriggerRequest,
  making: PrepareOptions,
): AsyncGenerator<PreparedNotification, void> {
  const { what } = order;
  if (what.kind === 'forgery') return yield* makeForgeries(order, what, making);
  const chain = await making.authority.issueChain();
  for (let run = 0; run < order.count; run++) {
    const options = buildOptions(order, making);
    yield* what.kind === 'scenario' ? makeScenario(what.name, options, chain) : [makeEvent(what, options, chain)];
  }
}

type BuildOptions = Omit<NotificationOptions, 'type' | 'subtype'>;

type Event = Extract<WhatToSend, { kind: 'event' }>;

type Forgery = Extract<WhatToSend, { kind: 'forgery' }>;

function buildOptions({ app, edits }: TriggerRequest, { now, random }: PrepareOptions): BuildOptions {
  const { environment, bundleId, appAppleId, productId } = app;
  return {
    nowMs: now(),
    random,
    environment,
    ...edits,
    ...(bundleId === null ? {} : { bundleId }),
    ...(appAppleId === null ? {} : { appAppleId }),
    ...(productId === null ? {} : { productId }),
  };
}

function makeEvent({ type, subtype }: Event, options: BuildOptions, chain: SigningChain): PreparedNotification {
  const signed = signNotification(buildNotification({ ...options, type, subtype }), chain);
  return { type, subtype, ...wireOf(signed), step: null, forged: null };
}

function makeScenario(name: string, options: BuildOptions, chain: SigningChain): readonly PreparedNotification[] {
  const steps = buildScenario(name, options);
  return steps.map(({ type, subtype, atMs, says, built }, index) => ({
    type,
    subtype,
    ...wireOf(signNotification(built, chain)),
    step: { number: index + 1, of: steps.length, atMs, says },
    forged: null,
  }));
}

function wireOf({ signedPayload, body }: SignedNotification): Pick<PreparedNotification, 'signedPayload' | 'body'> {
  return { signedPayload, body };
}

async function* makeForgeries(
  order: TriggerRequest,
  { type, subtype, reason }: Forgery,
  making: PrepareOptions,
): AsyncGenerator<PreparedNotification, void> {
  if (reason === 'CERTIFICATE_REVOKED') throw needsResponder();
  for (let run = 0; run < order.count; run++) {
    const options = { ...buildOptions(order, making), type, subtype, authority: making.authority };
    const { signedPayload, body, changed } = await forge(reason, options);
    yield { type, subtype, signedPayload, body, step: null, forged: changed };
  }
}

function needsResponder(): ToolError {
  const message = 'a revoked certificate takes a responder that says so, and trigger alone has none';
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_OCSP', message, {
    hint: 'The emulator has one: --via-emulator URL. Without it, REVOCATION_UNKNOWN names a responder that never answers.',
  });
}

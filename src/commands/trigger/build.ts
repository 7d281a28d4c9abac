import { ToolError } from '../../errors.js';
import type { Authority } from '../../simulator/authority/authority.js';
import type { SigningChain } from '../../simulator/authority/chain.js';
import { type SignedNotification, signNotification } from '../../simulator/authority/sign-payload.js';
import { forge } from '../../simulator/forgeries/forge.js';
import { buildNotification, type NotificationOptions } from '../../simulator/payloads/notification.js';
import type { Random } from '../../simulator/random.js';
import { buildScenario } from '../../simulator/scenarios/scenarios.js';
import type { Selection, TriggerRequest } from './request.js';

/** One signed notification, ready to send. */
export interface PreparedNotification {
  readonly type: string;
  readonly subtype: string | null;
  readonly signedPayload: string;
  /** Request body, as the App Store sends it. */
  readonly body: string;
  /** Position in a scenario; null outside of one. */
  readonly step: ScenarioPosition | null;
  /** Description of the forgery; null for a valid notification. */
  readonly forged: string | null;
}

interface ScenarioPosition {
  /** Counts from 1. */
  readonly number: number;
  readonly of: number;
  /** Time of the event on the scenario's virtual clock. */
  readonly atMs: number;
  /** Description of the step. */
  readonly says: string;
}

export interface PrepareOptions {
  readonly authority: Authority;
  readonly now: () => number;
  readonly random: Random;
}

/**
 * Generates the notifications of a request. Each repetition has its own ids and is signed when it is pulled. Errors of the
 * builders are thrown with the first one, before anything is sent.
 */
export async function* prepareNotifications(
  request: TriggerRequest,
  prepareOptions: PrepareOptions,
): AsyncGenerator<PreparedNotification, void> {
  const { selection } = request;
  if (selection.kind === 'forgery') return yield* buildForgeries(request, selection, prepareOptions);
  const chain = await prepareOptions.authority.issueChain();
  for (let index = 0; index < request.count; index++) {
    const options = buildOptions(request, prepareOptions);
    yield* selection.kind === 'scenario'
      ? buildSteps(selection.name, options, chain)
      : [buildOne(selection, options, chain)];
  }
}

type BuildOptions = Omit<NotificationOptions, 'type' | 'subtype'>;

type Event = Extract<Selection, { kind: 'event' }>;

type Forgery = Extract<Selection, { kind: 'forgery' }>;

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

function buildOne({ type, subtype }: Event, options: BuildOptions, chain: SigningChain): PreparedNotification {
  const signed = signNotification(buildNotification({ ...options, type, subtype }), chain);
  return { type, subtype, ...signedFields(signed), step: null, forged: null };
}

function buildSteps(name: string, options: BuildOptions, chain: SigningChain): readonly PreparedNotification[] {
  const steps = buildScenario(name, options);
  return steps.map(({ type, subtype, atMs, says, built }, index) => ({
    type,
    subtype,
    ...signedFields(signNotification(built, chain)),
    step: { number: index + 1, of: steps.length, atMs, says },
    forged: null,
  }));
}

function signedFields({
  signedPayload,
  body,
}: SignedNotification): Pick<PreparedNotification, 'signedPayload' | 'body'> {
  return { signedPayload, body };
}

async function* buildForgeries(
  request: TriggerRequest,
  { type, subtype, reason }: Forgery,
  prepareOptions: PrepareOptions,
): AsyncGenerator<PreparedNotification, void> {
  if (reason === 'CERTIFICATE_REVOKED') throw responderRequired();
  for (let index = 0; index < request.count; index++) {
    const options = { ...buildOptions(request, prepareOptions), type, subtype, authority: prepareOptions.authority };
    const { signedPayload, body, changed } = await forge(reason, options);
    yield { type, subtype, signedPayload, body, step: null, forged: changed };
  }
}

function responderRequired(): ToolError {
  const message = 'CERTIFICATE_REVOKED needs an OCSP responder, which trigger alone does not have';
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_OCSP', message, {
    hint: 'Use the responder of the emulator: --via-emulator',
  });
}

import { ToolError } from '../../errors.js';
import type { Json } from '../../jws/json.js';
import type { Authority } from '../../simulator/authority/authority.js';
import { signNotification } from '../../simulator/authority/sign-payload.js';
import { forge } from '../../simulator/forgeries/forge.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';
import { parseFieldText } from '../../simulator/payloads/field-values.js';
import { signedMsOf } from '../../simulator/payloads/follow.js';
import { buildNotification, type NotificationOptions } from '../../simulator/payloads/notification.js';
import { type EditContext, editTyped } from '../../simulator/payloads/typed-edits.js';
import { type Random, seededRandom, uuidFrom } from '../../simulator/random.js';
import { playStory } from '../../simulator/scenarios/play-story.js';
import { buildScenario } from '../../simulator/scenarios/scenarios.js';
import type { Selection, TriggerRequest } from './load.js';
import { eventName } from './request.js';
import { requireSignable } from './signing-date.js';

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

/** The same before it is signed. */
export interface UnsignedNotification extends Pick<PreparedNotification, 'type' | 'subtype' | 'step'> {
  readonly built: BuiltNotification;
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

export interface BuildContext {
  readonly now: () => number;
  readonly random: Random;
  /** Takes what is odd about the values that were set, each a sentence. */
  readonly onRemark: (remark: string) => void;
}

export interface PrepareOptions extends BuildContext {
  readonly authority: Authority;
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
  for (const { built, ...unsigned } of buildNotifications(request, prepareOptions)) {
    requireSignable(built, prepareOptions.authority.root, prepareOptions.now());
    const { signedPayload, body } = signNotification(built, chain);
    yield { ...unsigned, signedPayload, body, forged: null };
  }
}

/** Generates the notifications of a request, forgeries as the valid ones that they are made from, without a signature. */
export function* buildNotifications(
  request: TriggerRequest,
  context: BuildContext,
): Generator<UnsignedNotification, void> {
  for (let index = 0; index < request.count; index++) {
    const random = randomOf(request, index, context);
    const batch = buildBatch(request, { ...context, random });
    for (const [at, unsigned] of batch.entries()) {
      const { seed } = request.ties;
      const named =
        seed === null || request.selection.kind === 'like' ? unsigned : withOwnUuid(unsigned, seed, index, at);
      const atMs = unsigned.step?.atMs ?? signedMsOf(unsigned.built);
      yield { ...named, built: editTyped(named.built, request.edits, editContext(atMs, context)) };
    }
  }
}

const editContext = (atMs: number, { onRemark }: BuildContext): EditContext => ({ atMs, isForged: false, onRemark });

function randomOf({ ties }: TriggerRequest, index: number, { random }: BuildContext): Random {
  return ties.seed === null ? random : seededRandom(`seed:${ties.seed}${index === 0 ? '' : `#${index}`}`);
}

/** Runs with one seed share the ids of the purchase; each of their notifications still needs a UUID of its own. */
function withOwnUuid(unsigned: UnsignedNotification, seed: number, index: number, at: number): UnsignedNotification {
  const { built } = unsigned;
  const notificationUUID = uuidFrom(seededRandom(`seed:${seed}:${eventName(unsigned)}:${index}:${at}`));
  return { ...unsigned, built: { ...built, notification: { ...built.notification, notificationUUID } } };
}

function buildBatch(request: TriggerRequest, context: BuildContext): readonly UnsignedNotification[] {
  const { selection } = request;
  const options = payloadOptions(request, context);
  switch (selection.kind) {
    case 'event':
    case 'forgery': {
      const { type, subtype } = selection;
      return [{ type, subtype, step: null, built: buildNotification({ ...options, type, subtype }) }];
    }
    case 'scenario':
      return inSteps(buildScenario(selection.name, options));
    case 'story': {
      const { story, source } = selection;
      return inSteps(playStory(story, source, { ...options, isForged: false, onRemark: context.onRemark }));
    }
    case 'like':
      for (const assumption of selection.assumptions) context.onRemark(assumption);
      return selection.notifications.map((built) => ({ ...eventOf(built), step: null, built }));
  }
}

function inSteps(steps: ReturnType<typeof buildScenario>): readonly UnsignedNotification[] {
  return steps.map(({ type, subtype, atMs, says, built }, index) => ({
    type,
    subtype,
    step: { number: index + 1, of: steps.length, atMs, says },
    built,
  }));
}

/** Strings as signed, so untrusted. */
function eventOf({ notification }: BuiltNotification): Pick<UnsignedNotification, 'type' | 'subtype'> {
  const { notificationType, subtype } = notification;
  return {
    type: typeof notificationType === 'string' ? notificationType : 'unknown',
    subtype: typeof subtype === 'string' ? subtype : null,
  };
}

type PayloadsOptions = Omit<NotificationOptions, 'type' | 'subtype' | 'set' | 'remove'>;

function payloadOptions({ app, ties }: TriggerRequest, { now, random }: BuildContext): PayloadsOptions {
  const { environment, bundleId, appAppleId, productId } = app;
  const { originalTransactionId, appAccountToken } = ties;
  return {
    nowMs: now(),
    random,
    environment,
    ...(bundleId === null ? {} : { bundleId }),
    ...(appAppleId === null ? {} : { appAppleId }),
    ...(productId === null ? {} : { productId }),
    ...(originalTransactionId === null ? {} : { originalTransactionId }),
    ...(appAccountToken === null ? {} : { appAccountToken }),
  };
}

async function* buildForgeries(
  request: TriggerRequest,
  { type, subtype, reason }: Extract<Selection, { kind: 'forgery' }>,
  context: PrepareOptions,
): AsyncGenerator<PreparedNotification, void> {
  if (reason === 'CERTIFICATE_REVOKED') throw responderRequired();
  const { edits } = request;
  for (let index = 0; index < request.count; index++) {
    const options = payloadOptions(request, { ...context, random: randomOf(request, index, context) });
    const set = forgedValues(request, options.nowMs);
    const { signedPayload, body, changed } = await forge(reason, {
      ...options,
      type,
      subtype,
      set,
      remove: edits.remove,
      authority: context.authority,
    });
    yield { type, subtype, signedPayload, body, step: null, forged: changed };
  }
}

/** Values of a forgery, of any type. */
function forgedValues({ edits }: TriggerRequest, atMs: number): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    edits.set.map((given) => [
      given.path,
      'text' in given ? parseFieldText(given.path, given.text, { atMs, isForged: true }).value : given.json,
    ]),
  );
}

function responderRequired(): ToolError {
  const message = 'CERTIFICATE_REVOKED needs an OCSP responder, which trigger alone does not have';
  return new ToolError('usage', 'ERR_TRIGGER_FORGE_OCSP', message, {
    hint: 'Use the responder of the emulator: --via-emulator',
  });
}

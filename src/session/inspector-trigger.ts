import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';
import type { NotificationSource } from '../inspector/sources/source.js';
import type { TriggerReply } from '../inspector/wire.js';
import { isJsonObject, type Json, type JsonObject } from '../jws/json.js';
import type { PayloadDocument } from '../notification/document.js';
import type { OpenSettings } from '../settings/open.js';
import type { AppSettings } from '../settings/resolve-app.js';
import type { BuiltNotification } from '../simulator/payloads/assemble.js';
import { readAppAppleId } from './app.js';
import { openProjectAuthority } from './authority.js';

export type InspectorTriggerDeps = Pick<Deps, 'now' | 'sleep' | 'random' | 'signal' | 'cwd' | 'userId'>;

export interface InspectorTriggerOptions {
  readonly source: NotificationSource;
  readonly open: OpenSettings;
  readonly app: AppSettings;
  /** URL of the listener that accepts the test authority. Throws where there is none. */
  requireListener(): Promise<string>;
}

const TIMEOUT_MS = 30_000;

/** Of the listener's answer, which the reply quotes. */
const MAX_QUOTED = 300;

/**
 * Sends a notification of the project's test authority to the running listener: a sample of a type, or an edited one signed again. Throws
 * (usage) `ERR_INSPECT_REQUEST` for a command that names neither, and the errors of the simulator and the authority.
 */
export function createInspectorTrigger(
  options: InspectorTriggerOptions,
  deps: InspectorTriggerDeps,
): (command: JsonObject) => Promise<TriggerReply> {
  const { now, sleep, signal } = deps;
  return async (command) => {
    const built = await buildCommanded(command, options, deps);
    const url = new URL(await options.requireListener());
    const [{ signNotification }, { deliver }, { authority }] = await Promise.all([
      import('../simulator/authority/sign-payload.js'),
      import('../sender/deliver.js'),
      openProjectAuthority(options.open, deps),
    ]);
    const { body } = signNotification(built, await authority.issueChain());
    const { result, httpStatus, detail, responseBody } = await deliver({
      ...{ url, body, timeoutMs: TIMEOUT_MS, sleep, now, signal },
    });
    const { notificationUUID } = built.notification;
    const answer = Buffer.from(responseBody).toString('utf8').trim().slice(0, MAX_QUOTED);
    return {
      httpStatus,
      uuid: typeof notificationUUID === 'string' ? notificationUUID : null,
      message:
        result === 'SUCCESS' ? `listen answered ${httpStatus}` : `${detail}${answer === '' ? '' : `: ${answer}`}`,
    };
  };
}

async function buildCommanded(
  command: JsonObject,
  { source, app }: InspectorTriggerOptions,
  { now, random }: InspectorTriggerDeps,
): Promise<BuiltNotification> {
  const { like, type } = command;
  if (typeof like === 'string') {
    const original = source.open(like)?.document;
    if (original === undefined) throw wrongCommand('no notification has the id in "like"');
    return buildEdited(command, original);
  }
  if (typeof type !== 'string') throw wrongCommand('the command needs "type" or "like"');
  const { buildNotification } = await import('../simulator/payloads/notification.js');
  const [name = '', subtype = null] = type.split('.');
  const appAppleId = readAppAppleId(app);
  return buildNotification({
    ...{ type: name, subtype, nowMs: now(), random },
    ...(app.bundleId === null ? {} : { bundleId: app.bundleId.value }),
    ...(appAppleId === null ? {} : { appAppleId }),
  });
}

const PARTS = ['transaction', 'renewalInfo'] as const;

/** The payloads as edited; the tokens inside the original are left out, since each is signed again. */
function buildEdited(command: JsonObject, original: PayloadDocument): BuiltNotification {
  const { notification } = command;
  if (!isJsonObject(notification)) throw wrongCommand('"notification" must be the edited payload, a JSON object');
  const parts = PARTS.flatMap((name) => {
    const payload = command[name];
    if (payload === undefined || payload === null) return [];
    if (!isJsonObject(payload)) throw wrongCommand(`"${name}" must be a JSON object`);
    return [[name, restoreIntegers(payload, original[name]) as JsonObject] as const];
  });
  const edited = restoreIntegers(notification, original.notification) as JsonObject;
  return {
    notification: withoutTokens(
      edited,
      parts.map(([name]) => name),
    ),
    ...Object.fromEntries(parts),
    ...(original.appTransaction === undefined ? {} : { appTransaction: original.appTransaction }),
  };
}

const SLOTS = { transaction: 'signedTransactionInfo', renewalInfo: 'signedRenewalInfo' } as const;

function withoutTokens(notification: JsonObject, parts: readonly (typeof PARTS)[number][]): JsonObject {
  const { data, appData } = notification;
  const withoutFields = (container: JsonObject, fields: readonly string[]): JsonObject =>
    Object.fromEntries(Object.entries(container).filter(([field]) => !fields.includes(field)));
  return {
    ...notification,
    ...(isJsonObject(data)
      ? {
          data: withoutFields(
            data,
            parts.map((name) => SLOTS[name]),
          ),
        }
      : {}),
    ...(isJsonObject(appData) ? { appData: withoutFields(appData, ['signedAppTransactionInfo']) } : {}),
  };
}

/** The page shows an integer beyond 2^53 as its digits: where they are unchanged, the integer is signed, not a text. */
function restoreIntegers(edited: Json, original: Json | undefined): Json {
  if (typeof original === 'bigint') return edited === String(original) ? original : edited;
  if (!isJsonObject(edited) || !isJsonObject(original)) return edited;
  return Object.fromEntries(
    Object.entries(edited).map(([name, value]) => [name, restoreIntegers(value ?? null, original[name])]),
  );
}

function wrongCommand(message: string): ToolError {
  return new ToolError('usage', 'ERR_INSPECT_REQUEST', message);
}

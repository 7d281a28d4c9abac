import { timingSafeEqual } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { isJsonObject, type Json, type JsonObject, parseJson, stringifyJson } from '../../jws/json.js';
import type { AppEnvironment } from '../../simulator/payloads/app.js';
import type { BuiltNotification } from '../../simulator/payloads/assemble.js';
import type { ProductType } from '../../simulator/payloads/purchase.js';
import { bearerToken, type EmulatorRequest, type EmulatorResponse } from '../http.js';
import type { CertificateRole, OcspState } from '../ocsp-responder.js';
import type { EmulatorState, NotificationToSend, NotificationView } from '../options.js';
import { isServerApiErrorCode, type ServerApiErrorCode } from '../server-api/errors.js';

interface ControlOptions {
  readonly controlToken: string;
  readonly send: (notification: NotificationToSend) => Promise<NotificationView>;
  readonly advance: (ms: number) => Promise<void>;
  readonly state: () => EmulatorState;
  readonly addErrorOverride: (override: ErrorOverride) => void;
  readonly setOcspState: (role: CertificateRole, state: OcspState) => void;
}

type Action = (request: EmulatorRequest, options: ControlOptions) => Promise<unknown>;

/** Actions by `METHOD path`. Errors are `{"error":{code,message,hint}}`. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'POST /control/v1/notifications': ({ body }, { send }) => send(parseNotification(parseObject(body))),
  'POST /control/v1/clock': async ({ body }, { advance, state }) => {
    await advance(wholeNumberOf(parseObject(body), 'advanceMs', 0));
    return state();
  },
  'POST /control/v1/errors': async ({ body }, { addErrorOverride }) => {
    const override = parseErrorOverride(parseObject(body));
    addErrorOverride(override);
    return override;
  },
  'POST /control/v1/ocsp': async ({ body }, { setOcspState }) => {
    const { role, state } = parseOcspOverride(parseObject(body));
    setOcspState(role, state);
    return { certificate: role, state };
  },
  'GET /control/v1/state': async (_incoming, { state }) => state(),
};

/** Creates the control API. It requires the token, because it signs any payload. */
export function createControlApi(options: ControlOptions): (request: EmulatorRequest) => Promise<EmulatorResponse> {
  return async (request) => {
    if (!isToken(bearerToken(request), options.controlToken)) return errorResponse(401, UNAUTHORIZED);
    const key = `${request.method} ${request.url.pathname}`;
    const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
    if (action === undefined) return errorResponse(404, NOT_FOUND);
    try {
      return jsonResponse(200, await action(request, options));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return errorResponse(CONFLICTS.has(error.code) ? 409 : 400, error);
    }
  };
}

/** Valid requests that the settings of the app do not allow. */
const CONFLICTS = new Set(['ERR_EMULATOR_NO_URL', 'ERR_EMULATOR_VERSION_1']);

const UNAUTHORIZED = {
  code: 'ERR_EMULATOR_TOKEN',
  message: 'the control token is missing or invalid',
  hint: 'The emulator prints it on start, as STOREWIRE_EMULATOR_TOKEN.',
};

const NOT_FOUND = {
  code: 'ERR_EMULATOR_PATH',
  message: 'unknown control request',
  hint: `Requests: ${Object.keys(ACTIONS).join(', ')}.`,
};

function errorResponse(
  status: number,
  { code, message, hint }: Pick<ToolError, 'code' | 'message' | 'hint'>,
): EmulatorResponse {
  return { ...jsonResponse(status, { error: { code, message, hint } }), errorCode: code, cause: message };
}

function jsonResponse(status: number, value: unknown): EmulatorResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: stringifyJson(value) };
}

function isToken(given: string | null, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The parsers below throw `ERR_EMULATOR_BODY` (usage) for an invalid body. */

function parseObject(body: Uint8Array): JsonObject {
  try {
    const value = parseJson(Buffer.from(body).toString());
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw badBody('the body must be JSON', cause);
  }
  throw badBody('the body must be a JSON object');
}

/** `{environment, signedPayload}`, `{environment, payload}` or `{environment, type, subtype, set, remove, productId, productType, price, period}`. */
function parseNotification(body: JsonObject): NotificationToSend {
  const environment = environmentOf(body.environment) ?? 'Sandbox';
  const signedPayload = textOf(body, 'signedPayload');
  if (signedPayload !== undefined) return { environment, signedPayload };
  if (body.payload !== undefined) return { environment, payload: payloadsOf(body.payload) };
  const type = textOf(body, 'type');
  if (type === undefined) throw badBody('"signedPayload", "payload" or "type" is required');
  return {
    environment,
    type,
    subtype: textOf(body, 'subtype') ?? null,
    ...textsOf(body, ['productId', 'lowerProductId', 'period', 'bundleVersion']),
    ...(textOf(body, 'productType') === undefined ? {} : { productType: textOf(body, 'productType') as ProductType }),
    ...(body.price === undefined ? {} : { price: wholeNumberOf(body, 'price', 0) }),
    ...(body.set === undefined ? {} : { set: objectOf(body.set, 'set') }),
    ...(body.remove === undefined ? {} : { remove: listOf(body.remove, 'remove') }),
  };
}

/** `{notification, transaction, renewalInfo, appTransaction}`, without the nested tokens, which the emulator signs. */
function payloadsOf(value: Json): BuiltNotification {
  const { notification, transaction, renewalInfo, appTransaction } = objectOf(value, 'payload');
  const nested = Object.entries({ transaction, renewalInfo, appTransaction }).filter(
    ([, given]) => given !== undefined,
  );
  return {
    notification: objectOf(notification ?? null, 'payload.notification'),
    ...Object.fromEntries(nested.map(([name, given]) => [name, objectOf(given ?? null, `payload.${name}`)])),
  };
}

export interface ErrorOverride {
  readonly errorCode: ServerApiErrorCode;
  readonly times: number;
  /** Null for both environments. */
  readonly environment: AppEnvironment | null;
}

/** `{errorCode, times, environment}`. */
function parseErrorOverride(body: JsonObject): ErrorOverride {
  const { errorCode } = body;
  if (!isServerApiErrorCode(errorCode)) throw badBody('"errorCode" must be a Server API error code');
  const times = body.times === undefined ? 1 : wholeNumberOf(body, 'times', 0);
  return { errorCode, times, environment: environmentOf(body.environment) ?? null };
}

const ROLES: readonly CertificateRole[] = ['leaf', 'intermediate'];

const STATES: readonly OcspState[] = ['good', 'revoked', 'unknown'];

/** `{certificate, state}`. */
function parseOcspOverride(body: JsonObject): { role: CertificateRole; state: OcspState } {
  const role = ROLES.find((known) => known === body.certificate);
  const state = STATES.find((known) => known === body.state);
  if (role === undefined) throw badBody(`"certificate" must be one of ${ROLES.join(', ')}`);
  if (state === undefined) throw badBody(`"state" must be one of ${STATES.join(', ')}`);
  return { role, state };
}

function wholeNumberOf(body: JsonObject, name: string, min: number): number {
  const value = body[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
  throw badBody(`"${name}" must be a whole number, ${min} or more`);
}

function environmentOf(value: Json | undefined): AppEnvironment | undefined {
  if (value === undefined || value === null) return undefined;
  const name = typeof value === 'string' ? value.toLowerCase() : '';
  if (name === 'sandbox') return 'Sandbox';
  if (name === 'production') return 'Production';
  throw badBody('"environment" must be sandbox or production');
}

function textOf(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw badBody(`"${name}" must be a string`);
}

function textsOf<Name extends string>(body: JsonObject, names: readonly Name[]): Partial<Record<Name, string>> {
  const texts = names.map((name) => [name, textOf(body, name)] as const).filter(([, text]) => text !== undefined);
  return Object.fromEntries(texts) as Partial<Record<Name, string>>;
}

function objectOf(value: Json, name: string): Readonly<Record<string, Json>> {
  if (isJsonObject(value)) return value as Readonly<Record<string, Json>>;
  throw badBody(`"${name}" must be an object`);
}

function listOf(value: Json, name: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw badBody(`"${name}" must be a list of strings`);
}

function badBody(message: string, cause?: unknown): ToolError {
  return new ToolError('usage', 'ERR_EMULATOR_BODY', message, { cause });
}

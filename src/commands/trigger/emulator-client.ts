import { parseHttpUrl } from '../../address/parse.js';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { type HttpResponse, request } from '../../http/request.js';
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../jws/json.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';

/** A running emulator, as its control API shows it. */
export interface EmulatorControl {
  /** The app it plays the App Store for. */
  readApp(): Promise<{ readonly bundleId: string; readonly appAppleId: number }>;
  /** Has it send a notification, and resolves once the first attempt is over. */
  send(order: JsonObject): Promise<EmulatorAttempt>;
  /** What its OCSP responder says of the leaf from now on. */
  setLeafState(state: 'good' | 'revoked'): Promise<void>;
}

export interface EmulatorAttempt {
  readonly signedPayload: string;
  /** As the emulator names it: one of `sendAttemptResult`. */
  readonly result: NonNullable<ReturnType<typeof findSendAttempt>>['value'];
  readonly httpStatus: number | null;
  readonly ms: number;
  readonly detail: string;
  /** How long after this attempt the next one is due, on the emulator's retry clock (ms); null where none will be made. */
  readonly nextAfterMs: number | null;
}

/** Names the token of a running emulator. A secret, so there is no flag for it. */
const TOKEN_VARIABLE = 'STOREWIRE_EMULATOR_TOKEN';

type ControlDeps = Pick<Deps, 'env' | 'http' | 'sleep' | 'signal'>;

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The control API of the emulator at `baseUrl`. Throws: `ERR_TRIGGER_EMULATOR_URL` (usage) where that is not a base address,
 * `ERR_EMULATOR_TOKEN` (auth) where the token is missing or refused, `ERR_HTTP_*` and `ERR_TRIGGER_EMULATOR` (remote) where
 * nothing answers as an emulator does, and as usage what the emulator refuses, in its own words.
 */
export function openEmulatorControl(baseUrl: string, timeoutMs: number, deps: ControlDeps): EmulatorControl {
  const base = parseBase(baseUrl);
  const token = deps.env[TOKEN_VARIABLE]?.trim();
  if (!token) throw tokenError(`${TOKEN_VARIABLE} is not set`);
  const call = async (method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<JsonObject> => {
    const answer = await request({
      dispatcher: await deps.http(),
      method,
      url: new URL(`${base}${path}`),
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: stringifyJson(body) }),
      timeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
      sleep: deps.sleep,
      signal: deps.signal,
    });
    return readAnswer(answer, base);
  };
  return {
    readApp: async () => parseApp(await call('GET', '/control/v1/state'), base),
    send: async (order) => parseView(await call('POST', '/control/v1/notifications', order), base),
    setLeafState: async (state) => void (await call('POST', '/control/v1/ocsp', { certificate: 'leaf', state })),
  };
}

/** The token opens everything the emulator has, so it goes nowhere else than to this machine, or over TLS. */
function parseBase(text: string): string {
  const url = parseHttpUrl(text, '--via-emulator', 'ERR_TRIGGER_EMULATOR_URL', EMULATOR_URL_HINT);
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return url.origin;
  throw new ToolError('usage', 'ERR_TRIGGER_EMULATOR_URL', '--via-emulator must be on this machine or use https', {
    hint: EMULATOR_URL_HINT,
  });
}

const EMULATOR_URL_HINT = 'Use the URL that the emulator printed, for example http://127.0.0.1:4290.';

function readAnswer({ status, body }: HttpResponse, base: string): JsonObject {
  const value = parseObject(body);
  if (status === 200 && value !== null) return value;
  const error = value !== null && isJsonObject(value.error) ? value.error : null;
  if (status === 401) throw tokenError(`the emulator at ${base} does not take the token in ${TOKEN_VARIABLE}`);
  if (error === null || status >= 500) throw noEmulator(base, `it answered ${status}`);
  throw new ToolError('usage', String(error.code), `the emulator refused: ${String(error.message)}`, {
    ...(typeof error.hint === 'string' ? { hint: error.hint } : {}),
  });
}

function parseObject(body: Uint8Array): JsonObject | null {
  try {
    const value = parseJson(Buffer.from(body).toString());
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function parseApp({ app }: JsonObject, base: string): { bundleId: string; appAppleId: number } {
  if (isJsonObject(app) && typeof app.bundleId === 'string' && typeof app.appAppleId === 'number') {
    return { bundleId: app.bundleId, appAppleId: app.appAppleId };
  }
  throw noEmulator(base, 'it names no app');
}

function parseView({ signedPayload, attempts, nextAttemptDate }: JsonObject, base: string): EmulatorAttempt {
  const attempt = Array.isArray(attempts) ? attempts.at(-1) : undefined;
  const known = isJsonObject(attempt) ? findSendAttempt(String(attempt.sendAttemptResult)) : undefined;
  if (typeof signedPayload !== 'string' || known === undefined || !isJsonObject(attempt)) {
    throw noEmulator(base, 'it tells of no attempt');
  }
  const { httpStatus, ms, detail, attemptDate } = attempt;
  return {
    signedPayload,
    result: known.value,
    httpStatus: typeof httpStatus === 'number' ? httpStatus : null,
    ms: Number(ms),
    detail: String(detail),
    nextAfterMs: typeof nextAttemptDate === 'number' ? nextAttemptDate - Number(attemptDate) : null,
  };
}

function tokenError(message: string): ToolError {
  return new ToolError('auth', 'ERR_EMULATOR_TOKEN', message, {
    hint: `The emulator prints it when it is ready: export ${TOKEN_VARIABLE}=…`,
  });
}

function noEmulator(base: string, what: string): ToolError {
  return new ToolError('remote', 'ERR_TRIGGER_EMULATOR', `${base} does not answer as an emulator does: ${what}`, {
    hint: 'Start one with storewire emulator, and take the address from its ready block.',
  });
}

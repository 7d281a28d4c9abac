import { completeLocalUrl } from '../../address/local-url.js';
import { parseHttpUrl } from '../../address/parse.js';
import { isLoopback } from '../../address/reach.js';
import type { Deps } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { type HttpResponse, request } from '../../http/request.js';
import { describeJson, isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../jws/json.js';
import { findSendAttempt } from '../../notification/catalogue/send-attempts.js';

/** Client of an emulator's control API. */
export interface EmulatorControl {
  /** App of the emulator. */
  readApp(): Promise<{ readonly bundleId: string; readonly appAppleId: number }>;
  /** Sends a notification; resolves after the first attempt. */
  send(notification: JsonObject): Promise<EmulatorAttempt>;
  /** Sets the OCSP status of the leaf. */
  setLeafState(state: 'good' | 'revoked'): Promise<void>;
}

export interface EmulatorAttempt {
  readonly signedPayload: string;
  /** Apple's `sendAttemptResult`. */
  readonly result: NonNullable<ReturnType<typeof findSendAttempt>>['value'];
  readonly httpStatus: number | null;
  readonly ms: number;
  readonly detail: string;
  /** Delay of the next attempt on the emulator's retry clock, in milliseconds; null if there is none. */
  readonly nextAfterMs: number | null;
}

/** Environment variable of the control token. A secret, so there is no flag. */
export const TOKEN_VARIABLE = 'STOREWIRE_EMULATOR_TOKEN';

type ControlDeps = Pick<Deps, 'http' | 'sleep' | 'signal'>;

/** An emulator to send from. */
export interface EmulatorDestination {
  readonly kind: 'emulator';
  readonly baseUrl: string;
  /** Null if it is not known. */
  readonly token: string | null;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Opens the control API of an emulator. `timeoutMs` is that of the next call. Throws `ERR_TRIGGER_EMULATOR_URL` (usage) for an invalid URL,
 * `ERR_EMULATOR_TOKEN` (auth) if the token is missing or rejected, `ERR_HTTP_*` and `ERR_TRIGGER_EMULATOR` (remote) if
 * no emulator answers, and the emulator's own errors as usage errors.
 */
export function openEmulatorControl(
  { baseUrl, token }: EmulatorDestination,
  timeoutMs: () => number,
  deps: ControlDeps,
): EmulatorControl {
  const base = parseBase(baseUrl);
  if (token === null) throw tokenError(`${TOKEN_VARIABLE} is not set`);
  const call = async (method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<JsonObject> => {
    const answer = await request({
      dispatcher: await deps.http(),
      method,
      url: new URL(`${base}${path}`),
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: stringifyJson(body) }),
      timeoutMs: timeoutMs(),
      maxBodyBytes: MAX_BODY_BYTES,
      sleep: deps.sleep,
      signal: deps.signal,
    });
    return readAnswer(answer, base);
  };
  return {
    readApp: async () => parseApp(await call('GET', '/control/v1/state'), base),
    send: async (notification) => parseView(await call('POST', '/control/v1/notifications', notification), base),
    setLeafState: async (state) => void (await call('POST', '/control/v1/ocsp', { certificate: 'leaf', state })),
  };
}

/** The token grants full control, so it is sent to loopback only, or over TLS. */
function parseBase(text: string): string {
  const url = parseHttpUrl(completeLocalUrl(text), '--via-emulator', 'ERR_TRIGGER_EMULATOR_URL', EMULATOR_URL_HINT);
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
  if (status === 401) throw tokenError(`the emulator at ${base} rejected the control token`);
  if (error === null || status >= 500) throw noEmulator(base, `it answered ${status}`);
  throw new ToolError(
    'usage',
    describeJson(error.code),
    `the emulator rejected the request: ${describeJson(error.message)}`,
    {
      ...(typeof error.hint === 'string' ? { hint: error.hint } : {}),
    },
  );
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
  throw noEmulator(base, 'the response has no app');
}

function parseView({ signedPayload, attempts, nextAttemptDate }: JsonObject, base: string): EmulatorAttempt {
  const attempt = Array.isArray(attempts) ? attempts.at(-1) : undefined;
  const known = isJsonObject(attempt) ? findSendAttempt(describeJson(attempt.sendAttemptResult)) : undefined;
  if (typeof signedPayload !== 'string' || known === undefined || !isJsonObject(attempt)) {
    throw noEmulator(base, 'the response has no attempt');
  }
  const { httpStatus, ms, detail, attemptDate } = attempt;
  const isDated = typeof nextAttemptDate === 'number' && typeof attemptDate === 'number';
  return {
    signedPayload,
    result: known.value,
    httpStatus: typeof httpStatus === 'number' ? httpStatus : null,
    ms: typeof ms === 'number' ? ms : 0,
    detail: describeJson(detail),
    nextAfterMs: isDated ? nextAttemptDate - attemptDate : null,
  };
}

function tokenError(message: string): ToolError {
  return new ToolError('auth', 'ERR_EMULATOR_TOKEN', message, {
    hint: `Run this in the folder of the emulator's project, or export ${TOKEN_VARIABLE}=…, which the emulator prints on start.`,
  });
}

function noEmulator(base: string, defect: string): ToolError {
  return new ToolError('remote', 'ERR_TRIGGER_EMULATOR', `no emulator at ${base}: ${defect}`, {
    hint: 'Start one with storewire emulator; it prints its URL.',
  });
}

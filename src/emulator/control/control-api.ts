import { timingSafeEqual } from 'node:crypto';
import { ToolError } from '../../errors.js';
import { stringifyJson } from '../../jws/json.js';
import { type Answer, bearerToken, type Incoming } from '../http/exchange.js';
import type { CertificateRole, OcspState } from '../ocsp-responder.js';
import type { EmulatorState, NotificationToSend, NotificationView } from '../options.js';
import {
  type ErrorOrder,
  parseErrorOrder,
  parseNotification,
  parseObject,
  parseOcspOrder,
  wholeNumberOf,
} from './requests.js';

export interface ControlOptions {
  readonly controlToken: string;
  readonly send: (notification: NotificationToSend) => Promise<NotificationView>;
  readonly advance: (ms: number) => Promise<void>;
  readonly state: () => EmulatorState;
  readonly orderError: (order: ErrorOrder) => void;
  readonly setOcspState: (role: CertificateRole, state: OcspState) => void;
}

type Action = (incoming: Incoming, options: ControlOptions) => Promise<unknown>;

/** What the emulator can be told while it runs; `METHOD path` to what is done. Errors are `{"error":{code,message,hint}}`. */
const ACTIONS: Readonly<Record<string, Action>> = {
  'POST /control/v1/notifications': ({ body }, { send }) => send(parseNotification(parseObject(body))),
  'POST /control/v1/clock': async ({ body }, { advance, state }) => {
    await advance(wholeNumberOf(parseObject(body), 'advanceMs', 0));
    return state();
  },
  'POST /control/v1/errors': async ({ body }, { orderError }) => {
    const order = parseErrorOrder(parseObject(body));
    orderError(order);
    return order;
  },
  'POST /control/v1/ocsp': async ({ body }, { setOcspState }) => {
    const { role, state } = parseOcspOrder(parseObject(body));
    setOcspState(role, state);
    return { certificate: role, state };
  },
  'GET /control/v1/state': async (_incoming, { state }) => state(),
};

/** The control API: for whoever has the token, since it signs whatever it is given. */
export function createControlApi(options: ControlOptions): (incoming: Incoming) => Promise<Answer> {
  return async (incoming) => {
    if (!isToken(bearerToken(incoming), options.controlToken)) return refuse(401, UNAUTHORIZED);
    const key = `${incoming.method} ${incoming.url.pathname}`;
    const action = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
    if (action === undefined) return refuse(404, NOT_FOUND);
    try {
      return jsonOf(200, await action(incoming, options));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return refuse(CONFLICTS.has(error.code) ? 409 : 400, error);
    }
  };
}

/** The request is right, and the settings of the app do not allow it. */
const CONFLICTS = new Set(['ERR_EMULATOR_NO_URL', 'ERR_EMULATOR_VERSION_1']);

const UNAUTHORIZED = {
  code: 'ERR_EMULATOR_TOKEN',
  message: 'The control token is missing or not of this emulator.',
  hint: 'It is printed when the emulator is ready, as STOREWIRE_EMULATOR_TOKEN.',
};
const NOT_FOUND = { code: 'ERR_EMULATOR_PATH', message: 'There is no such control request.', hint: undefined };

function refuse(status: number, { code, message, hint }: Pick<ToolError, 'code' | 'message' | 'hint'>): Answer {
  return { ...jsonOf(status, { error: { code, message, hint } }), errorCode: code, cause: message };
}

function jsonOf(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: stringifyJson(value) };
}

function isToken(given: string | null, expected: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

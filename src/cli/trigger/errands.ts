import { stringifyJson } from '../../jws/json.js';
import type { Deps } from '../deps.js';
import type { Destination } from './destination.js';
import { sendDirectly } from './direct.js';
import type { EmulatorAttempt, EmulatorControl } from './emulator-control.js';
import { type Made, type Making, makeOrdered } from './made.js';
import type { Order } from './order.js';
import type { Outcome } from './outcome.js';

/** One notification that is to be sent: made already, or by whoever sends it. At most `timeoutMs` are waited for the answer. */
export type Errand = (timeoutMs: number) => Promise<Outcome>;

/** Made here and posted to the destination. */
export async function* directErrands(
  order: Order,
  making: Making,
  destination: Destination,
  deps: Pick<Deps, 'sleep' | 'now' | 'signal'>,
): AsyncGenerator<Errand, void> {
  const route = { destination, environment: order.app.environment };
  for await (const made of makeOrdered(order, making)) {
    yield (timeoutMs) => sendDirectly(made, route, timeoutMs, deps);
  }
}

/** Made here and handed to an emulator, which sends it to the URL that its app is set to. */
export async function* handedErrands(
  order: Order,
  making: Making,
  control: EmulatorControl,
): AsyncGenerator<Errand, void> {
  const { environment } = order.app;
  for await (const made of makeOrdered(order, making)) {
    yield async () => toOutcome(await control.send({ environment, signedPayload: made.signedPayload }), made);
  }
}

/** Made by the emulator, whose certificates name its OCSP responder: online checks can pass. */
export async function* builtErrands(
  event: Event,
  order: Order,
  control: EmulatorControl,
): AsyncGenerator<Errand, void> {
  for (let run = 0; run < order.count; run++) yield () => haveBuilt(event, order, control, null);
}

/** The same, while its responder says that the certificate was revoked: an endpoint that asks must refuse it. */
export async function* revokedErrands(
  event: Event,
  order: Order,
  control: EmulatorControl,
): AsyncGenerator<Errand, void> {
  for (let run = 0; run < order.count; run++) {
    yield async () => {
      await control.setLeafState('revoked');
      try {
        return await haveBuilt(
          event,
          order,
          control,
          'nothing in the payload: the responder says that the leaf is revoked',
        );
      } finally {
        await control.setLeafState('good');
      }
    };
  }
}

type Event = Pick<Made, 'type' | 'subtype'>;

async function haveBuilt(
  { type, subtype }: Event,
  { app, edits }: Order,
  control: EmulatorControl,
  forged: string | null,
): Promise<Outcome> {
  const attempt = await control.send({
    environment: app.environment,
    type,
    ...(subtype === null ? {} : { subtype }),
    ...(app.productId === null ? {} : { productId: app.productId }),
    set: edits.set,
    remove: edits.remove,
  });
  const { signedPayload } = attempt;
  const body = stringifyJson({ signedPayload });
  return toOutcome(attempt, { type, subtype, signedPayload, body, step: null, forged });
}

/** The emulator plays Apple, so what it will do is what Apple would. It keeps the endpoint's answer to itself. */
function toOutcome({ result, httpStatus, ms, detail, nextAfterMs }: EmulatorAttempt, made: Made): Outcome {
  const retry = { retry: nextAfterMs !== null, afterMs: nextAfterMs };
  return { made, target: 'emulator', result, httpStatus, ms, detail, answer: '', retry };
}

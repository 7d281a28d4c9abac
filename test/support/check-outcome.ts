import type { CheckContext } from '../../src/endpoint-check/context.js';
import { checkEndpoint as checkOutside, OUTSIDE_GROUPS } from '../../src/endpoint-check/run.js';
import type { Step } from '../../src/endpoint-check/step.js';
import { checkUrl } from '../../src/endpoint-check/url.js';
import { deliver } from '../../src/sender/deliver.js';

export interface CheckOutcome {
  readonly steps: readonly Step[];
  /** `id` of each step that failed. */
  readonly failed: readonly string[];
  /** `id` of each warning. */
  readonly warned: readonly string[];
  /** What is predicted, of each step that failed. */
  readonly predicted: readonly (string | null)[];
  /** What the emulator's sender reports of a notification sent there. */
  readonly reported: string;
}

/** Looks at an endpoint as `check` does, and lets the emulator's sender try it. */
export async function checkEndpoint(url: URL, world: CheckContext, sent = world): Promise<CheckOutcome> {
  const ofUrl = checkUrl(url.href, null, true);
  const steps = [...ofUrl, ...(await checkOutside(url, new Set(OUTSIDE_GROUPS), ofUrl, world))];
  const of = (status: Step['status']): readonly Step[] => steps.filter((step) => step.status === status);
  const { result } = await deliver({ ...sent, url, body: '{"signedPayload":"a.b.c"}'.padEnd(18_800) });
  return {
    steps,
    failed: of('fail').map(({ id }) => id),
    warned: of('warn').map(({ id }) => id),
    predicted: of('fail').map(({ sendAttemptResult }) => sendAttemptResult),
    reported: result,
  };
}

import type { Deps } from '../cli/deps.js';
import { openTargetDispatchers } from '../cli/forward-options.js';
import { ToolError } from '../errors.js';
import { chooseTargets } from '../forwarding/choose-targets.js';
import { buildDeliveryRecord } from '../forwarding/outcome.js';
import { forwardOnce } from '../forwarding/send.js';
import type { ForwardedNotification, Target } from '../forwarding/target.js';
import type { NotificationSource, OpenedNotification } from '../inspector/sources/source.js';
import type { ReplayReply } from '../inspector/wire.js';
import { openCommandJournal } from '../journal/appender.js';
import type { RunRecord } from '../journal/record.js';
import { stringifyJson } from '../jws/json.js';
import { factsOf } from '../notification/facts.js';
import type { OpenSettings } from '../settings/open.js';
import { openJournalFolder } from './journal.js';

export type InspectorReplayDeps = Pick<
  Deps,
  'now' | 'sleep' | 'random' | 'env' | 'platform' | 'signal' | 'http' | 'cwd' | 'userId'
>;

export interface InspectorReplayOptions {
  readonly source: NotificationSource;
  readonly targets: readonly Target[];
  /** Milliseconds. */
  readonly forwardTimeout: number;
  readonly forwardSynthetic: boolean;
  readonly open: OpenSettings;
}

const RUN_BYTES = 8;

/**
 * Sends one notification of the page again, once, as `replay ID` does: the bytes as received, to one target, recorded as a run of `replay`.
 * Throws (usage) `ERR_INSPECT_TARGET` for an unknown target, `ERR_INSPECT_UNSENDABLE` where there is no whole body, it does not verify
 * although its record says so, or the target must not get it; and the errors of the journal.
 */
export function createInspectorReplay(
  { source, targets, forwardTimeout, forwardSynthetic, open }: InspectorReplayOptions,
  deps: InspectorReplayDeps,
): (id: string, target: string) => Promise<ReplayReply> {
  const { now, sleep, random, env, platform, signal } = deps;
  const http = openTargetDispatchers(deps.http);
  return async (id, name) => {
    const target = targets.find((each) => each.name === name);
    if (target === undefined) throw unknownTarget(targets);
    const notification = notificationOf(id, source.open(id));
    checkTarget(notification, target, forwardSynthetic);
    const run = Buffer.from(random(RUN_BYTES)).toString('hex');
    const journal = await openCommandJournal(openJournalFolder(open, deps), 'replay', deps);
    const note = (state: RunRecord['state'], ids: readonly string[]): Promise<void> =>
      journal.note({ type: 'run', run, atMs: now(), state, ids, targets: [name] });
    try {
      await note('started', [id]);
      const { number, sent } = notification;
      const attempt = await forwardOnce(target, sent, number(name), {
        ...{ http, timeoutMs: forwardTimeout, runId: run, now, sleep, env, platform, signal },
      });
      const recorded = { target: name, attempt: number(name), atMs: now(), final: true, nextAtMs: null, run };
      await journal.note(buildDeliveryRecord(sent, recorded, attempt));
      await note('finished', []);
      const { outcome, httpStatus, ms, detail } = attempt;
      return { target: name, outcome, httpStatus, ms, detail };
    } finally {
      await journal.close();
    }
  };
}

interface SendableNotification {
  readonly sent: ForwardedNotification;
  readonly facts: ReturnType<typeof factsOf>;
  readonly isSynthetic: boolean;
  /** Number of the next attempt for a target. */
  number(target: string): number;
}

function notificationOf(id: string, opened: OpenedNotification | null): SendableNotification {
  if (opened === null || opened.body === null) throw unsendable('its body is not stored');
  const { row, document, body, canBeSent, contentType, variant } = opened;
  if (!canBeSent)
    throw unsendable(row.isRejected ? 'only the start of its body is stored' : 'it is not a notification');
  const verdict = document.verification?.verdict ?? 'undetermined';
  const isReceipt = document.source.startsWith('journal:') && !row.isRejected;
  if (isReceipt && verdict !== 'valid')
    throw unsendable(`it was recorded as verified, but its bytes do not verify now: ${document.verification?.reason}`);
  const facts = factsOf(document);
  const uuid = document.notification?.notificationUUID;
  const deliveries = document.deliveries ?? [];
  return {
    facts,
    // What is not verified goes no further than what the test authority signed.
    isSynthetic: row.isSynthetic || verdict !== 'valid',
    number: (target) =>
      Math.max(0, ...deliveries.filter((each) => each.target === target).map(({ attempt }) => attempt)) + 1,
    sent: {
      id,
      body,
      contentType,
      uuid: typeof uuid === 'string' && uuid !== '' ? uuid : null,
      ...(variant === undefined ? {} : { variant }),
      type: facts.type,
      verdict,
      documentJson: () => `${stringifyJson(document)}\n`,
    },
  };
}

function checkTarget({ facts, isSynthetic }: SendableNotification, target: Target, forwardSynthetic: boolean): void {
  const { send, withheld } = chooseTargets(facts, { synthetic: isSynthetic, forwardSynthetic }, [target]);
  if (send.length > 0) return;
  throw unsendable(withheld[0]?.why ?? `the filter of ${target.name} excludes it`);
}

function unsendable(why: string): ToolError {
  return new ToolError('usage', 'ERR_INSPECT_UNSENDABLE', `this notification cannot be sent: ${why}`);
}

function unknownTarget(targets: readonly Target[]): ToolError {
  const names = targets.map(({ name }) => name).join(', ');
  return new ToolError('usage', 'ERR_INSPECT_TARGET', 'no target has this name', {
    hint:
      targets.length === 0
        ? 'Add one: --forward-to http://localhost:3000/path, or "targets" in .storewire.json.'
        : `Targets of this run: ${names}`,
  });
}

import { blockedBy, type CheckedStep, type StepOutcome, skipped } from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import { KEY_TITLES } from '../../settings/key.js';
import { type Availability, step, unanswered } from './model.js';

/** Settings of a run. */
interface CheckedSettings {
  readonly bundleId: string | null;
  readonly server: Availability<KeyIds>;
  readonly connect: Availability<KeyIds>;
  /** Clock comparison; null without a usable key. */
  readonly clock: ClockComparison | null;
}

export interface KeyIds {
  readonly keyId: string;
  readonly issuerId: string | null;
}

export type ClockComparison =
  | { readonly host: string; readonly aheadMs: number | null }
  | { readonly host: string; readonly error: ToolError };

/** Steps: `settings.bundle-id`, `.server-key`, `.connect-key`, `.clock`. */
export function settingsSteps(found: CheckedSettings): readonly CheckedStep[] {
  const bundleId = step('settings.bundle-id', 'bundle id', judgeBundleId(found));
  return [
    bundleId,
    keyStep('settings.server-key', KEY_TITLES.server, found.server, bundleId),
    keyStep('settings.connect-key', KEY_TITLES.connect, found.connect, bundleId),
    clockStep(found.clock),
  ];
}

function judgeBundleId({ bundleId, server, connect }: CheckedSettings): StepOutcome {
  if (bundleId !== null) return { status: 'pass', seen: bundleId };
  if (!needsBundleId(server) && !needsBundleId(connect)) return skipped('not set (only needed with a key)');
  return {
    status: 'fail',
    seen: 'not set',
    expected: 'the bundle id of the app',
    hint: "Pass --bundle-id com.example.app or set STOREWIRE_BUNDLE_ID: Apple's APIs require it.",
  };
}

function needsBundleId(key: Availability<KeyIds>): boolean {
  return key.state === 'open' || (key.state === 'refused' && key.error.code !== 'ERR_KEY_NOT_SET');
}

function keyStep(id: CheckedStep['id'], title: string, key: Availability<KeyIds>, bundleId: CheckedStep): CheckedStep {
  if (key.state === 'refused' && key.error.code === 'ERR_SETTINGS_BUNDLE_ID_MISSING')
    return step(id, title, skipped(blockedBy(bundleId)));
  if (key.state === 'refused') return unanswered(id, title, key.error);
  if (key.state === 'absent') return step(id, title, skipped(key.why));
  const { keyId, issuerId } = key.value;
  const issuer = issuerId === null ? 'individual key (no issuer)' : `issuer ${issuerId}`;
  return step(id, title, { status: 'pass', seen: `${keyId}, ${issuer}` });
}

/**
 * Tokens are valid from a minute ago to five minutes from now: a clock this far off is worth a warning, as Apple rejects what is from its
 * future by a few seconds already, and with one more than `TOO_FAR_MS` off requests do fail.
 */
const APART_MS = 5_000;

const TOO_FAR_MS = 300_000;

function clockStep(clock: ClockComparison | null): CheckedStep {
  const id = 'settings.clock';
  const title = 'clock of this machine';
  if (clock === null) return step(id, title, skipped('no usable key, so Apple was not queried'));
  if ('error' in clock) return unanswered(id, title, clock.error);
  const { host, aheadMs } = clock;
  if (aheadMs === null) return step(id, title, skipped(`the response from ${host} has no Date header`));
  const apart = Math.abs(aheadMs);
  const seen = describeSkew(aheadMs, host);
  if (apart <= APART_MS) return step(id, title, { status: 'pass', seen });
  return step(id, title, {
    status: apart > TOO_FAR_MS ? 'fail' : 'warn',
    seen,
    expected: 'at most 5 s apart',
    hint: 'Set the clock of this machine (NTP): Apple rejects tokens that are expired or issued in the future.',
  });
}

function describeSkew(aheadMs: number, host: string): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds <= 2) return `in sync with ${host}`;
  const span = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
  return `${span} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${host}`;
}

import { blockedBy, type CheckedStep, type StepOutcome, skipped } from '../../endpoint-check/step.js';
import type { ToolError } from '../../errors.js';
import { KEY_TITLES } from '../../settings/key.js';
import { type Availability, step, unanswered } from './model.js';

/** What the settings of a run came to. */
interface SettingsFound {
  readonly bundleId: string | null;
  readonly server: Availability<KeyShown>;
  readonly connect: Availability<KeyShown>;
  /** What came of comparing the clocks; null where there was nobody to ask. */
  readonly clock: ClockFound | null;
}

export interface KeyShown {
  readonly keyId: string;
  readonly issuerId: string | null;
}

export type ClockFound =
  | { readonly host: string; readonly aheadMs: number | null }
  | { readonly host: string; readonly error: ToolError };

/** Steps: `settings.bundle-id`, `.server-key`, `.connect-key`, `.clock`. */
export function settingsSteps(found: SettingsFound): readonly CheckedStep[] {
  const bundleId = step('settings.bundle-id', 'bundle id', judgeBundleId(found));
  return [
    bundleId,
    keyStep('settings.server-key', KEY_TITLES.server, found.server, bundleId),
    keyStep('settings.connect-key', KEY_TITLES.connect, found.connect, bundleId),
    clockStep(found.clock),
  ];
}

function judgeBundleId({ bundleId, server, connect }: SettingsFound): StepOutcome {
  if (bundleId !== null) return { status: 'pass', seen: bundleId };
  if (!needsBundleId(server) && !needsBundleId(connect)) return skipped('not set, and no key that needs it');
  return {
    status: 'fail',
    seen: 'not set',
    expected: 'the bundle id of the app',
    hint: 'Give --bundle-id com.example.app, or set STOREWIRE_BUNDLE_ID: without it Apple cannot be asked.',
  };
}

function needsBundleId(key: Availability<KeyShown>): boolean {
  return key.state === 'open' || (key.state === 'refused' && key.error.code !== 'ERR_KEY_NOT_SET');
}

function keyStep(
  id: CheckedStep['id'],
  title: string,
  key: Availability<KeyShown>,
  bundleId: CheckedStep,
): CheckedStep {
  if (key.state === 'refused' && key.error.code === 'ERR_SETTINGS_BUNDLE_ID_MISSING')
    return step(id, title, skipped(blockedBy(bundleId)));
  if (key.state === 'refused') return unanswered(id, title, key.error);
  if (key.state === 'absent') return step(id, title, skipped(key.why));
  const { keyId, issuerId } = key.value;
  const issuer = issuerId === null ? 'an individual key, which has no issuer' : `issuer ${issuerId}`;
  return step(id, title, { status: 'pass', seen: `${keyId}, ${issuer}` });
}

/** A token counts for minutes from now, so that a clock this far off will not do for long; further off it does not do at all. */
const APART_MS = 60_000;

const TOO_FAR_MS = 300_000;

function clockStep(clock: ClockFound | null): CheckedStep {
  const id = 'settings.clock';
  const title = "this machine's clock";
  if (clock === null) return step(id, title, skipped('there is no key to use, so Apple is not asked for the time'));
  if ('error' in clock) return unanswered(id, title, clock.error);
  const { host, aheadMs } = clock;
  if (aheadMs === null) return step(id, title, skipped(`the answer of ${host} has no date`));
  const apart = Math.abs(aheadMs);
  const seen = describeSkew(aheadMs, host);
  if (apart <= APART_MS) return step(id, title, { status: 'pass', seen });
  return step(id, title, {
    status: apart > TOO_FAR_MS ? 'fail' : 'warn',
    seen,
    expected: 'less than a minute apart',
    hint: 'Set the clock of this machine (NTP): Apple refuses tokens that were made in its future or past.',
  });
}

function describeSkew(aheadMs: number, host: string): string {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds <= 2) return `as ${host} has it`;
  const span = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} minutes`;
  return `${span} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${host}`;
}

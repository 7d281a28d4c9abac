import { DEFAULT_APP } from '../simulator/payloads/app.js';
import type { EmulatorOptions } from './options.js';

const DAY_MS = 86_400_000;

const DEFAULTS = {
  host: '127.0.0.1',
  port: 0,
  bundleId: DEFAULT_APP.bundleId,
  appAppleId: DEFAULT_APP.appAppleId,
  timeScale: 1,
  step: false,
  unreleased: false,
  pendingMs: 1_000,
  deliveryTimeoutMs: 30_000,
  pageTokenMs: DAY_MS,
  ca: [],
} as const satisfies Partial<EmulatorOptions>;

/** Options with what was left out filled in. */
export type CompleteOptions = EmulatorOptions & {
  readonly [Key in keyof typeof DEFAULTS]-?: NonNullable<EmulatorOptions[Key]>;
};

export function completeOptions(given: EmulatorOptions): CompleteOptions {
  return { ...DEFAULTS, ...given };
}

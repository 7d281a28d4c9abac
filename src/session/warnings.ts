import type { ChalkInstance } from 'chalk';
import type { SettingsWarning } from '../settings/setting.js';
import { escapeText } from '../terminal/escape.js';

/** Each warning on a line of its own, for stderr; empty where there are none. */
export function describeWarnings(warnings: readonly SettingsWarning[], paint: ChalkInstance): string {
  return warnings.map(({ message }) => `${paint.yellow('warning:')} ${escapeText(message)}\n`).join('');
}

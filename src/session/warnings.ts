import type { SettingsWarning } from '../settings/setting.js';
import { escapeText } from '../terminal/escape.js';
import { layMessage, type View } from '../terminal/layout.js';

/** Warnings for stderr, each on lines of its own, wrapped at the terminal's width; empty where there are none. */
export function describeWarnings(
  warnings: readonly (Pick<SettingsWarning, 'message'> & Partial<SettingsWarning>)[],
  view: Pick<View, 'paint' | 'columns'>,
): string {
  const { paint, columns } = view;
  return warnings
    .flatMap(({ message }) => layMessage('warning:', paint.yellow, escapeText(message), columns))
    .map((line) => `${line}\n`)
    .join('');
}

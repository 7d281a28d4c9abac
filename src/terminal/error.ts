import type { ToolError } from '../errors.js';
import { escapeText } from './escape.js';
import { toJsonLine } from './json.js';
import { layMessage, type View } from './layout.js';

/** An error for people: the failure, and below it the next thing to type. Wrapped at the terminal's width; ends in a newline. */
export function describeError(
  { message, hint }: Pick<ToolError, 'message' | 'hint'>,
  view: Pick<View, 'paint' | 'columns'>,
): string {
  const { paint, columns } = view;
  const lines = layMessage('error:', paint.red.bold, escapeText(message), columns);
  if (hint !== undefined) lines.push(...layMessage('  hint:', paint.dim, escapeText(hint), columns));
  return `${lines.join('\n')}\n`;
}

/** The same for programs: `{"error":{"code","message","hint"}}`, one line. */
export function errorToJson({ code, message, hint }: Pick<ToolError, 'code' | 'message' | 'hint'>): string {
  return toJsonLine({ error: { code, message, hint } });
}

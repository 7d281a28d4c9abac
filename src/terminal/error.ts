import type { ChalkInstance } from 'chalk';
import type { ToolError } from '../errors.js';
import { escapeText } from './escape.js';
import { toJsonLine } from './json.js';

/** An error for people: what failed, and below it the next thing to type. Ends in a newline. */
export function describeError(error: ToolError, paint: ChalkInstance): string {
  const message = `${paint.red.bold('error:')} ${escapeText(error.message)}\n`;
  return error.hint === undefined ? message : `${message}  ${paint.dim('hint:')} ${escapeText(error.hint)}\n`;
}

/** The same for programs: `{"error":{"code","message","hint"}}`, one line. */
export function errorToJson({ code, message, hint }: ToolError): string {
  return toJsonLine({ error: { code, message, hint } });
}

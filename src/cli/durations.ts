import { InvalidArgumentError } from 'commander';
import { ToolError } from '../errors.js';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Ten years: more is a slip, and stays well inside exact integers. */
const MAX_MS = 3_650 * UNIT_MS.d;

/**
 * `500ms`, `30s`, `5m`, `2h`, `7d` to milliseconds; decimals such as `1.5h` count. A unit is needed, because tools differ in what a
 * bare number means. Throws `ERR_USAGE_DURATION`; `what` names the field in its message.
 */
export function parseDuration(text: string, what = 'the duration'): number {
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)?$/.exec(text.trim());
  const [, count, unit] = match ?? [];
  if (count === undefined) throw durationError(`${what} "${shown(text)}" is not a duration`, EXAMPLES);
  if (unit === undefined)
    throw durationError(`${what} "${count}" has no unit`, `Write ${count}s for seconds. ${EXAMPLES}`);
  const ms = Math.round(Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  if (ms > MAX_MS) throw durationError(`${what} "${shown(text)}" is longer than ten years`, EXAMPLES);
  return ms;
}

/** {@link parseDuration} for commander, which puts the flag and what was given in front: `.option('--timeout <duration>', '…', durationOption)`. */
export function durationOption(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw error instanceof ToolError ? new InvalidArgumentError(error.hint ?? error.message) : error;
  }
}

const EXAMPLES = 'Durations are written 500ms, 30s, 5m, 2h or 7d.';

function durationError(message: string, hint: string): ToolError {
  return new ToolError('usage', 'ERR_USAGE_DURATION', message, { hint });
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

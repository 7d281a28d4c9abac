import type { Command } from 'commander';
import { isValidUrl } from '../address/valid-url.js';
import { ToolError } from '../errors.js';
import { InvalidArgumentError } from './flags.js';

/** Columns of a narrow terminal: help is wrapped there. */
export const HELP_WIDTH = 80;

export type Example = readonly [line: string, shows: string];

const EXAMPLES_OF = new WeakMap<Command, readonly Example[]>();

/** Examples at the top of a command's help: side by side with their explanation where all fit, else one below the other. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES_OF.set(command, examples);
  const width = Math.max(...examples.map(([line]) => line.length));
  const beside = examples.map(([line, shows]) => `  ${line.padEnd(width)}  ${shows}`);
  const below = examples.map(([line, shows]) => `  ${line}\n      ${shows}`);
  const lines = beside.every((line) => line.length <= HELP_WIDTH) ? beside : below;
  return command.addHelpText('before', `Examples:\n${lines.join('\n')}\n`);
}

/** The examples of a command; empty where it has none. */
export function examplesOf(command: Command): readonly Example[] {
  return EXAMPLES_OF.get(command) ?? [];
}

/** A whole number of at least `least`; commander names the flag and quotes the value. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

const MAX_PORT = 65_535;

/** A port, or 0 for any free one. */
export function portOption(text: string): number {
  const port = wholeNumber(0)(text);
  if (port <= MAX_PORT) return port;
  throw new InvalidArgumentError(`It must be at most ${MAX_PORT}.`);
}

/** An address to listen on; IPv6 may be in brackets, as in a URL. Node takes an empty one for every address of the machine. */
export function hostOption(text: string): string {
  const host = /^[^[].*:/.test(text) ? `[${text}]` : text;
  if (/^[^/?#@\s]+$/.test(text) && isValidUrl(`http://${host}/`)) return text.replace(/^\[(.*)]$/, '$1');
  // Node listens on fe80::1%eth0, but no URL can name it.
  const without = /:.*%/.test(text) ? 'zone' : 'port';
  throw new InvalidArgumentError(
    `It must be an address of this machine, without a ${without}: 127.0.0.1, ::1 or 0.0.0.0.`,
  );
}

/** A moment as ISO 8601 with a zone, or milliseconds since the epoch (13 digits), to milliseconds. */
export function parseMoment(text: string): number {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : isExistingDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    const seconds = /^\d{9,11}$/.test(text) ? ` These look like seconds: ${text}000 is the same in milliseconds.` : '';
    throw new InvalidArgumentError(
      `Write it as 2022-03-04T12:00:00Z, 2022-03-04, or milliseconds since 1970.${seconds}`,
    );
  }
  return ms;
}

/** True for ISO 8601 whose day is in the calendar: Date.parse turns 30 February into 1 March. */
function isExistingDay(text: string): boolean {
  const day = ISO_8601.test(text) ? text.slice(0, DAY_LENGTH) : '';
  const ms = Date.parse(day);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
}

const DAY_LENGTH = '2022-03-04'.length;

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/** `--environment sandbox|production` in any letter case, to Apple's spelling. */
export function parseEnvironment(text: string): 'Sandbox' | 'Production' {
  const found = ENVIRONMENTS.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError('It is sandbox or production.');
  return found;
}

const ENVIRONMENTS = ['Sandbox', 'Production'] as const;

/** `--environment sandbox|production|both` in any letter case, for commands that take both at once. */
export function parseEnvironments(text: string): 'sandbox' | 'production' | 'both' {
  const name = text.toLowerCase();
  if (name === 'sandbox' || name === 'production' || name === 'both') return name;
  throw new InvalidArgumentError('It is sandbox, production or both.');
}

/** Option parser for a repeatable flag. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

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

/** A moment, or a duration before now; both in milliseconds. */
export type Since = { readonly atMs: number } | { readonly agoMs: number };

/** The moment in milliseconds. */
export function momentOf(since: Since, nowMs: number): number {
  return 'atMs' in since ? since.atMs : nowMs - since.agoMs;
}

/** `7d`, or `2026-03-04T12:00:00Z`; commander names the flag and what was given. */
export function parseSince(text: string): Since {
  return /^[\d.]+ ?[a-z]+$/i.test(text.trim()) ? { agoMs: durationOption(text) } : { atMs: parseMoment(text) };
}

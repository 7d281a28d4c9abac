import { type Command, InvalidArgumentError, Option } from 'commander';

/** What fits everywhere, and what help is wrapped at. */
export const HELP_WIDTH = 80;

/** Help opens with these: what to type, and what it shows; side by side where all fit, else one below the other. */
export function withExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const beside = examples.map(([line, shows]) => `  ${line.padEnd(width)}  ${shows}`);
  const below = examples.map(([line, shows]) => `  ${line}\n      ${shows}`);
  const lines = beside.every((line) => line.length <= HELP_WIDTH) ? beside : below;
  return command.addHelpText('before', `Examples:\n${lines.join('\n')}\n`);
}

export function colourOption(): Option {
  return new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto');
}

/** A whole number of at least `least`; commander names the flag and quotes the value. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };
}

/** A moment as ISO 8601 with a zone, or milliseconds since the epoch (13 digits), to milliseconds. */
export function parseMoment(text: string): number {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Write it as 2022-03-04T12:00:00Z, 2022-03-04, or milliseconds since 1970.');
  return ms;
}

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/;

/** `--environment sandbox|production` in any letter case, to Apple's spelling. */
export function parseEnvironment(text: string): 'Sandbox' | 'Production' {
  const found = ENVIRONMENTS.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError('It is sandbox or production.');
  return found;
}

const ENVIRONMENTS = ['Sandbox', 'Production'] as const;

/** For flags that may be given more than once. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

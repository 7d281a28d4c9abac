import { lstatSync, readFileSync } from 'node:fs';
import type { EmulatorReadyEvent } from '../../emulator/events.js';
import { ToolError } from '../../errors.js';
import { emulatorVariables } from '../../session/through-emulator.js';
import { replaceFile } from '../../settings/replace-file.js';
import type { Random } from '../../simulator/random.js';

/**
 * Quotes for POSIX shells, where needed, so that Node reads the same with `--env-file`: single quotes, or double ones around a text with
 * single quotes. What neither can hold for both is quoted for the shell.
 */
export function quoteForShell(text: string): string {
  if (/^[A-Za-z0-9_./:@%+=-]+$/.test(text)) return text;
  if (text.includes("'") && !/["$`\\!\n]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Writes the variables as `export` lines, for `. FILE` in another shell, with or without `set -a`, and for `node --env-file`. The file
 * holds the control token, so its mode is 0600; it is replaced atomically. Throws `ERR_EMULATOR_ENV_FILE` (usage), also where it would
 * replace anything but an earlier one, such as the `.env` of the project.
 */
export function writeEnvFile(path: string, ready: EmulatorReadyEvent, random: Random): void {
  const lines = Object.entries(emulatorVariables(ready)).map(
    ([name, value]) => `export ${name}=${quoteForShell(value)}\n`,
  );
  const obstacle = obstacleOf(path);
  if (obstacle !== null)
    throw new ToolError('usage', 'ERR_EMULATOR_ENV_FILE', `cannot write the variables to ${path}: ${obstacle}`, {
      hint: 'Pass --env-file with a path of its own.',
    });
  try {
    replaceFile(path, lines.join(''), Buffer.from(random(4)).toString('hex'));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ToolError('usage', 'ERR_EMULATOR_ENV_FILE', `cannot write the variables to ${path}: ${reason}`, {
      hint: 'Pass --env-file with a path that you can write.',
      cause,
    });
  }
}

/** Longer than any of ours. */
const MAX_BYTES = 65_536;

/** Why a file must not be replaced; null where it may be. */
function obstacleOf(path: string): string | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    if (!stats.isFile()) return 'it is no regular file';
    const isOurs = stats.size <= MAX_BYTES && /^(?:export STOREWIRE_[^\n]*\n)*$/.test(readFileSync(path, 'utf8'));
    return isOurs ? null : 'it holds something else';
  } catch (error) {
    // Writing it says why.
    if ((error as NodeJS.ErrnoException).code !== undefined) return null;
    throw error;
  }
}

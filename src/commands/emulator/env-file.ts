import type { EmulatorReadyEvent } from '../../emulator/events.js';
import { ToolError } from '../../errors.js';
import { replaceFile } from '../../settings/replace-file.js';
import type { Random } from '../../simulator/random.js';

/** Environment variables of a client of the emulator. */
export function variablesOf(ready: EmulatorReadyEvent): Readonly<Record<string, string>> {
  return {
    STOREWIRE_SERVER_API_SANDBOX_URL: ready.serverApi.sandbox,
    STOREWIRE_SERVER_API_PRODUCTION_URL: ready.serverApi.production,
    STOREWIRE_CONNECT_API_URL: ready.connectApi,
    STOREWIRE_BUNDLE_ID: ready.bundleId,
    STOREWIRE_APP_APPLE_ID: String(ready.appAppleId),
    STOREWIRE_ISSUER_ID: ready.issuerId,
    STOREWIRE_KEY_ID: ready.keyId,
    STOREWIRE_PRIVATE_KEY_PATH: ready.privateKeyPath,
    STOREWIRE_CONNECT_ISSUER_ID: ready.connect.issuerId,
    STOREWIRE_CONNECT_KEY_ID: ready.connect.keyId,
    STOREWIRE_CONNECT_PRIVATE_KEY_PATH: ready.connect.privateKeyPath,
    STOREWIRE_ROOT: ready.rootPath,
    STOREWIRE_EMULATOR_TOKEN: ready.controlToken,
  };
}

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
 * holds the control token, so its mode is 0600; it is replaced atomically. Throws `ERR_EMULATOR_ENV_FILE` (usage).
 */
export function writeEnvFile(path: string, ready: EmulatorReadyEvent, random: Random): void {
  const lines = Object.entries(variablesOf(ready)).map(([name, value]) => `export ${name}=${quoteForShell(value)}\n`);
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

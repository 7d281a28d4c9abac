import { completeLocalUrl } from '../../address/local-url.js';
import { isLoopback } from '../../address/reach.js';
import { isValidUrl } from '../../address/valid-url.js';
import type { Deps, OutputStream } from '../../cli/deps.js';
import { ToolError } from '../../errors.js';
import { findJournalFolder } from '../../session/journal.js';
import { findRunningEmulator, readRecordedEmulator } from '../../session/running-emulator.js';
import { findListener, type RunningListener } from '../../session/running-listener.js';
import { describeWarnings } from '../../session/warnings.js';
import type { OpenSettings } from '../../settings/open.js';
import { type EmulatorDestination, TOKEN_VARIABLE } from './emulator-client.js';
import { type OutputMode, parseDestination } from './output-mode.js';

const HINT = 'Pass --to URL, or start one in another terminal: storewire listen --trust-authority';

/**
 * The running `listen` of the project, for a run without a destination; says on stderr which one it is. Throws (usage) `ERR_TRIGGER_WHERE`
 * if none is running, and the errors of `findJournalFolder`.
 */
export async function findDestination(
  open: OpenSettings,
  deps: Pick<Deps, 'stderr' | 'cwd' | 'userId' | 'isRunning'>,
): Promise<Extract<OutputMode, { kind: 'to' }>> {
  const folder = findJournalFolder(open, deps);
  const found = folder === null ? null : await findListener(folder, deps);
  if (found === null) {
    throw noDestination('no storewire listen is running in this project');
  }
  const { listener } = found;
  if (found.state === 'gone') {
    throw noDestination(`the last storewire listen (process ${listener.processId}) is no longer running`);
  }
  deps.stderr.write(describeFound(listener, deps.stderr));
  return { kind: 'to', destination: parseDestination(listener.url) };
}

/**
 * The emulator at `baseUrl`, or the running one of the project. Its control token comes from the environment, or from the record of the
 * project's emulator, so that no variable has to be exported. Throws the errors of `findRunningEmulator`.
 */
export async function findEmulatorDestination(
  baseUrl: string | null,
  open: OpenSettings,
  deps: Pick<Deps, 'env' | 'cwd' | 'userId' | 'random' | 'http' | 'sleep' | 'signal'>,
): Promise<EmulatorDestination> {
  const exported = deps.env[TOKEN_VARIABLE]?.trim() || null;
  if (baseUrl !== null && exported !== null) return { kind: 'emulator', baseUrl, token: exported };
  if (baseUrl !== null && !isSameAddress(baseUrl, readRecordedEmulator(open, deps)?.url)) {
    return { kind: 'emulator', baseUrl, token: null };
  }
  const { url, controlToken } = await findRunningEmulator(open, deps);
  return { kind: 'emulator', baseUrl: url, token: controlToken };
}

/** True for two names of one port of this machine. */
function isSameAddress(given: string, recorded: string | undefined): boolean {
  const text = completeLocalUrl(given);
  if (recorded === undefined || !isValidUrl(text)) return false;
  const { hostname, port, protocol } = new URL(text);
  return protocol === 'http:' && isLoopback(hostname) && port === new URL(recorded).port;
}

function noDestination(why: string): ToolError {
  return new ToolError('usage', 'ERR_TRIGGER_WHERE', `no destination given, and ${why}`, { hint: HINT });
}

/** The URL follows as the target of the run. */
function describeFound({ processId, trustsTrigger }: RunningListener, stderr: OutputStream): string {
  const line = `Sending to the storewire listen of this project (process ${processId}).\n`;
  return trustsTrigger ? line : line + describeWarnings([{ message: UNTRUSTED }], stderr);
}

const UNTRUSTED =
  'it does not trust the test authority and rejects what trigger signs: restart it with --trust-authority';

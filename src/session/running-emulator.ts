import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopback } from '../address/reach.js';
import { isValidUrl } from '../address/valid-url.js';
import type { Deps } from '../cli/deps.js';
import type { EmulatorAddresses } from '../emulator/events.js';
import { HEALTH_PATH, healthProof } from '../emulator/health.js';
import { ToolError } from '../errors.js';
import { request } from '../http/request.js';
import { parseJsonObject } from '../jws/json.js';
import type { OpenSettings } from '../settings/open.js';
import { replaceFile } from '../settings/replace-file.js';
import { ensureStateFolder, findStateFolder } from '../settings/state-folder.js';

/** Beside the keys of the emulator, in the state folder. It holds the control token: mode 0600. */
const RECORD_FILE = join('emulator', 'running.json');

const SUFFIX_BYTES = 4;

/** Records a running emulator, so that other commands of the same project find it. Throws system errors. */
export function recordEmulator(
  stateFolder: string,
  emulator: EmulatorAddresses,
  { random }: Pick<Deps, 'random'>,
): void {
  const record = { ...emulator, folder: nameOf(stateFolder) };
  const suffix = Buffer.from(random(SUFFIX_BYTES)).toString('hex');
  replaceFile(join(stateFolder, RECORD_FILE), `${JSON.stringify(record)}\n`, suffix);
}

/** Removes the record of an emulator that stops; not that of another one, which was started later. */
export function forgetEmulator(stateFolder: string, { url }: Pick<EmulatorAddresses, 'url'>): void {
  if (readRecord(stateFolder, -1)?.url === url) rmSync(join(stateFolder, RECORD_FILE), { force: true });
}

type FindDeps = Pick<Deps, 'cwd' | 'userId' | 'random' | 'http' | 'sleep' | 'signal'>;

/**
 * The recorded emulator of the project, without asking it; null without one, and for a record that this machine's `emulator` has not
 * written, such as one from a clone. Throws usage errors `ERR_STATE_*`.
 */
export function readRecordedEmulator(
  { files }: Pick<OpenSettings, 'files'>,
  { cwd, userId }: Pick<Deps, 'cwd' | 'userId'>,
): EmulatorAddresses | null {
  const state = findStateFolder(cwd, files.project?.folder ?? null, userId);
  return state.exists ? readRecord(ensureStateFolder(state, userId), userId) : null;
}

/**
 * The running emulator of the project, with its keys and its control token. It proves that it is the recorded one before the token is
 * used. Throws (usage) `ERR_EMULATOR_NOT_RUNNING` and `ERR_STATE_*`, and `ERR_INTERRUPTED`.
 */
export async function findRunningEmulator(
  open: Pick<OpenSettings, 'files'>,
  deps: FindDeps,
): Promise<EmulatorAddresses> {
  const recorded = readRecordedEmulator(open, deps);
  if (recorded === null) throw notRunning('no storewire emulator is running in this project');
  if (await isItself(recorded, deps)) return recorded;
  throw notRunning(`the storewire emulator at ${recorded.url} is no longer running`);
}

const PROBE_MS = 2_000;

const MAX_PROBE_BYTES = 4_096;

async function isItself({ url, controlToken }: EmulatorAddresses, deps: FindDeps): Promise<boolean> {
  const challenge = Buffer.from(deps.random(16)).toString('hex');
  try {
    const { status, body } = await request({
      dispatcher: await deps.http(),
      method: 'GET',
      url: new URL(`${HEALTH_PATH}?challenge=${challenge}`, url),
      timeoutMs: PROBE_MS,
      maxBodyBytes: MAX_PROBE_BYTES,
      sleep: deps.sleep,
      signal: deps.signal,
    });
    return status === 200 && parseJsonObject(body)?.proof === healthProof(controlToken, challenge);
  } catch (error) {
    if (error instanceof ToolError && error.kind === 'remote') return false;
    throw error;
  }
}

function notRunning(message: string): ToolError {
  return new ToolError('usage', 'ERR_EMULATOR_NOT_RUNNING', message, {
    hint: 'Start one in another terminal: storewire emulator --sandbox-url URL',
  });
}

function readRecord(stateFolder: string, userId: number): EmulatorAddresses | null {
  const path = join(stateFolder, RECORD_FILE);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile() || (userId !== -1 && stats.uid !== userId)) return null;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as EmulatorAddresses & { folder?: unknown };
    const { folder, ...addresses } = record;
    return folder === nameOf(stateFolder) && isComplete(addresses) ? addresses : null;
  } catch (error) {
    // Removed meanwhile, or not JSON.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isComplete({ url, serverApi, connectApi, controlToken, connect, ...own }: EmulatorAddresses): boolean {
  const urls = [url, serverApi?.sandbox, serverApi?.production, connectApi];
  const keys = [own, connect].flatMap((key) => [key?.issuerId, key?.keyId, key?.privateKeyPath]);
  const texts = [...urls, ...keys, controlToken, own.bundleId, own.rootPath];
  return texts.every((text) => typeof text === 'string') && urls.every(isLocal);
}

function isLocal(url: string): boolean {
  return isValidUrl(url) && isLoopback(new URL(url).hostname);
}

/** The inode of the folder: a clone cannot know it in advance. */
function nameOf(folder: string): string {
  return String(lstatSync(folder, { bigint: true }).ino);
}

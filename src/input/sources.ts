import {
  closeSync,
  createReadStream,
  type Dirent,
  openSync,
  read,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';

/** One thing to read, found out before anything is read. */
export type Input =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'stdin' }
  | { readonly type: 'paste' }
  /** `size` is null where it is no regular file. */
  | { readonly type: 'file'; readonly name: string; readonly path: string; readonly size: number | null }
  | { readonly type: 'folder'; readonly name: string; readonly files: readonly FilePlace[] };

export type InputDeps = Pick<Deps, 'stdin' | 'cwd'>;

/**
 * What each input is: `-`, a file, a directory, or a payload given literally; without any, standard input or a paste. Throws
 * `ERR_INPUT_EMPTY`, `ERR_INPUT_NOT_FOUND`, `ERR_INPUT_UNREADABLE`, and `ERR_INPUT_NO_PAYLOAD` for a directory without files.
 */
export function findInputs(inputs: readonly string[], deps: InputDeps): Input[] {
  const given = inputs.length === 0 ? ['-'] : inputs;
  if (given.filter((input) => input === '-').length > 1) throw stdinTwice();
  return given.map((input) => findInput(input, deps));
}

function findInput(input: string, { stdin, cwd }: InputDeps): Input {
  if (input === '-') return { type: stdin.isTty ? 'paste' : 'stdin' };
  if (input.trim() === '') throw emptyArgument();
  const place = path.resolve(cwd, input);
  const stats = statIfThere(input, place);
  if (stats === null) {
    if (looksLikePayload(input)) return { type: 'literal', text: input };
    throw notFound(input);
  }
  if (stats.isDirectory()) return findFolder(input, place);
  return { type: 'file', name: input, path: place, size: stats.isFile() ? stats.size : null };
}

function findFolder(name: string, place: string): Input {
  const files = listFolder(name, place);
  if (files.length === 0) throw emptyFolder(name);
  return { type: 'folder', name, files };
}

/** What the system says about a name that cannot be one of a file. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];

/** No system takes a longer path. */
const LONGEST_PATH = 32_768;

function statIfThere(input: string, place: string): Stats | null {
  if (input.length > LONGEST_PATH) return null;
  try {
    return statSync(place);
  } catch (error) {
    if (NO_FILE.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw unreadable(input, error);
  }
}

function emptyArgument(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_EMPTY', 'the argument is empty', {
    hint: 'If it came from a variable or a command, that gave nothing. To read standard input, pass -',
  });
}

function stdinTwice(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_STDIN_TWICE', 'standard input can be read once', { hint: 'Pass - once.' });
}

/** A long argument is shown in part: it may be a damaged payload, which is nobody else's business. */
const SHOWN_CHARACTERS = 80;

function notFound(input: string): ToolError {
  const name = input.length > SHOWN_CHARACTERS ? `${input.slice(0, SHOWN_CHARACTERS)}…` : input;
  return new ToolError('usage', 'ERR_INPUT_NOT_FOUND', `there is no file ${name}, and it is no payload either`, {
    hint: 'Check the path. A payload begins with eyJ, a JSON body with {; put quotes around it in the shell.',
  });
}

export function emptyFolder(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_NO_PAYLOAD', `there is nothing to read in ${name}`, {
    hint: 'Directories are searched for text files; hidden files and node_modules are left out.',
  });
}

/** A file as it is called in messages, and where it is. */
export interface FilePlace {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Every file below a directory, sorted, without dot files and `node_modules`. Links to files are followed, links to directories are not:
 * they may lead in a circle. Throws `ERR_INPUT_UNREADABLE`.
 */
function listFolder(name: string, folder: string): FilePlace[] {
  return readEntries(name, folder).flatMap((entry) => {
    const place = { name: `${name.replace(/[\\/]+$/, '')}/${entry.name}`, path: path.join(folder, entry.name) };
    return entry.isDirectory() ? listFolder(place.name, place.path) : listFile(place, entry);
  });
}

function readEntries(name: string, folder: string): Dirent[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const visible = entries.filter((entry) => !entry.name.startsWith('.') && entry.name !== 'node_modules');
    return visible.sort((one, other) => (one.name < other.name ? -1 : 1));
  } catch (error) {
    throw unreadable(name, error);
  }
}

/** A link that leads nowhere is passed; nobody named it. */
function listFile(place: Omit<FilePlace, 'size'>, entry: Dirent): FilePlace[] {
  if (!entry.isFile() && !entry.isSymbolicLink()) return [];
  const stats = statOrNothing(place, entry.isSymbolicLink());
  return stats?.isFile() === true ? [{ ...place, size: stats.size }] : [];
}

function statOrNothing({ name, path: file }: Omit<FilePlace, 'size'>, isLink: boolean): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if (isLink) return undefined;
    throw unreadable(name, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is no longer there',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
};

/** `ERR_INPUT_UNREADABLE` for what is there and cannot be read. */
function unreadable(name: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new ToolError('usage', 'ERR_INPUT_UNREADABLE', `cannot read ${name}: ${REASONS[code] ?? code}`, {
    hint: 'Check who owns it and who may read it, or pipe its content in: … | storewire decode -',
    cause,
  });
}

const CHUNK_BYTES = 512 * 1024;

const readAsync = promisify(read);

interface ReadPlace {
  readonly name: string;
  readonly path: string;
  /** null where it is no regular file: a pipe or a device gives what it has when it has it. */
  readonly size: number | null;
}

/** The bytes of a file. A chunk is good until the next one is asked for. Throws `ERR_INPUT_UNREADABLE`; ends when `signal` aborts. */
export async function* readChunks(place: ReadPlace, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* isKnown(place.size) ? readRegular(place.path, place.size, signal) : readPipe(place.path, signal);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(place.name, error);
  }
}

/** Files that the system makes up as they are read (/proc) say that they are empty. */
function isKnown(size: number | null): size is number {
  return size !== null && size > 0;
}

/** The first chunk at once, since most files have one and a thread pool takes its time to start; the rest without blocking this thread. */
async function* readRegular(path: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
    let count = readSync(file, buffer);
    while (count > 0 && !signal.aborted) {
      yield buffer.subarray(0, count);
      // A regular file gives less than was asked for at its end only.
      if (count < buffer.length) return;
      count = (await readAsync(file, buffer, 0, buffer.length, null)).bytesRead;
    }
  } finally {
    closeSync(file);
  }
}

async function* readPipe(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stop = (): void => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Whether an argument that no file is called by is a payload, and not a file that is missing. Whether it is a good one is not asked. */
export function looksLikePayload(argument: string): boolean {
  const text = withoutWrapping(argument);
  if (BEGINS_A_PAYLOAD.test(text) || text.includes('\n') || hasToken(text)) return true;
  if (/^[{[]/.test(text)) return !FILE_NAME.test(text);
  return isPayloadWord(text);
}

/** Key material is told by name once it is looked at. */
const BEGINS_A_PAYLOAD = /^(?:eyJ|-----BEGIN|(?:authorization:\s*)?bearer\s)/i;

const FILE_NAME = /\.(?:[a-z]{1,5}|7z|bz2|mp[34]|p8|p12)$/i;

const DATA_FILE =
  /\.(?:json|jsonl|ndjson|jws|jwt|txt|log|gz|zip|pem|der|cer|crt|csv|md|ya?ml|html?|p8|[cm]?[jt]s|out|data|tmp|bak)$/i;

const PATH_START = /^(?:\.{0,2}[\\/]|~|[a-z]:[\\/])/i;

function withoutWrapping(argument: string): string {
  return argument.trim().replace(/^(?:\\*["'`])+/, '');
}

/** A token anywhere in it, long enough to be no accident; `eyJ` may also be part of a name. */
function hasToken(text: string): boolean {
  return /(?:^|[^\w.-]|%[0-9a-f]{2})eyJ[\w-]{10}/i.test(text) || /^%7B|"signedPayload"|signedPayload[=:]/i.test(text);
}

/** One word that no path looks like: three parts joined by dots, or a long stretch of base64, as the receipts before JWS were. */
function isPayloadWord(text: string): boolean {
  if (PATH_START.test(text) || DATA_FILE.test(text)) return false;
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || isBase64(text);
}

const SHORTEST_BASE64 = 40;

/** Folder names make base64 too; that many characters of them without a mark that only base64 has, they rarely make. */
const SHORTEST_WITH_SLASH = 120;

function isBase64(text: string): boolean {
  if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  const isMarked = /[+=]/.test(text) || !text.includes('/') || text.length >= SHORTEST_WITH_SLASH;
  return isMixed && isMarked;
}

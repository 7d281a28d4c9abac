import { closeSync, type Dirent, openSync, read, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Deps } from '../cli/deps.js';
import { ToolError } from '../errors.js';

/** One input, located but not read. */
export type Input =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'stdin' }
  | { readonly type: 'paste' }
  /** `size` is null for pipes and devices. */
  | { readonly type: 'file'; readonly name: string; readonly path: string; readonly size: number | null }
  | { readonly type: 'folder'; readonly name: string; readonly files: readonly FilePlace[] };

export type InputDeps = Pick<Deps, 'stdin' | 'cwd'>;

/**
 * Locates each input: `-`, a file, a directory, or a literal payload; without any, standard input or a paste. Throws
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

/** Error codes of names that are not a file. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];

/** The longest path of any operating system. */
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
    hint: 'A variable or command in its place had no output. To read standard input, pass -',
  });
}

function stdinTwice(): ToolError {
  return new ToolError('usage', 'ERR_INPUT_STDIN_TWICE', 'standard input was given twice', { hint: 'Pass - once.' });
}

/** A long argument is shortened in messages: it may be a damaged payload, which is personal data. */
const SHOWN_CHARACTERS = 80;

function notFound(input: string): ToolError {
  const name = input.length > SHOWN_CHARACTERS ? `${input.slice(0, SHOWN_CHARACTERS)}…` : input;
  return new ToolError('usage', 'ERR_INPUT_NOT_FOUND', `no such file: ${name}`, {
    hint: hintOfMissing(input),
  });
}

/** Identifiers are arguments of other commands. */
function hintOfMissing(input: string): string {
  if (/^\d{12,20}$/.test(input)) return `For a transaction id: storewire lookup ${input}`;
  if (/^[\da-f-]{36}_\d{13}$/i.test(input))
    return `For the token of a TEST notification: storewire status ${input} --environment sandbox`;
  if (/^https?:\/\//i.test(input)) return 'Pipe it in: curl -fsS URL | storewire decode -';
  return 'Check the path. A literal payload begins with eyJ or {; quote it in the shell.';
}

export function emptyFolder(name: string): ToolError {
  return new ToolError('usage', 'ERR_INPUT_NO_PAYLOAD', `no text file in ${name}`, {
    hint: 'Directories are read recursively, without hidden files and node_modules.',
  });
}

/** A file: its name in messages, its absolute path, its size. */
export interface FilePlace {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Every file below a directory, sorted, without dot files and `node_modules`. Links to files are followed; links to directories, which may
 * be circular, are not. Throws `ERR_INPUT_UNREADABLE`.
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

/** Skips broken links: the user did not name them. */
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
  ENOENT: 'it has been removed',
  EIO: 'disk error',
  EMFILE: 'too many open files',
};

/** `ERR_INPUT_UNREADABLE`: it exists and cannot be read. */
function unreadable(name: string, cause: unknown): ToolError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return new ToolError('usage', 'ERR_INPUT_UNREADABLE', `cannot read ${name}: ${REASONS[code] ?? code}`, {
    hint: 'Check its owner and permissions, or pipe its content in: … | storewire decode -',
    cause,
  });
}

const CHUNK_BYTES = 512 * 1024;

const readAsync = promisify(read);

interface ReadPlace {
  readonly name: string;
  readonly path: string;
  /** Null for pipes and devices. */
  readonly size: number | null;
}

/** The bytes of a file. A chunk is valid until the next one is requested. Throws `ERR_INPUT_UNREADABLE`; ends when `signal` aborts. */
export async function* readChunks(place: ReadPlace, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* await openChunks(place, signal);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(place.name, error);
  }
}

async function openChunks({ path, size }: ReadPlace, signal: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
  if (isKnown(size)) return readRegular(path, size, signal);
  const { readDevice, readPipe } = await import('../files/special-file.js');
  return (statSync(path).isFIFO() ? readPipe : readDevice)(path, signal);
}

/** Virtual files (/proc) report a size of 0. */
function isKnown(size: number | null): size is number {
  return size !== null && size > 0;
}

/** The first chunk synchronously, since most files have one and the thread pool is slow to start; the rest asynchronously. */
async function* readRegular(path: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size + 1));
    let count = readSync(file, buffer);
    while (count > 0 && !signal.aborted) {
      yield buffer.subarray(0, count);
      // A regular file returns less than requested at its end only.
      if (count < buffer.length) return;
      count = (await readAsync(file, buffer, 0, buffer.length, null)).bytesRead;
    }
  } finally {
    closeSync(file);
  }
}

/** Distinguishes a literal payload from the name of a missing file. The payload is not validated. */
export function looksLikePayload(argument: string): boolean {
  const text = withoutWrapping(argument);
  if (BEGINS_A_PAYLOAD.test(text) || text.includes('\n') || hasToken(text)) return true;
  if (/^[{[]/.test(text)) return !FILE_NAME.test(text);
  return isPayloadWord(text);
}

/** Includes key material, which the binary check rejects by name. */
const BEGINS_A_PAYLOAD = /^(?:eyJ|-----BEGIN|(?:authorization:\s*)?bearer\s)/i;

const FILE_NAME = /\.(?:[a-z]{1,5}|7z|bz2|mp[34]|p8|p12)$/i;

const DATA_FILE =
  /\.(?:json|jsonl|ndjson|jws|jwt|txt|log|gz|zip|pem|der|cer|crt|csv|md|ya?ml|html?|p8|[cm]?[jt]s|out|data|tmp|bak)$/i;

const PATH_START = /^(?:\.{0,2}[\\/]|~|[a-z]:[\\/])/i;

function withoutWrapping(argument: string): string {
  return argument.trim().replace(/^(?:\\*["'`])+/, '');
}

/** True for a token anywhere in the text; `eyJ` alone may be part of a name. */
function hasToken(text: string): boolean {
  return /(?:^|[^\w.-]|%[0-9a-f]{2})eyJ[\w-]{10}/i.test(text) || /^%7B|"signedPayload"|signedPayload[=:]/i.test(text);
}

/** True for a word unlike any path: three parts joined by dots, or long base64, such as an app receipt. */
function isPayloadWord(text: string): boolean {
  if (PATH_START.test(text) || DATA_FILE.test(text)) return false;
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) || isBase64(text);
}

const SHORTEST_BASE64 = 40;

/** Paths are base64 characters too, and are rarely this long without `+` or `=`. */
const SHORTEST_WITH_SLASH = 120;

function isBase64(text: string): boolean {
  if (text.length < SHORTEST_BASE64 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  const isMarked = /[+=]/.test(text) || !text.includes('/') || text.length >= SHORTEST_WITH_SLASH;
  return isMixed && isMarked;
}

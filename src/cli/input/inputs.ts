import { type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { ToolError } from '../../errors.js';
import type { Deps } from '../deps.js';
import { type FilePlace, listFolder, unreadable } from './folder.js';
import { looksLikePayload } from './literal.js';

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

import { ToolError } from '../../errors.js';
import { KEY_FILE_NAMES, readKeyOfKind } from '../../session/api-keys.js';
import { statsOf } from '../../settings/files.js';
import { KEY_TITLES } from '../../settings/key.js';
import type { KeyFile } from '../../settings/key-files.js';
import { describeMissingKey, type KeyKind, keyOfFileName, parseKeySource } from '../../settings/key-source.js';
import { escapeText } from '../../terminal/escape.js';
import { shortenHome } from '../../terminal/format.js';
import type { Prompts } from '../../terminal/prompts.js';
import type { KnownKey } from './profile.js';
import { describeDefect, missing } from './question.js';

export interface KeyPlace {
  readonly cwd: string;
  readonly home: string | null;
  /** Key files in Apple's usual folders and in Downloads. */
  readonly keyFiles: readonly KeyFile[];
  /** Null without a terminal. */
  readonly prompts: Prompts | null;
  /** Prints a line between prompts; the text must be escaped. */
  readonly notify: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Values known before the prompt. */
export interface KeyPathHints {
  readonly flag: string;
  readonly given: string | undefined;
  readonly givenKeyId: string | undefined;
  readonly known: KnownKey;
}

/**
 * Absolute path of a valid key of this kind: from the flag, else a file in Apple's folders with the given id, else from the prompt, else the
 * known path. Throws what readKeyOfKind throws for the flag, `ERR_INIT_KEY_TEXT` if the flag contains a key, and `ERR_INIT_MISSING`.
 */
export async function findKeyPath(kind: KeyKind, hints: KeyPathHints, place: KeyPlace): Promise<string> {
  const { flag, given, givenKeyId, known } = hints;
  if (given !== undefined) return checked(kind, pathOf(given, flag, place), place);
  const files = place.keyFiles.filter((file) => file.kind === kind);
  const named = givenKeyId === undefined ? undefined : files.find((file) => file.keyId === givenKeyId);
  if (named !== undefined) return tellFound(kind, await checked(kind, named.path, place), place);
  const fits = givenKeyId === undefined || known.keyId === null || known.keyId === givenKeyId;
  const before = fits ? known.path : null;
  if (place.prompts !== null) return choosePath(kind, before, files, place, place.prompts);
  if (before === null) throw missing([flag], describeFound(kind, files));
  await checked(kind, before, place);
  return files.some((file) => file.path === before) ? tellFound(kind, before, place) : before;
}

/** Nobody chose the file, so its place is told. */
function tellFound(kind: KeyKind, path: string, { home, notify }: KeyPlace): string {
  notify(`Found the ${KEY_TITLES[kind]} ${escapeText(shortenHome(path, home))}`);
  return path;
}

async function checked(kind: KeyKind, path: string, { signal }: KeyPlace): Promise<string> {
  await readKeyOfKind(kind, path, signal);
  return path;
}

function pathOf(text: string, flag: string, { cwd, home }: KeyPlace): string {
  const source = parseKeySource({ value: text, source: { kind: 'flag', name: flag } }, cwd, home);
  if (source.form === 'path' && (source.word === undefined || statsOf(source.path) !== null)) return source.path;
  if (source.form === 'path') {
    const { name, hint = '' } = describeMissingKey(source);
    throw new ToolError('auth', 'ERR_KEY_MISSING', name, { hint });
  }
  const hint = 'The key is now in the shell history and visible to other processes: revoke it.';
  throw new ToolError('usage', 'ERR_INIT_KEY_TEXT', `${flag} must be the path of the key file, not the key itself`, {
    hint,
  });
}

/** Prompts until a valid key is chosen: one of the files found, the current one first, or another file. */
async function choosePath(
  kind: KeyKind,
  before: string | null,
  files: readonly KeyFile[],
  place: KeyPlace,
  prompts: Prompts,
): Promise<string> {
  const paths = [...new Set([...(before === null ? [] : [before]), ...files.map((file) => file.path)])];
  if (paths.length === 0) return askPath(kind, place, prompts);
  for (;;) {
    const chosen = await prompts.select<string | null>({
      message: `${KEY_TITLES[kind]}:`,
      choices: [
        ...paths.map((path) => ({ name: escapeText(shortenHome(path, place.home)), value: path })),
        { name: 'another file', value: null, description: otherKindFound(kind, place) },
      ],
    });
    if (chosen === null) return askPath(kind, place, prompts);
    const defect = await defectOfKey(kind, () => chosen, place);
    if (defect === null) return chosen;
    place.notify(defect);
  }
}

async function askPath(kind: KeyKind, place: KeyPlace, prompts: Prompts): Promise<string> {
  const pathTyped = (typed: string): string => pathOf(typed, 'this', place);
  const text = await prompts.input({
    message: `Path of the ${KEY_TITLES[kind]} (${KEY_FILE_NAMES[kind]}):`,
    validate: (typed) => defectOfKey(kind, () => pathTyped(typed), place),
  });
  return pathTyped(text);
}

async function defectOfKey(kind: KeyKind, path: () => string, { signal }: KeyPlace): Promise<string | null> {
  try {
    await readKeyOfKind(kind, path(), signal);
    return null;
  } catch (error) {
    return describeDefect(error);
  }
}

function otherKindFound(kind: KeyKind, { keyFiles }: KeyPlace): string {
  const other: KeyKind = kind === 'server' ? 'connect' : 'server';
  const ids = keyFiles.filter((file) => file.kind === other).map((file) => file.keyId);
  const text = `App Store Connect names it ${KEY_FILE_NAMES[kind]}.`;
  return ids.length === 0 ? text : `${text} Found another kind: ${KEY_TITLES[other]} ${ids.join(', ')}.`;
}

function describeFound(kind: KeyKind, files: readonly KeyFile[]): string {
  if (files.length === 0)
    return `No ${KEY_FILE_NAMES[kind]} found in Apple's usual folders, such as private_keys, or in ~/Downloads.`;
  return `Found: ${files.map((file) => file.path).join(', ')}`;
}

/** Key id in the file name; null if there is none. */
export function keyIdOfPath(path: string): string | null {
  return keyOfFileName(path)?.keyId ?? null;
}

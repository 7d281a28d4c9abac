import { ToolError } from '../../errors.js';
import { KEY_FILE_NAMES, readKeyOfKind } from '../../session/api-keys.js';
import { KEY_TITLES } from '../../settings/key.js';
import type { KeyFile } from '../../settings/key-files.js';
import { type KeyKind, keyOfFileName, parseKeySource } from '../../settings/key-source.js';
import { escapeText } from '../../terminal/escape.js';
import { shortenHome } from '../../terminal/format.js';
import type { Prompts } from '../../terminal/prompts.js';
import type { KnownKey } from './profile.js';
import { describeDefect, missing } from './question.js';

export interface KeyPlace {
  readonly cwd: string;
  readonly home: string | null;
  /** What lies in Apple's usual folders. */
  readonly keyFiles: readonly KeyFile[];
  /** Null where nobody is at a terminal. */
  readonly prompts: Prompts | null;
  /** Says something between two questions; takes text that is fit for a terminal. */
  readonly tell: (text: string) => void;
}

/** What is known of the file before anybody is asked. */
export interface KeyPathHints {
  readonly flag: string;
  readonly given: string | undefined;
  readonly givenKeyId: string | undefined;
  readonly known: KnownKey;
}

/**
 * Where a key is, as an absolute path to a good key of this kind: the flag, else a file in Apple's folders with the id that was given,
 * else whoever is at the terminal chooses, else what is known. Throws what readKeyOfKind throws for the flag, `ERR_INIT_KEY_TEXT` where
 * the flag holds a key, and `ERR_INIT_MISSING`.
 */
export async function findKeyPath(kind: KeyKind, hints: KeyPathHints, place: KeyPlace): Promise<string> {
  const { flag, given, givenKeyId, known } = hints;
  if (given !== undefined) return checked(kind, pathOf(given, flag, place));
  const files = place.keyFiles.filter((file) => file.kind === kind);
  const named = givenKeyId === undefined ? undefined : files.find((file) => file.keyId === givenKeyId);
  if (named !== undefined) return checked(kind, named.path);
  const fits = givenKeyId === undefined || known.keyId === null || known.keyId === givenKeyId;
  const before = fits ? known.path : null;
  if (place.prompts !== null) return choosePath(kind, before, files, place, place.prompts);
  if (before === null) throw missing([flag], describeFound(kind, files));
  return checked(kind, before);
}

async function checked(kind: KeyKind, path: string): Promise<string> {
  await readKeyOfKind(kind, path);
  return path;
}

function pathOf(text: string, flag: string, { cwd, home }: KeyPlace): string {
  const source = parseKeySource({ value: text, source: { kind: 'flag', name: flag } }, cwd, home);
  if (source.form === 'path') return source.path;
  const hint = 'Command lines are seen by others and kept in histories, so the key counts as given away: revoke it.';
  throw new ToolError('usage', 'ERR_INIT_KEY_TEXT', `${flag} takes the path of the file, not the key itself`, { hint });
}

/** Asks until there is a good key: among the files that were found, the one in use first, or any other. */
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
    const defect = await defectOfKey(kind, chosen);
    if (defect === null) return chosen;
    place.tell(defect);
  }
}

async function askPath(kind: KeyKind, place: KeyPlace, prompts: Prompts): Promise<string> {
  const pathTyped = (typed: string): string => pathOf(typed, 'this', place);
  const text = await prompts.input({
    message: `Path of the ${KEY_TITLES[kind]} (${KEY_FILE_NAMES[kind]}):`,
    validate: (typed) => defectOfKey(kind, typed, pathTyped),
  });
  return pathTyped(text);
}

async function defectOfKey(
  kind: KeyKind,
  text: string,
  toPath: (text: string) => string = (path) => path,
): Promise<string | null> {
  try {
    await readKeyOfKind(kind, toPath(text));
    return null;
  } catch (error) {
    return describeDefect(error);
  }
}

function otherKindFound(kind: KeyKind, { keyFiles }: KeyPlace): string {
  const other: KeyKind = kind === 'server' ? 'connect' : 'server';
  const ids = keyFiles.filter((file) => file.kind === other).map((file) => file.keyId);
  const wanted = `It is called ${KEY_FILE_NAMES[kind]} when it comes from App Store Connect.`;
  return ids.length === 0 ? wanted : `${wanted} Found, but another kind: ${KEY_TITLES[other]} ${ids.join(', ')}.`;
}

function describeFound(kind: KeyKind, files: readonly KeyFile[]): string {
  if (files.length === 0) return `No ${KEY_FILE_NAMES[kind]} lies in Apple's usual folders, private_keys and its like.`;
  return `Found in Apple's usual folders: ${files.map((file) => file.path).join(', ')}`;
}

/** The id that the file is named for; null where its name says none. */
export function keyIdOfPath(path: string): string | null {
  return keyOfFileName(path)?.keyId ?? null;
}

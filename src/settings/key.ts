import type { Json } from '../jws/json.js';
import type { KeyFile } from './key-files.js';
import { parseIssuerId, parseKeyId } from './key-ids.js';
import { type KeyKind, type KeySource, keyOfFileName, parseKeySource } from './key-source.js';
import type { Layer } from './layer.js';
import type { Setting, SettingsWarning, Sourced } from './setting.js';

/** One key for one of Apple's APIs. `issuerId` is null for an individual App Store Connect key, which has none. */
export interface KeySettings {
  readonly issuerId: Setting<string>;
  readonly keyId: Setting<string>;
  readonly privateKey: Setting<KeySource>;
  readonly warnings: readonly SettingsWarning[];
}

interface KeyInput {
  /** Environment and user file, highest precedence first. */
  readonly own: readonly Layer[];
  /** One layer for each other tool whose variables are set. */
  readonly fallbacks: readonly Layer[];
  /** Key files found in the folders that Apple's tools use. */
  readonly keyFiles: readonly KeyFile[];
  readonly home: string | null;
}

interface KeyLayer {
  readonly issuerId: Setting<string>;
  readonly keyId: Setting<string>;
  readonly privateKey: Setting<KeySource>;
}

/**
 * Resolves the key of one API. Key id and private key form a pair: the source with the highest precedence that has either one decides,
 * and lower sources only add a part that agrees with it. Variables of other tools are a fallback, used with a warning. A missing id is
 * taken from the file name. A missing key is searched for in Apple's folders by its id, or, with an issuer and no id, used if it is the
 * only one there. Throws the errors of the parsers.
 */
export function resolveKey(kind: KeyKind, input: KeyInput): KeySettings {
  const own = input.own.map((layer) => parseKeyLayer(kind, layer, input.home));
  const fallback = own.some(namesKey) ? undefined : chooseFallback(kind, input.fallbacks);
  const layers = fallback === undefined ? own : [...own, parseKeyLayer(kind, fallback, input.home)];
  const issuerId = firstOf(layers, (layer) => layer.issuerId);
  const pair = completePair(kind, pairOf(layers), issuerId, input.keyFiles);
  const key = { issuerId, keyId: pair.keyId, privateKey: pair.privateKey };
  return { ...key, warnings: [...fallbackWarning(kind, key), ...kindWarning(kind, key), ...pair.warnings] };
}

/** Names of the keys, as in App Store Connect. */
export const KEY_TITLES: Readonly<Record<KeyKind, string>> = {
  server: 'In-App Purchase key',
  connect: 'App Store Connect key',
};

const KEY_ID_VARIABLES: Readonly<Record<KeyKind, string>> = {
  server: 'STOREWIRE_KEY_ID',
  connect: 'STOREWIRE_CONNECT_KEY_ID',
};

function parseKeyLayer(kind: KeyKind, layer: Layer, home: string | null): KeyLayer {
  const raw = (field: 'issuerId' | 'keyId' | 'privateKey') => layer.values.get(`${kind}.${field}`);
  return {
    issuerId: sourced(raw('issuerId'), parseIssuerId),
    keyId: sourced(raw('keyId'), parseKeyId),
    privateKey: sourced(raw('privateKey'), (value) => parseKeySource(value, layer.folder, home, kind)),
  };
}

function namesKey(layer: KeyLayer): boolean {
  return layer.keyId !== null || layer.privateKey !== null;
}

/** Chosen before parsing, so that an invalid variable of another tool causes no error unless it is used. */
function chooseFallback(kind: KeyKind, fallbacks: readonly Layer[]): Layer | undefined {
  const has = (layer: Layer, field: 'issuerId' | 'keyId' | 'privateKey') => layer.values.has(`${kind}.${field}`);
  return (
    fallbacks.find((layer) => has(layer, 'keyId') || has(layer, 'privateKey')) ??
    fallbacks.find((layer) => has(layer, 'issuerId'))
  );
}

type Pair = Pick<KeyLayer, 'keyId' | 'privateKey'>;

function pairOf(layers: readonly KeyLayer[]): Pair {
  const at = layers.findIndex(namesKey);
  const decisive = layers[at];
  if (decisive === undefined) return { keyId: null, privateKey: null };
  const lower = layers.slice(at + 1);
  const { keyId, privateKey } = decisive;
  if (privateKey === null) {
    return { keyId, privateKey: firstOf(lower, (layer) => (agrees(layer, keyId) ? layer.privateKey : null)) };
  }
  const ownId = keyId ?? idFromFileName(privateKey);
  return { keyId: ownId ?? firstOf(lower, (layer) => (layer.privateKey === null ? layer.keyId : null)), privateKey };
}

/** True if the private key of a layer may belong to this id: the layer names the same id or none. */
function agrees(layer: KeyLayer, keyId: Setting<string>): boolean {
  const own = layer.keyId ?? (layer.privateKey === null ? null : idFromFileName(layer.privateKey));
  return own === null || own.value === keyId?.value;
}

function idFromFileName(privateKey: Sourced<KeySource>): Setting<string> {
  if (privateKey.value.form !== 'path') return null;
  const named = keyOfFileName(privateKey.value.path);
  return named === null ? null : { value: named.keyId, source: privateKey.source };
}

/** Completes a pair from the key files found, and compares the id with the name of the file. */
function completePair(
  kind: KeyKind,
  pair: Pair,
  issuerId: Setting<string>,
  keyFiles: readonly KeyFile[],
): Pair & { readonly warnings: readonly SettingsWarning[] } {
  if (pair.privateKey !== null) return { ...pair, warnings: mismatchWarning(pair.keyId, pair.privateKey.value) };
  const files = keyFiles.filter((file) => file.kind === kind);
  const candidates = pair.keyId === null ? files : files.filter((file) => file.keyId === pair.keyId?.value);
  const ids = [...new Set(candidates.map((file) => file.keyId))];
  const [file] = candidates;
  if (file === undefined || (pair.keyId === null && issuerId === null)) return { ...pair, warnings: [] };
  if (ids.length > 1) return { ...pair, warnings: [choiceWarning(kind, ids)] };
  const source = { kind: 'default', name: file.folder } as const;
  const privateKey = { value: { form: 'path', path: file.path }, source } as const;
  return { keyId: pair.keyId ?? { value: file.keyId, source }, privateKey, warnings: [] };
}

function choiceWarning(kind: KeyKind, ids: readonly string[]): SettingsWarning {
  const message = `several key files were found (${ids.join(', ')}): choose one with ${KEY_ID_VARIABLES[kind]}`;
  return { code: 'key-choice', message: `${KEY_TITLES[kind]}: ${message}` };
}

function mismatchWarning(keyId: Setting<string>, key: KeySource): readonly SettingsWarning[] {
  const named = key.form === 'path' ? keyOfFileName(key.path)?.keyId : undefined;
  if (key.form !== 'path' || named === undefined || keyId === null || named === keyId.value) return [];
  return [
    { code: 'key-mismatch', message: `the key id is ${keyId.value}, but the file ${key.path} is named for ${named}` },
  ];
}

function kindWarning(kind: KeyKind, { privateKey }: KeyLayer): readonly SettingsWarning[] {
  const path = privateKey?.value.form === 'path' ? privateKey.value.path : null;
  const named = path === null ? null : keyOfFileName(path);
  if (named === null || named.kind === kind) return [];
  const message = `${path} is named like an ${KEY_TITLES[named.kind]}, but an ${KEY_TITLES[kind]} is required here; the two are not interchangeable`;
  return [{ code: 'key-kind', message }];
}

function fallbackWarning(kind: KeyKind, key: KeyLayer): readonly SettingsWarning[] {
  const used = [key.issuerId, key.keyId, key.privateKey].filter((setting) => setting?.source.kind === 'fallback');
  const names = [...new Set(used.map((setting) => setting?.source.name))];
  if (names.length === 0) return [];
  const message = `${KEY_TITLES[kind]}: read from ${names.join(', ')}, set for another tool; ${KEY_ID_VARIABLES[kind]} takes precedence`;
  return [{ code: 'fallback', message }];
}

function sourced<T>(raw: Sourced<Json> | undefined, parse: (raw: Sourced<Json>) => T): Setting<T> {
  return raw === undefined ? null : { value: parse(raw), source: raw.source };
}

function firstOf<T>(layers: readonly KeyLayer[], pick: (layer: KeyLayer) => Setting<T>): Setting<T> {
  for (const layer of layers) {
    const setting = pick(layer);
    if (setting !== null) return setting;
  }
  return null;
}

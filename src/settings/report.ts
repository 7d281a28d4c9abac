import { describeSecret, describeTarget, type KeyKind, type KeySource } from './key-source.js';
import { SETTING_NAMES, type SettingName } from './names.js';
import type { Settings } from './resolve.js';
import type { Setting, Source } from './setting.js';

/** A redacted setting, safe to print: no key, no command line, only the host of a target. Null if not set. */
export interface ShownSetting {
  readonly name: SettingName;
  readonly value: string | number | readonly string[] | null;
  readonly source: Source | null;
}

/** Every setting in fixed order, redacted and JSON-serialisable. */
export function reportSettings(settings: Settings): readonly ShownSetting[] {
  const values = shownValues(settings);
  return SETTING_NAMES.map((name) => ({
    name,
    value: values[name]?.value ?? null,
    source: values[name]?.source ?? null,
  }));
}

type ShownValues = Readonly<Record<SettingName, Setting<NonNullable<ShownSetting['value']>>>>;

function shownValues({ profile, environment, app, server, connect, listen }: Settings): ShownValues {
  return {
    profile,
    environment,
    bundleId: app.bundleId,
    appAppleId: app.appAppleId,
    root: app.roots,
    ...keyValues('server', server.key),
    ...keyValues('connect', connect.key),
    'serverApi.sandbox': server.address.sandbox,
    'serverApi.production': server.address.production,
    connectApi: connect.address,
    port: listen.port,
    path: listen.path,
    targets: shown(listen.targets, (targets) => targets.map(describeTarget)),
    events: listen.events,
    exec: shown(listen.exec, describeSecret),
    tunnel: shown(listen.tunnel, describeSecret),
  };
}

type KeyName<K extends KeyKind> = `${K}.${'issuerId' | 'keyId' | 'privateKey'}`;

function keyValues<K extends KeyKind>(kind: K, key: Settings['server']['key']): Record<KeyName<K>, Setting<string>> {
  return {
    [`${kind}.issuerId`]: key.issuerId,
    [`${kind}.keyId`]: key.keyId,
    [`${kind}.privateKey`]: shown(key.privateKey, describeKey),
  } as Record<KeyName<K>, Setting<string>>;
}

function describeKey(key: KeySource): string {
  if (key.form === 'inline') return String(key.pem);
  return key.word === undefined ? key.path : String(key.word.value);
}

function shown<T, S>(setting: Setting<T>, show: (value: T) => S): Setting<S> {
  return setting === null ? null : { value: show(setting.value), source: setting.source };
}

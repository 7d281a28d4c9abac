import packageJson from '../../package.json' with { type: 'json' };
import type { Deps } from '../cli/deps.js';
import { findKeyFiles, keyFolders } from '../settings/key-files.js';
import type { SettingFlags } from '../settings/layer.js';
import { openSettings } from '../settings/open.js';
import { reportSettings, type ShownSetting } from '../settings/report.js';
import { resolveSettings } from '../settings/resolve.js';
import type { Source } from '../settings/setting.js';
import { escapeText } from '../terminal/escape.js';
import { shortenHome } from '../terminal/format.js';
import { layRows, type Row } from '../terminal/layout.js';
import { definedFlags } from './settings-flags.js';

type SettingsDeps = Pick<Deps, 'stderr' | 'env' | 'cwd' | 'now' | 'platform' | 'userId'>;

/** `both`, a flag of test and check, is no setting. */
const ENVIRONMENT = /^(sandbox|production)$/i;

/**
 * The version, and every setting that has a value with its source, for stderr; secrets are redacted. `flags` are those of the command,
 * other ones ignored. Throws the errors of the settings.
 */
export function describeEffectiveSettings(flags: Readonly<Record<string, unknown>>, deps: SettingsDeps): string {
  const { environment, ...rest } = flags as SettingFlags;
  const isSetting = environment !== undefined && ENVIRONMENT.test(environment);
  const open = openSettings({
    ...deps,
    flags: definedFlags({ ...rest, environment: isSetting ? environment : undefined }),
  });
  const settings = resolveSettings(open, findKeyFiles(keyFolders(deps.env, deps.cwd, open.home)));
  const rows = reportSettings(settings).flatMap((setting) => rowOf(setting, open.home));
  const { paint, columns } = deps.stderr;
  const lines = layRows(rows, { paint, columns, nowMs: deps.now() });
  return `${[paint.dim(`storewire ${packageJson.version}, effective settings:`), ...lines].join('\n')}\n`;
}

function rowOf({ name, value, source }: ShownSetting, home: string | null): readonly Row[] {
  if (value === null || source === null) return [];
  const text = (Array.isArray(value) ? value : [value]).map((each) => shortenHome(String(each), home)).join(', ');
  return [{ label: name, value: escapeText(text), remark: describeOrigin(source, home) }];
}

/** The source of a value in a few words: a flag, a variable, or the kind of file. */
export function describeOrigin(source: Source, home: string | null): string {
  if (source.kind === 'project file' || source.kind === 'user file') return source.kind;
  const name = escapeText(shortenHome(source.name, home));
  return source.kind === 'fallback' ? `${name} (fallback)` : name;
}

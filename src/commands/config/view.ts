import { describeOrigin } from '../../session/effective-settings.js';
import { SETTING_INPUTS, type SettingName } from '../../settings/names.js';
import type { ShownSetting } from '../../settings/report.js';
import type { SettingsWarning } from '../../settings/setting.js';
import { escapeText } from '../../terminal/escape.js';
import { shortenHome } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { labelWidthOf, layRows, type Row, type View } from '../../terminal/layout.js';
import { padTo, widthOf } from '../../terminal/width.js';

/** A file of settings, or the state folder. `path` is null where there is none and none would be created. */
interface ShownFile {
  readonly path: string | null;
  readonly exists: boolean;
}

/** The JSON document of `config`; secrets are redacted. */
export interface ConfigReport {
  readonly settings: readonly ShownSetting[];
  readonly files: { readonly project: ShownFile; readonly user: ShownFile; readonly state: ShownFile };
  readonly warnings: readonly SettingsWarning[];
}

export function configToJson(report: ConfigReport): string {
  return toJsonLine(report);
}

/** The settings in groups: name, value and source, or how to set it. `verbose` adds those of `listen` that are not set. */
export function describeConfig(
  report: ConfigReport,
  view: View,
  { home, verbose }: { readonly home: string | null; readonly verbose: boolean },
): string {
  const groups = [
    ...settingGroups(report.settings, home, verbose),
    { title: 'Files', rows: fileRows(report.files, home) },
  ];
  const labelWidth = labelWidthOf(
    groups.flatMap((group) => group.rows),
    view.columns,
  );
  const blocks = groups.map(({ title, rows }) =>
    [view.paint.bold(title), ...layRows(alignRemarks(rows, labelWidth, view.columns), view, labelWidth)].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Labels in display order. Settings of `listen` are shown where they are set. */
const GROUPS: readonly { readonly title: string; readonly labels: Readonly<Partial<Record<SettingName, string>>> }[] = [
  {
    title: 'App',
    labels: {
      profile: 'profile',
      environment: 'environment',
      bundleId: 'bundle id',
      appAppleId: 'app Apple ID',
      root: 'roots',
    },
  },
  {
    title: 'App Store Server API, with an In-App Purchase key',
    labels: {
      'server.issuerId': 'issuer id',
      'server.keyId': 'key id',
      'server.privateKey': 'private key',
      'serverApi.sandbox': 'sandbox',
      'serverApi.production': 'production',
    },
  },
  {
    title: 'App Store Connect API, with an App Store Connect key',
    labels: {
      'connect.issuerId': 'issuer id',
      'connect.keyId': 'key id',
      'connect.privateKey': 'private key',
      connectApi: 'address',
    },
  },
  {
    title: 'listen',
    labels: { port: 'port', path: 'path', targets: 'targets', events: 'events', exec: 'program', tunnel: 'tunnel' },
  },
];

const OPTIONAL: ReadonlySet<string> = new Set(['port', 'path', 'targets', 'events', 'exec', 'tunnel']);

function settingGroups(settings: readonly ShownSetting[], home: string | null, verbose: boolean): readonly Group[] {
  return GROUPS.map(({ title, labels }) => ({
    title,
    rows: settings
      .filter(({ name, value }) => labels[name] !== undefined && (value !== null || verbose || !OPTIONAL.has(name)))
      .flatMap((setting) => settingRows(labels[setting.name] ?? setting.name, setting, home)),
  })).filter((group) => group.rows.length > 0);
}

/** One row, or one for each value of a list; the first has the source. */
function settingRows(label: string, { name, value, source }: ShownSetting, home: string | null): readonly Row[] {
  if (value === null || source === null)
    return [{ label, value: 'not set', remark: describeWays(name), tone: 'quiet' }];
  const texts = (Array.isArray(value) ? value : [value]).map((text) => escapeText(shortenHome(String(text), home)));
  const [first = 'none', ...rest] = texts;
  return [
    { label, value: first, remark: describeOrigin(source, home) },
    ...rest.map((text) => ({ label: '', value: text })),
  ];
}

/** Ways to set a setting: `--bundle-id or STOREWIRE_BUNDLE_ID`, `STOREWIRE_PRIVATE_KEY or …_PATH`. */
function describeWays(name: SettingName): string {
  const { flag, variables = [] } = SETTING_INPUTS[name];
  const [first, ...others] = variables;
  const shortened = others.map((variable) => variable.replace(first ?? '', '…'));
  const ways = [flag, first, ...shortened].filter((way) => way !== undefined).join(' or ');
  return name === 'connect.issuerId' ? `${ways} (team keys only)` : ways;
}

function fileRows(files: ConfigReport['files'], home: string | null): readonly Row[] {
  return [
    fileRow('project file', files.project, 'none here or in a parent folder', home),
    fileRow('user file', files.user, 'not found', home),
    fileRow('state folder', files.state, 'created when needed', home),
  ];
}

function fileRow(label: string, file: ShownFile, absent: string, home: string | null): Row {
  const value = file.path === null ? 'none' : escapeText(shortenHome(file.path, home));
  return file.exists ? { label, value } : { label, value, remark: absent, tone: 'quiet' };
}

/** Cells around a row's value: its margin, and the gaps that layRows sets before value and remark. */
const AROUND = 6;

/** Aligns the sources of a group, as far as they fit on the line of their value; those of unset values all or none. */
function alignRemarks(rows: readonly Row[], labelWidth: number, columns: number): readonly Row[] {
  const fits = (row: Row, width: number): boolean => labelWidth + AROUND + width + widthOf(row.remark ?? '') <= columns;
  const fitting = rows.filter((row) => row.remark && fits(row, widthOf(row.value)));
  const width = Math.max(0, ...fitting.map((row) => widthOf(row.value)));
  const unsetFit = rows.filter(isUnset).every((row) => fits(row, width));
  const aligned = (row: Row): boolean => Boolean(row.remark) && (isUnset(row) ? unsetFit : fits(row, width));
  return rows.map((row) => (aligned(row) ? { ...row, value: padTo(row.value, width) } : row));
}

function isUnset(row: Row): boolean {
  return row.tone === 'quiet';
}

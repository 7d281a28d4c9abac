import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { describeWarnings } from '../../session/warnings.js';
import { checkKeyFile, findKeyFiles, keyFolders } from '../../settings/key-files.js';
import type { SettingFlags } from '../../settings/layer.js';
import { type OpenSettings, openSettings } from '../../settings/open.js';
import { reportSettings } from '../../settings/report.js';
import { resolveSettings, type Settings } from '../../settings/resolve.js';
import type { SettingsWarning } from '../../settings/setting.js';
import { describeStateDefect, findStateFolder, type StateFolder } from '../../settings/state-folder.js';
import { type ConfigReport, configToJson, describeConfig } from './view.js';

export interface ConfigOptions extends Pick<SettingFlags, 'profile' | 'environment' | 'bundleId' | 'appAppleId'> {
  readonly json: boolean;
  /** Also the settings of `listen` that are not set. */
  readonly verbose: boolean;
}

export type ConfigDeps = Pick<Deps, 'stdout' | 'stderr' | 'env' | 'cwd' | 'now' | 'platform' | 'userId'>;

export function registerConfig(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runConfig = runConfig,
): void {
  const command = parent
    .command('config')
    .description('Show the effective settings and the source of each')
    .option('--profile <name>', 'Use this settings profile')
    .option('--environment <name>', 'Use sandbox or production')
    .option('--bundle-id <id>', 'Use this bundle id')
    .option('--app-apple-id <id>', 'Use this app Apple ID (digits)')
    .option('-v, --verbose', 'Show the unset settings of listen too', false)
    .option('--json', 'Print one JSON document', false)
    .action(async (options: ConfigOptions) => finish(await run(options, deps)));
  withExamples(command, [
    ['storewire config', 'every setting, its value, its source'],
    ['storewire config --profile my-app', 'the same as that profile would have it'],
  ]);
}

/** Shows the effective settings. Changes nothing; secrets are redacted. */
export async function runConfig({ json, verbose, ...flags }: ConfigOptions, deps: ConfigDeps): Promise<Exit> {
  const open = openSettings({ ...deps, flags });
  const report = readReport(open, deps);
  if (json) {
    deps.stdout.write(configToJson(report));
    return EXIT.ok;
  }
  const { paint, columns } = deps.stdout;
  deps.stdout.write(describeConfig(report, { paint, columns, nowMs: deps.now() }, { home: open.home, verbose }));
  deps.stderr.write(describeWarnings(report.warnings, deps.stderr));
  return EXIT.ok;
}

function readReport(open: OpenSettings, { env, cwd, platform, userId }: ConfigDeps): ConfigReport {
  const settings = resolveSettings(open, findKeyFiles(keyFolders(env, cwd, open.home)));
  const { project, user, userPath } = open.files;
  const state = findStateFolder(cwd, project?.folder ?? null, userId);
  return {
    settings: reportSettings(settings),
    files: {
      project: { path: project?.path ?? null, exists: project !== null },
      user: { path: userPath, exists: user !== null },
      state: { path: state.path, exists: state.exists },
    },
    warnings: [...settings.warnings, ...keyFileWarnings(settings, platform), ...stateWarnings(state)],
  };
}

function keyFileWarnings({ server, connect }: Settings, platform: NodeJS.Platform): readonly SettingsWarning[] {
  const sources = [server, connect].flatMap(({ key }) =>
    key.privateKey?.value.form === 'path' ? [key.privateKey.value] : [],
  );
  const byPath = new Map(sources.map((source) => [source.path, source]));
  return [...byPath.values()].flatMap((source) => checkKeyFile(source, platform));
}

function stateWarnings({ path, defect }: StateFolder): readonly SettingsWarning[] {
  if (defect === null) return [];
  return [
    { code: 'state-refused', message: `the state folder ${path} ${describeStateDefect(defect)}, so it is not used` },
  ];
}

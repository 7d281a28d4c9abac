import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { ToolError } from '../../errors.js';
import type { OpenSettings } from '../../settings/open.js';
import { resolveApp, resolveEnvironment } from '../../settings/resolve-app.js';
import { exportStory } from '../../simulator/scenarios/export-story.js';
import { toJsonLine } from '../../terminal/json.js';
import type { OutputModeFlags } from './output-mode.js';
import type { TriggerRequestFlags } from './request.js';

type ExportFlags = TriggerRequestFlags & Partial<OutputModeFlags> & { readonly json: boolean };

/** Prints a scenario as a story file. Throws (usage) `ERR_TRIGGER_WHAT` beside flags that send, and `ERR_SIMULATOR_SCENARIO`. */
export function writeScenario(
  name: string,
  flags: ExportFlags,
  open: OpenSettings,
  { stdout, now, random }: Pick<Deps, 'stdout' | 'now' | 'random'>,
): Exit {
  requireAlone(name, flags);
  const bundleId = resolveApp(open).bundleId?.value;
  const story = exportStory(name.toLowerCase(), {
    nowMs: now(),
    random,
    environment: resolveEnvironment(open)?.value === 'production' ? 'Production' : 'Sandbox',
    ...(bundleId === undefined ? {} : { bundleId }),
    ...(flags.productId === undefined ? {} : { productId: flags.productId }),
  });
  stdout.write(flags.json ? toJsonLine(story) : `${JSON.stringify(story, null, 2)}\n`);
  return EXIT.ok;
}

function requireAlone(name: string, flags: ExportFlags): void {
  const { event, scenario, forge, like, to, print, viaEmulator } = flags;
  const others: Readonly<Record<string, unknown>> = {
    'a type': event,
    '--scenario': scenario,
    '--forge': forge,
    '--like': like,
    '--to': to,
    '--print': print === true ? true : undefined,
    '--via-emulator': viaEmulator,
  };
  const other = Object.keys(others).find((flag) => others[flag] !== undefined);
  if (other === undefined) return;
  throw new ToolError('usage', 'ERR_TRIGGER_WHAT', `--export-scenario and ${other} cannot be combined`, {
    hint: `First: storewire trigger --export-scenario ${name} > story.json. Then: storewire trigger --scenario ./story.json`,
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { EXIT, type Exit } from '../../cli/exit.js';
import { withExamples } from '../../cli/options.js';
import { type DemoDeps, playDemo } from './play.js';
import { demoToJson, describeDemoEnd, describeDemoStart, describeDemoStep } from './view.js';

export interface DemoOptions {
  readonly json: boolean;
}

export function registerDemo(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runDemo = runDemo,
): void {
  const command = parent
    .command('demo')
    .description('Run the whole loop offline in seconds')
    .option('--json', 'Print one JSON document', false)
    .action(async (options: DemoOptions) => finish(await run(options, deps)));
  withExamples(command, [['storewire demo', 'emulator, TEST, listener, verification, status']]);
}

/** Runs the demo in a temporary folder, which is deleted afterwards. */
export async function runDemo({ json }: DemoOptions, deps: DemoDeps): Promise<Exit> {
  const { stdout, now } = deps;
  const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const folder = mkdtempSync(join(tmpdir(), 'storewire-demo-'));
  try {
    if (!json) stdout.write(describeDemoStart(view));
    const result = await playDemo(folder, (step) => json || stdout.write(describeDemoStep(step, view)), deps);
    stdout.write(json ? demoToJson(result) : describeDemoEnd(result, view));
    return result.worked ? EXIT.ok : EXIT.no;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

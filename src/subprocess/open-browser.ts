import { childEnvironment } from './environment.js';
import { type CommandLine, startProcess, windowsProgram } from './run.js';

interface BrowserDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** Opens a URL in the user's browser. Resolves with false where no program for that could be started. */
export async function openBrowser(url: string, { env, platform }: BrowserDeps): Promise<boolean> {
  try {
    const program = startProcess({
      command: commandOf(url, platform, env),
      env: childEnvironment(env),
      stdio: 'ignore',
      platform,
    });
    // The browser may be this very process, which runs on.
    program.child.unref();
    await new Promise((resolve, reject) => program.child.once('spawn', resolve).once('error', reject));
    return true;
  } catch {
    return false;
  }
}

function commandOf(url: string, platform: NodeJS.Platform, env: BrowserDeps['env']): CommandLine {
  if (platform === 'darwin') return { file: 'open', args: [url] };
  if (platform === 'win32')
    return { file: windowsProgram('rundll32', env), args: ['url.dll,FileProtocolHandler', url] };
  return { file: 'xdg-open', args: [url] };
}

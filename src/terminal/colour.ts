import type { ColorSupportLevel } from 'chalk';

export type ColourChoice = 'auto' | 'always' | 'never';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Chalk's level for one stream: 0 none, 1 sixteen colours, 2 256, 3 all. The flag wins, then NO_COLOR (https://no-color.org), then
 * FORCE_COLOR, then what the terminal says it can do.
 */
export function colourLevel(choice: ColourChoice, env: Environment, isTty: boolean): ColorSupportLevel {
  if (choice === 'never') return 0;
  if (choice === 'always') return terminalLevel(env) || 1;
  if (env.NO_COLOR) return 0;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forcedLevel(forced, env);
  return isTty ? terminalLevel(env) : 0;
}

function forcedLevel(forced: string, env: Environment): ColorSupportLevel {
  if (forced === '0' || forced === 'false') return 0;
  return forced === '1' || forced === '2' || forced === '3'
    ? (Number(forced) as ColorSupportLevel)
    : terminalLevel(env) || 1;
}

function terminalLevel(env: Environment): ColorSupportLevel {
  const { TERM = '', COLORTERM = '' } = env;
  if (TERM === 'dumb') return 0;
  if (COLORTERM === 'truecolor' || COLORTERM === '24bit') return 3;
  return /-256(color)?$/i.test(TERM) ? 2 : 1;
}

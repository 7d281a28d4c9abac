import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Where a program of this name is on the PATH; null where it is not installed. Asked before starting: a shell would only answer 127.
 */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | null {
  const isWindows = platform === 'win32';
  const folders = (isWindows ? (env.Path ?? env.PATH) : env.PATH) ?? '';
  const endings = isWindows ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  const candidates = folders
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A source file: its path and its text without comments. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Every source file below `folder`. Comments are removed, as they name codes and ids too. */
export function sourceTexts(folder: string): readonly SourceText[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path, text: withoutComments(readFileSync(path, 'utf8')) };
    });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*?[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

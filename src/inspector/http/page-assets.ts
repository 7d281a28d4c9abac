import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ToolError } from '../../errors.js';

/** Script and style of the page, which the build bundles. */
export interface PageAssets {
  /** Classic script (not a module), run at the end of the body. */
  readonly script: string;
  readonly style: string;
}

/** `dist`: beside the bundled file, or as seen from the sources. */
const FOLDERS = ['.', '../../../dist'];

/** Reads `inspector-page.js` and `inspector-page.css` of the build. Throws `ERR_INSPECT_PAGE` (usage) where they are missing. */
export function readPageAssets(): PageAssets {
  const [script, style] = ['inspector-page.js', 'inspector-page.css'].map(readAsset);
  return { script: script!, style: style! };
}

function readAsset(name: string): string {
  for (const folder of FOLDERS) {
    try {
      return readFileSync(join(import.meta.dirname, folder, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new ToolError('usage', 'ERR_INSPECT_PAGE', `the installed package lacks ${name}`, {
    hint: 'Install storewire again; from a clone: npm run build',
  });
}

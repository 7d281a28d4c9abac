import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';

export const ROOT = path.join(import.meta.dirname, '../..');

/** Imports a TypeScript module of this folder. Node 20 runs none, so it is bundled first, beside the packages that it imports. */
export async function importBundled(file) {
  const folder = mkdtempSync(path.join(ROOT, 'node_modules/.storewire-docs-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const entryFileNames = 'entry.mjs';
  const input = path.join(import.meta.dirname, file);
  await build({ input, platform: 'node', logLevel: 'silent', output: { dir: folder, entryFileNames } });
  return import(pathToFileURL(path.join(folder, entryFileNames)).href);
}

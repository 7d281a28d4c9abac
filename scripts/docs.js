// Writes the pages and the man page that are made from the code: npm run docs. With --check it compares them with what is there.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'rolldown';

const ROOT = path.join(import.meta.dirname, '..');

/** Node 20 runs no TypeScript, so the generator is bundled first, beside the packages that it imports. */
async function loadGenerator() {
  const folder = mkdtempSync(path.join(ROOT, 'node_modules/.storewire-docs-'));
  try {
    const file = path.join(folder, 'pages.mjs');
    const input = path.join(ROOT, 'scripts/docs/pages.ts');
    await build({ input, platform: 'node', logLevel: 'silent', output: { dir: folder, entryFileNames: 'pages.mjs' } });
    return await import(pathToFileURL(file).href);
  } finally {
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}

const { generateDocs } = await loadGenerator();
const stale = [];
for (const [file, text] of await generateDocs()) {
  const target = path.join(ROOT, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  stale.push(file);
  if (process.argv.includes('--check')) continue;
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
console.log(stale.length === 0 ? 'nothing changed' : stale.join('\n'));
if (process.argv.includes('--check') && stale.length > 0) process.exitCode = 1;

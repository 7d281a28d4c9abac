// Writes the pages and the man page that are made from the code: npm run docs. With --check it compares them with what is there.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importBundled, ROOT } from './bundle.js';

const isCheck = process.argv.includes('--check');
const { generateDocs } = await importBundled('pages/pages.ts');
const stale = [];
for (const [file, text] of await generateDocs()) {
  const target = path.join(ROOT, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  stale.push(file);
  if (isCheck) continue;
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
}
console.log(stale.length === 0 ? 'nothing changed' : stale.join('\n'));
if (isCheck && stale.length > 0) process.exitCode = 1;

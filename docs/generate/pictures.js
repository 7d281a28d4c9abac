// Draws docs/*.svg from what the commands print: npm run pictures. They hold times and ids, so they are drawn anew on purpose only; a test
// compares them with a new run, those left out.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { importBundled, ROOT } from './bundle.js';

const { drawPictures } = await importBundled('pictures/pictures.ts');
for (const [file, text] of await drawPictures(path.join(ROOT, 'samples'))) {
  writeFileSync(path.join(ROOT, file), text);
  console.log(file);
}
// What the commands keep open, such as connections, is not waited for.
process.exit(0);

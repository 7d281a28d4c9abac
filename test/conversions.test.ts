import path from 'node:path';
import { expect, it } from 'vitest';
import { findConversions } from './support/architecture/conversions.js';
import { readSources } from './support/architecture/source.js';

/** Untyped, and no part of a token: defaults of flags, settings that were validated, the answer to a prompt. */
const KNOWN: readonly string[] = [
  'src/program.ts: known',
  'src/commands/config/view.ts: text',
  'src/session/effective-settings.ts: each',
  "src/terminal/prompts.ts: await ask({ ...question, type: 'input', validate: judge })",
];

/** One header `{"alg":{"toString":1}}` ended a run: converting it throws. describeJson says what a value of any type is. */
it('converts no value whose type may be an object', () => {
  const found = findConversions().filter(({ place }) => !KNOWN.includes(place));
  expect(found.map(({ place, line }) => `${place} (line ${line})`)).toEqual([]);
});

/** Half a surrogate pair, which any JSON string may hold, makes it throw. The page encodes ids only, which are digits. */
it('calls encodeURIComponent on ids of the page and in one other place', () => {
  const callers = readSources(path.join(import.meta.dirname, '../src')).filter(({ text }) =>
    /(?<!function )\bencodeURIComponent\(/.test(text),
  );
  expect(callers.map(({ path: file }) => file)).toEqual(['address/encode.ts', 'inspector/page/browser/api.ts']);
});

/** In Node 20 and 22 it refuses `bücher.example` from some call on. */
it('calls URL.canParse nowhere', () => {
  const callers = readSources(path.join(import.meta.dirname, '../src')).filter(({ text }) =>
    text.includes('URL.canParse('),
  );
  expect(callers.map(({ path: file }) => file)).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { EXIT_OF_ERROR } from '../../../../../src/cli/exit.js';
import { ERROR_CODE_AREAS, ERROR_CODES } from '../../../../../src/commands/explain/reference/error-codes.js';
import type { ErrorKind } from '../../../../../src/errors.js';
import { API_ERRORS } from '../../../../../src/server-api/errors.js';
import { toolCodeOf } from '../../../../../src/server-api/refusal.js';
import { sourceTexts } from '../../../../support/source-text.js';

const SOURCES = sourceTexts('src').filter(({ path }) => !path.includes('/explain/'));

/** Codes of Node, OpenSSL and ngrok, which the sources compare and never throw. */
const FOREIGN = /^ERR_(?:SSL|OSSL|NGROK)_|^ERR_INVALID_ARG_VALUE$|^ERR_HTTP_REQUEST_TIMEOUT$/;

/** Codes that are put together: the template, and the words that complete it. A new template needs a line here. */
const TEMPLATES: Readonly<Record<string, () => readonly string[]>> = {
  'ERR_API_${words}': () => API_ERRORS.map(({ name }) => toolCodeOf(name).replace('ERR_API_', '')),
  'ERR_SETTINGS_${code}': () => [
    ...wordsOfCalls(/\b(?:defect|malformed|parseStrings|parseCommand)\([^()]*?'([A-Z_]+)'/g, '/settings/'),
  ],
  'ERR_KEY_${defect}': () => wordsOfCalls(/\bkeyError\(\s*'([A-Z_]+)'/g, 'settings/private-key.ts'),
  'ERR_ENDPOINT_KEPT_${defect}': () => wordsOfCalls(/\bbackupError\(\s*'([A-Z_]+)'/g, 'session/url-backup-file.ts'),
  'ERR_HISTORY_${defect}': () => wordsOfCalls(/\brefusal\(\s*'([A-Z_]+)'/g, 'server-api/history.ts'),
  'ERR_USAGE_TARGET_${defect}': () => wordsOfCalls(/\binvalidTarget\(\s*'([A-Z_]+)'/g, 'forwarding/parse-target.ts'),
  // Errors of the argument parser: those of its codes that end a run of a command without mandatory options.
  'ERR_USAGE_${error.code': () =>
    'EXCESS_ARGUMENTS INVALID_ARGUMENT MISSING_ARGUMENT OPTION_MISSING_ARGUMENT UNKNOWN_COMMAND UNKNOWN_OPTION'.split(
      ' ',
    ),
};

function wordsOfCalls(pattern: RegExp, folder: string): readonly string[] {
  return SOURCES.filter(({ path }) => path.includes(folder)).flatMap(({ text }) =>
    [...text.matchAll(pattern)].map(([, word = '']) => word),
  );
}

function templatesOf(text: string): readonly string[] {
  // `${string}` is a type.
  return [...text.matchAll(/`(ERR_\w*\$\{(?!string\})[\w.]+\}?)/g)].map(([, template = '']) => template);
}

/** Every code of the sources. */
function thrownCodes(): ReadonlySet<string> {
  const literal = SOURCES.flatMap(({ text }) => text.match(/(?<=['"])ERR_[A-Z0-9_]+(?=['"])/g) ?? []);
  const composed = Object.entries(TEMPLATES).flatMap(([template, words]) => {
    const prefix = template.slice(0, template.indexOf('$'));
    return words().map((word) => prefix + word);
  });
  return new Set([...literal, ...composed].filter((code) => !FOREIGN.test(code)));
}

describe('the table of error codes', () => {
  const known = new Set(ERROR_CODES.map(({ code }) => code));

  it('has every code of the sources, and no other', () => {
    const thrown = thrownCodes();
    expect(thrown.size).toBeGreaterThan(150);
    expect({
      withoutEntry: [...thrown].filter((code) => !known.has(code)),
      neverThrown: [...known].filter((code) => !thrown.has(code)),
    }).toEqual({ withoutEntry: [], neverThrown: [] });
  });

  it('knows every template of the sources', () => {
    const used = SOURCES.flatMap(({ text }) => templatesOf(text)).filter((template) => !FOREIGN.test(template));
    expect([...new Set(used)].sort()).toEqual(Object.keys(TEMPLATES).sort());
  });

  it('gives the exit code of every kind that a code is thrown with', () => {
    const missing = SOURCES.flatMap(({ path, text }) =>
      [...text.matchAll(/new (?:ToolError|ServerApiError)\(\s*'(\w+)',\s*'(ERR_\w+)'/g)]
        .filter(([, kind, code]) => {
          const exits = ERROR_CODES.find((entry) => entry.code === code)?.exits ?? [];
          return !exits.includes(EXIT_OF_ERROR[kind as ErrorKind]);
        })
        .map(([, kind, code]) => `${code} ${kind} ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('lists each code once, with a meaning, a next step and an area', () => {
    expect(known.size).toBe(ERROR_CODES.length);
    const incomplete = ERROR_CODES.filter(
      ({ exits, meaning, next, area }) =>
        exits.length === 0 || !/[.)]$/.test(meaning) || next === '' || !ERROR_CODE_AREAS.includes(area),
    );
    expect(incomplete).toEqual([]);
  });
});

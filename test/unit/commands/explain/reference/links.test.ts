import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { openReference } from '../../../../../src/commands/explain/reference/reference.js';

const PAGE = /^https:\/\/(?:developer\.apple\.com\/documentation\/[a-z]+(?:\/[a-z0-9_-]+)?|apple\.github\.io\/\S+)$/;

describe("links to Apple's documentation", () => {
  it.each(['types', 'subtypes', 'fields', 'values', 'attempts', 'errors', 'statuses'] as const)(
    '%s have one each',
    (chapter) => {
      const entries = openReference(chapter).map(({ entry }) => entry);
      expect(entries.filter(({ link }) => link === null || !PAGE.test(link))).toEqual([]);
    },
  );

  it('what is ours has none', () => {
    const entries = (['codes', 'reasons', 'checks'] as const).flatMap((chapter) => openReference(chapter));
    expect(entries.filter(({ entry }) => entry.link !== null)).toEqual([]);
  });

  it("of errors agree with those in Apple's node library, but for two misspelt ones", () => {
    const path = createRequire(import.meta.url).resolve('@apple/app-store-server-library');
    const text = readFileSync(path.replace(/\.js$/, '.d.ts'), 'utf8');
    const apple = [
      ...text.matchAll(
        /(https:\/\/developer\.apple\.com\/documentation\/\w+\/\w+) [^}]*\}\s*\*\/\s*[A-Z_]+ = (\d{7})/g,
      ),
    ];
    expect(apple.length).toBeGreaterThan(80);
    const ours = new Map(openReference('errors').map(({ entry }) => [entry.term, entry.link]));
    const different = apple.filter(([, link = '', code = '']) => ours.get(code) !== link).map(([, , code]) => code);
    expect(different).toEqual(['4000215', '4000224']);
  });
});

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../docs/generate/pages/markdown.js';
import { ROOT } from '../support/bin.js';

const TOP = readdirSync(ROOT).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md');
const PAGES = [
  ...TOP,
  'samples/README.md',
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');

const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );

/** Null for a link that leads to a file, and to a heading in it. */
function defectOf(link: string, from: string): string | null {
  if (/^(https:|mailto:)/.test(link)) return null;
  if (link.includes(':')) return 'is neither a file nor an https address';
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? path.join(ROOT, from) : path.join(ROOT, path.dirname(from), file);
  if (!existsSync(target)) return 'leads to no file';
  if (anchor === undefined) return null;
  const headings = readFileSync(target, 'utf8')
    .replaceAll(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = '']) => anchorOf(heading) === anchor) ? null : 'leads to no heading';
}

describe('the links of the documentation', () => {
  it.each(PAGES)('%s', (page) => {
    const links = linksOf(readFileSync(path.join(ROOT, page), 'utf8'));
    expect(links.map((link) => [link, defectOf(link, page)]).filter(([, defect]) => defect !== null)).toEqual([]);
  });

  it('are found and resolved', () => {
    expect(linksOf('[a](b.md#c) `[no](x)` <img src="d.svg">')).toEqual(['b.md#c', 'd.svg']);
    expect(defectOf('docs/errors.md#command-line', 'README.md')).toBeNull();
    expect(defectOf('docs/errors.md#nothing-of-the-kind', 'README.md')).toBe('leads to no heading');
    expect(defectOf('errors.md', 'README.md')).toBe('leads to no file');
    expect(statSync(path.join(ROOT, 'docs')).isDirectory()).toBe(true);
  });

  it('lead to every page of docs from another page', () => {
    const linked = new Set(
      PAGES.flatMap((page) =>
        linksOf(readFileSync(path.join(ROOT, page), 'utf8'))
          .filter((link) => !link.includes(':'))
          .map((link) => path.join(path.dirname(page), link.split('#')[0] ?? '')),
      ),
    );
    expect(PAGES.filter((page) => page.startsWith('docs') && page !== 'docs/README.md' && !linked.has(page))).toEqual(
      [],
    );
  });
});

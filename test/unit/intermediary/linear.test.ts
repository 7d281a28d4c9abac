import { describe, expect, it } from 'vitest';
import { asksForCredentials, isHtmlPage, MARKS, refusesEveryone } from '../../../src/intermediary/identify.js';

const LENGTH = 256 * 1024;

/** Of the processor. A pattern with a window of 4,000 characters takes a second at most; one without any takes a quarter of a minute. */
const LIMIT_MS = 6_000;

/** The texts of a pattern that could make it search far from each of many starts: its own words without what ends it, and white space. */
function hostileTo({ source }: RegExp): readonly string[] {
  const literal = source.replace(/\\s\?|\\s\*/g, ' ').replace(/\\(?=[^\w])/g, '');
  const words = literal.split(/\(\?[:=!]|[()|[\]{}*+?^$]|\\[bsSdw]/).filter((word) => word.length > 1);
  const starts = words.map((word) => literal.slice(0, literal.indexOf(word) + word.length)).map(plain);
  return [...new Set([...words, ...starts, ' ', '"', '<', 'a'])].map((word) =>
    word.repeat(Math.ceil(LENGTH / word.length)),
  );
}

const plain = (source: string): string => source.replace(/\(\?[:=!]|[()|[\]{}*+?^$]/g, '') || ' ';

/** Milliseconds of this process's own that all searches of a pattern take: those of others on the machine do not count. */
function timeOf(pattern: RegExp): number {
  const started = process.cpuUsage();
  for (const text of hostileTo(pattern)) {
    pattern.test(text);
    pattern.test(`\n${text}!`);
  }
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

describe('no pattern of the table is quadratic in text that a peer writes', () => {
  it('in bodies, headers and addresses of 256 KiB', { timeout: 300_000 }, () => {
    const patterns = MARKS.flatMap(({ body, address, headers = {} }) => [body, address, ...Object.values(headers)]);
    const times = patterns
      .filter((pattern) => pattern !== undefined)
      .map((pattern) => [String(pattern), timeOf(pattern)] as const);
    expect(times.length).toBeGreaterThan(100);
    expect(times.filter(([, ms]) => ms > LIMIT_MS)).toEqual([]);
  });

  it.each([' ', '<!--', '<!-- -->', '\uFEFF', '0', 'a', 'token'])('nor what else reads bodies, of %j', (word) => {
    const body = word.repeat(Math.ceil(LENGTH / word.length));
    const response = { status: 403, headers: {}, body, visited: [] };
    expect(isHtmlPage(body)).toBe(false);
    expect(refusesEveryone({ notification: response, emptyPost: response, get: null }, false)).toBe('post');
    expect(asksForCredentials(response)).toBe(word === 'token');
  });
});

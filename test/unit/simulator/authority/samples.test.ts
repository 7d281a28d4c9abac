import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../../../../src/index.js';
import * as testing from '../../../../src/testing.js';

interface Maker {
  findDifferences(builders: typeof testing): string[];
  readonly SAMPLES: Readonly<Record<string, { type: string; subtype?: string }>>;
}

const FOLDER = new URL('../../../../samples/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
const maker = (await import(new URL('make.js', FOLDER).href)) as Maker;
const verify = createVerifier({ roots: [read('root.pem')], kind: 'notification', bundleId: 'com.example.coffee' });
const valid = { verdict: 'valid', root: expect.any(String), clock: 'signedDate' };

describe('samples', () => {
  it('are what the builders make, under the committed root', () => {
    expect(maker.findDifferences(testing)).toEqual([]);
  });

  it('differ where a builder differs', () => {
    const buildNotification: typeof testing.buildNotification = (options) =>
      testing.buildNotification(options?.type === 'TEST' ? { ...options, bundleVersion: '1', appAppleId: 1 } : options);
    const changed = 'test.json: the content is not what the builders make now';
    expect(maker.findDifferences({ ...testing, buildNotification })).toEqual([changed]);
  });

  it.each(Object.keys(maker.SAMPLES))('%s is valid', (name) => {
    expect(verify(JSON.parse(read(name)).signedPayload).verification).toMatchObject(valid);
  });

  it('are valid line by line in the history', () => {
    const lines = read('history.ndjson').trimEnd().split('\n');
    const verdicts = lines.map((line) => verify(JSON.parse(line).signedPayload).verification.verdict);
    expect(verdicts).toEqual(lines.map(() => 'valid'));
    expect(lines).toHaveLength(6);
  });

  it('each have their row in the README', () => {
    const rows = [...read('README.md').matchAll(/^\| `([^`]+)` \| ([A-Z_]+)(?:, ([A-Z_]+))? \|/gm)];
    const listed = rows.map(([, name, type, subtype]) => [name, type, subtype ?? null]);
    expect(listed).toEqual(
      Object.entries(maker.SAMPLES).map(([name, { type, subtype }]) => [name, type, subtype ?? null]),
    );
    const files = readdirSync(FOLDER).filter((name) => name !== 'README.md');
    for (const name of files) expect(read('README.md')).toContain(`\`${name}\``);
  });
});

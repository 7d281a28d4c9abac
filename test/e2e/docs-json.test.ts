import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, ROOT, SAMPLES } from '../support/bin.js';
import { type DocumentedWorld, openDocumentedWorld } from '../support/documented-world.js';

const PAGE = readFileSync(path.join(ROOT, 'docs/json.md'), 'utf8');

let world: DocumentedWorld;
beforeAll(async () => {
  world = await openDocumentedWorld();
});
afterAll(() => world.close());

/** The words in code of a section, up to the next heading of its level. */
function namesIn(heading: string): ReadonlySet<string> {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  expect(section).not.toBe('');
  const spans = [...section.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return new Set(spans.flatMap((span) => span.match(/\w+/g) ?? []));
}

type Json = Readonly<Record<string, unknown>>;

const linesOf = (stdout: string): readonly Json[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);

/** Fields of the objects, each once. */
const fieldsOf = (values: readonly unknown[]): readonly string[] => [
  ...new Set(values.flatMap((value) => Object.keys(value as object))),
];

const missingIn = (heading: string, values: readonly unknown[]): readonly string[] => {
  const names = namesIn(heading);
  return fieldsOf(values).filter((name) => !names.has(name));
};

const listOf = (value: Json, name: string): readonly Json[] => (value[name] ?? []) as readonly Json[];

async function jsonOf(line: string): Promise<readonly Json[]> {
  const { stdout, stderr } = await world.run(line);
  if (stdout === '') throw new Error(`${line}: ${stderr}`);
  return linesOf(stdout);
}

describe.skipIf(process.platform === 'win32')('docs/json.md names every field', () => {
  it('of documents', async () => {
    const documents = [
      ...(await jsonOf(`storewire verify ${SAMPLES} --json --raw`)),
      ...(await jsonOf(`echo '{"signedPayload":"not.a.token"}' | storewire verify --json`)),
      ...(await jsonOf('storewire history --environment sandbox --json')),
      ...(await jsonOf('storewire journal list --json')),
    ];
    expect(documents.length).toBeGreaterThan(20);
    const heading = 'The document';
    expect(missingIn(heading, documents)).toEqual([]);
    for (const list of ['tokens', 'problems', 'sendAttempts', 'deliveries'])
      expect(
        missingIn(
          heading,
          documents.flatMap((each) => listOf(each, list)),
        ),
        list,
      ).toEqual([]);
    const verifications = documents.flatMap(({ verification }) =>
      verification === undefined ? [] : [verification as Json],
    );
    expect(missingIn(heading, verifications)).toEqual([]);
    expect(
      missingIn(
        heading,
        verifications.flatMap((each) => listOf(each, 'checks')),
      ),
    ).toEqual([]);
  });

  it('of events of listen', async () => {
    const line = `"${process.execPath}" "${BIN}" trigger REFUND --to`;
    const script = `storewire listen --trust-authority --json --port 0 --exit-after 1 | while read -r line; do
      printf '%s\\n' "$line"
      case $line in *'"event":"ready"'*) ${line} "$(printf '%s' "$line" | sed 's/.*"url":"\\([^"]*\\)".*/\\1/')" >/dev/null 2>&1 </dev/null & esac
    done`;
    const events = await jsonOf(script);
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['ready', 'received', 'verified', 'stopped']),
    );
    expect(missingIn('Events', events)).toEqual([]);
  });

  it('of events of the emulator', async () => {
    const { stdout } = await world.runAndInterrupt('storewire emulator --json');
    const events = linesOf(stdout);
    expect(events.map(({ event }) => event)).toEqual(['ready', 'stopped']);
    expect(missingIn('Events', events)).toEqual([]);
  });

  it('of reports', async () => {
    const heading = 'Reports';
    const [test = {}] = await jsonOf('storewire test --environment sandbox --wait --json');
    expect(missingIn(heading, [test, ...listOf(test, 'results')])).toEqual([]);
    expect(
      missingIn(
        heading,
        listOf(test, 'results').flatMap((each) => listOf(each, 'sendAttempts')),
      ),
    ).toEqual([]);
    const [check = {}] = await jsonOf('storewire check http://localhost:3000/apple --json');
    expect(missingIn(heading, [check, ...listOf(check, 'steps')])).toEqual([]);
    const [audit = {}] = await jsonOf('storewire audit http://localhost:3000/apple --json');
    const sent = ['attempts', 'controls', 'observations'].flatMap((list) => listOf(audit, list));
    expect(missingIn(heading, [audit, ...sent])).toEqual([]);
    const [summary = {}] = await jsonOf(`storewire verify ${SAMPLES} --summary --json`);
    expect(missingIn(heading, [summary])).toEqual([]);
  });

  it('of other commands', async () => {
    const lines = [
      'storewire trigger REFUND --to http://localhost:3000/apple --json',
      'storewire trigger REFUND --print --json',
      'storewire trigger --json',
      'storewire endpoint show --json',
      'storewire endpoint set --sandbox https://example.org/apple --dry-run --json',
      'storewire journal prune --older-than 1d --dry-run --json',
      'storewire config --json',
      'storewire authority --json',
      'storewire demo --json',
      'storewire explain REFUND --json',
      'storewire explain types --json',
      'storewire explain --json',
      'storewire commands --json',
    ];
    const heading = 'Other commands';
    for (const line of lines) {
      const printed = await jsonOf(line);
      expect(missingIn(heading, printed), line).toEqual([]);
      const within = ['settings', 'steps', 'results'].flatMap((list) =>
        printed.flatMap((each) => (Array.isArray(each[list]) ? listOf(each, list) : [])),
      );
      expect(missingIn(heading, within), line).toEqual([]);
    }
  });

  it('of errors', async () => {
    const { stderr } = await world.run('storewire decode nothing-there.json --json');
    const [line = {}] = linesOf(stderr);
    expect(fieldsOf([line, line.error])).toEqual(['error', 'code', 'message', 'hint']);
    const [shown = ''] = /\{ "error".*\}/.exec(PAGE) ?? [];
    expect(JSON.parse(shown).error.code).toBe((line.error as Json).code);
  });
});

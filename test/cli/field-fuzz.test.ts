import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyValue, type FieldCase, fieldCases, oneOfEachType, plainCases } from '../support/field-fuzz.js';
import { runCli } from '../support/run-cli.js';
import { mulberry32 } from '../support/seeded-random.js';
import { testAuthority } from '../support/signing.js';

/*
 * Every header and payload field with a value of every JSON type: nothing of a token is converted without a look at its type. The long
 * form is `npm run campaign -- fields`.
 */
const SEED = 20_261_129;

const folder = mkdtempSync(path.join(tmpdir(), 'storewire-fields-'));
const file = path.join(folder, 'cases.ndjson');
/** Text is several times as long as JSON, so that only a part is shown as text. */
const some = path.join(folder, 'some.ndjson');
const plain = path.join(folder, 'plain.ndjson');
const root = path.join(folder, 'root.pem');
let cases: readonly FieldCase[] = [];

beforeAll(async () => {
  const { authority } = await testAuthority();
  const random = mulberry32(SEED);
  cases = [...fieldCases(await authority.issueChain(), () => oneOfEachType(random))];
  writeFileSync(file, bodiesOf(cases));
  writeFileSync(some, bodiesOf(cases.filter((_, index) => index % 5 === 0)));
  writeFileSync(plain, [...plainCases(everyValue)].map((line) => `${line}\n`).join(''));
  writeFileSync(root, authority.rootPem);
});

afterAll(() => rmSync(folder, { recursive: true }));

function bodiesOf(cases: readonly FieldCase[]): string {
  return cases.map(({ jws }) => `${JSON.stringify({ signedPayload: jws })}\n`).join('');
}

/** Marks of a value that was converted instead of described. */
const CONVERTED = /\[object |\bundefined\b|\bNaN\b|Invalid Date|INTERNAL_ERROR/;

describe('every field with a value of every JSON type', () => {
  it.each([
    ['decode', ['decode', file, '--json']],
    ['verify', ['verify', file, '--json', '--root', root]],
  ])('%s prints one document for each payload', async (_name, argv) => {
    const { stdout, stderr } = await runCli(argv);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(cases.length);
    const odd = lines.flatMap((line, index) =>
      CONVERTED.test(line) ? [`${cases[index]!.name}: ${line.slice(0, 300)}`] : [],
    );
    expect(odd).toEqual([]);
    expect(stderr).not.toMatch(CONVERTED);
  });

  it.each([
    ['decode', ['decode', some, '--verbose']],
    ['verify', ['verify', some, '--verbose', '--root', root]],
    ['verify, a line each,', ['verify', some, '--root', root]],
    ['decode, without tokens,', ['decode', plain, '--verbose']],
    ['decode, without tokens, a line each,', ['decode', plain]],
    ['verify, without tokens,', ['verify', plain, '--verbose']],
  ])('%s converts none of them in text', async (_name, argv) => {
    const { code, stdout, stderr } = await runCli(argv);
    expect(code).not.toBe(70);
    const odd = `${stdout}\n${stderr}`.split('\n').filter((line) => CONVERTED.test(line));
    expect(odd).toEqual([]);
  });
});

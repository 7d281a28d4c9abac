import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FieldCase, fieldCases, oneOfEachType } from '../support/field-fuzz.js';
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
const root = path.join(folder, 'root.pem');
let cases: readonly FieldCase[] = [];

beforeAll(async () => {
  const { authority } = await testAuthority();
  const random = mulberry32(SEED);
  cases = [...fieldCases(await authority.issueChain(), () => oneOfEachType(random))];
  writeFileSync(file, cases.map(({ jws }) => `${JSON.stringify({ signedPayload: jws })}\n`).join(''));
  writeFileSync(root, authority.rootPem);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Marks of a value that was converted instead of described. */
const CONVERTED = /\[object |\bundefined\b|\bNaN\b|Invalid Date|INTERNAL/;

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
});

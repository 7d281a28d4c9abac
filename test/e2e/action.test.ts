import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/bin.js';
import { type ActionRun, readAction, runAction } from '../support/composite-action.js';
import { reasonToSkip } from '../support/installed.js';
import { type NpmRegistry, startNpmRegistry } from '../support/npm-registry.js';

const ACTION = readAction(ROOT);
const { version: VERSION } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
type Inputs = Readonly<Record<string, string>>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'storewire-action-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('action.yml', () => {
  it('puts no expression into the text of a script, and every input into a variable', () => {
    const [step, ...others] = ACTION.runs.steps;
    expect(others).toEqual([]);
    expect(step?.run).not.toContain('${{');
    expect(Object.values(step?.env ?? {}).sort()).toEqual(
      Object.keys(ACTION.inputs)
        .map((name) => `\${{ inputs.${name} }}`)
        .sort(),
    );
  });

  describe(`its script${reasonToSkip('bash')}`, { skip: reasonToSkip('bash') !== '' }, () => {
    /** With an npm that installs a storewire which prints its words, writes `{"verdict":"warn"}` and exits with 5. */
    const run = async (inputs: Inputs, npm = FAKE_NPM): Promise<ActionRun & { readonly words: readonly string[] }> => {
      const programs = mkdtempSync(path.join(folder, 'bin-'));
      writeFileSync(path.join(programs, 'npm'), npm);
      chmodSync(path.join(programs, 'npm'), 0o755);
      const temp = mkdtempSync(path.join(folder, 'temp-'));
      const env = { PATH: `${programs}:${process.env.PATH}` };
      const result = await runAction(ROOT, inputs, { temp, workspace: path.join(temp, 'work'), env });
      const words = result.stdout.replaceAll(temp, 'TEMP').split('\n').slice(0, -1);
      return { ...result, words };
    };
    const REPORTS = ['--report=json', `--report-file=TEMP/storewire-${VERSION}/report.json`];

    it.each<[string, Inputs, readonly string[]]>([
      ['nothing', {}, ['check', ...REPORTS, '--report=github']],
      ['a URL', { url: 'https://a.example/x' }, ['check', ...REPORTS, '--report=github', '--', 'https://a.example/x']],
      [
        'everything of check',
        {
          url: 'https://example.com/a b',
          environment: 'both',
          only: 'tls,test',
          skip: 'dns',
          strict: 'true',
          'junit-file': 'out/check 1.xml',
        },
        [
          ...['check', ...REPORTS, '--report=junit', '--report-file=out/check 1.xml', '--report=github'],
          ...['--environment=both', '--only=tls,test', '--skip=dns', '--strict', '--', 'https://example.com/a b'],
        ],
      ],
      [
        'everything of audit',
        { mode: 'audit', url: 'https://a.example/', environment: 'sandbox', control: 'true', confirm: 'true' },
        [
          ...['audit', ...REPORTS, '--report=github', '--environment=sandbox', '--control', '--yes'],
          ...['--', 'https://a.example/'],
        ],
      ],
      [
        'commands in the place of values',
        { url: '$(touch hit)`touch hit`; touch hit', only: '"; touch hit; "', skip: '--yes', 'junit-file': "'\n$(id)" },
        [
          ...['check', ...REPORTS, '--report=junit', "--report-file='", '$(id)', '--report=github'],
          ...['--only="; touch hit; "', '--skip=--yes', '--', '$(touch hit)`touch hit`; touch hit'],
        ],
      ],
    ])('passes on %s, and hands back verdict and exit code', async (_case, inputs, words) => {
      const result = await run(inputs);
      expect(result).toMatchObject({ status: 5, words, outputs: { verdict: 'warn', 'exit-code': '5' } });
    });

    it.each<[Inputs, string]>([
      [{ mode: 'listen' }, 'the input "mode" is check or audit'],
      [{ mode: 'check\naudit' }, 'the input "mode" is check or audit'],
      [{ mode: '' }, 'the input "mode" is check or audit'],
      [{ strict: 'yes' }, 'the input "strict" is true or false'],
      [{ control: '' }, 'the input "control" is true or false'],
      [{ confirm: 'true\nfalse"; exit 0' }, 'the input "confirm" is true or false'],
    ])('refuses %j', async (inputs, message) => {
      const { status, stdout, outputs } = await run(inputs);
      expect({ status, stdout }).toEqual({ status: 2, stdout: `::error title=storewire::${message}\n` });
      expect(outputs).toEqual({ verdict: 'error', 'exit-code': '2' });
    });

    it('says so where its version cannot be installed', async () => {
      const { status, stdout, outputs } = await run({}, '#!/bin/sh\nexit 1\n');
      expect({ status, stdout }).toEqual({
        status: 2,
        stdout: `::error title=storewire::storewire ${VERSION} could not be installed\n`,
      });
      expect(outputs).toEqual({ verdict: 'error', 'exit-code': '2' });
    });

    it.each([
      ['no report', ''],
      ['a report that is no JSON', 'echo { >"$report"'],
      ['a verdict over two lines', `printf '{"verdict":"a\\\\nexit-code=0"}' >"$report"`],
    ])('calls %s an error, whatever the exit code', async (_case, write) => {
      const npm = FAKE_NPM.replace(/^printf .*warn.*$/m, write);
      const { outputs } = await run({}, npm);
      expect(outputs).toEqual({ verdict: 'error', 'exit-code': '5' });
    });
  });

  describe(`run with npm and a registry${reasonToSkip('bash', 'npm')}`, {
    skip: reasonToSkip('bash', 'npm') !== '',
  }, () => {
    let registry: NpmRegistry;
    let endpoint: Server;
    let url: string;
    beforeAll(async () => {
      const newest = path.join(folder, 'newest');
      mkdirSync(path.join(newest, 'bin'), { recursive: true });
      writeFileSync(
        path.join(newest, 'package.json'),
        '{"name":"storewire","version":"9.9.9","bin":"bin/storewire.js"}',
      );
      writeFileSync(path.join(newest, 'bin/storewire.js'), 'console.log("the newest one ran")');
      registry = await startNpmRegistry('storewire', { [VERSION]: pack(ROOT), '9.9.9': pack(newest) });
      // It answers 200 to whatever it is sent.
      endpoint = createServer((request, response) => void request.resume().on('end', () => response.end()));
      await once(endpoint.listen(0, '127.0.0.1'), 'listening');
      url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
    });
    afterAll(() => {
      registry?.close();
      endpoint?.close();
    });

    const pack = (of: string): Buffer => {
      const to = mkdtempSync(path.join(folder, 'packed-'));
      const output = execFileSync('npm', ['pack', of, '--json', '--ignore-scripts', '--pack-destination', to], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return readFileSync(path.join(to, JSON.parse(output)[0].filename));
    };

    const run = (inputs: Inputs, workspace: string, temp: string): Promise<ActionRun> =>
      runAction(ROOT, inputs, {
        temp,
        workspace,
        env: {
          PATH: process.env.PATH,
          HOME: temp,
          npm_config_registry: registry.url,
          npm_config_cache: path.join(temp, 'npm'),
          npm_config_update_notifier: 'false',
        },
      });

    it('runs its own version, and not that of a registry which the workspace names', async () => {
      const temp = mkdtempSync(path.join(folder, 'temp-'));
      const workspace = path.join(temp, 'work');
      mkdirSync(workspace);
      writeFileSync(path.join(workspace, '.npmrc'), 'registry=http://127.0.0.1:1/\n');
      const inputs = { url, only: 'http', 'junit-file': 'check.xml' };
      const { status, stdout, stderr, summary, outputs } = await run(inputs, workspace, temp);
      expect({ outputs, status }, stderr).toEqual({ outputs: { verdict: 'warn', 'exit-code': '0' }, status: 0 });
      expect(stdout).toMatch(/^::warning title=storewire http\.status::/m);
      expect(stdout).toMatch(/^::notice title=storewire check::/m);
      expect(readFileSync(path.join(workspace, 'check.xml'), 'utf8')).toContain('<testsuite');
      expect(summary).toContain('## storewire check');
      expect(registry.requests).toContain(`/tarballs/${VERSION}.tgz`);
      expect(registry.requests).not.toContain('/tarballs/9.9.9.tgz');

      const audit = await run({ mode: 'audit', url }, workspace, temp);
      expect(audit.status, audit.stderr).toBe(Number(audit.outputs['exit-code']));
      expect(audit.outputs.verdict).toMatch(/^(unsafe|inconclusive)$/);
      expect(audit.stdout).toMatch(/^::(error|warning|notice) title=storewire audit/m);

      const usage = await run({ mode: 'audit', url: 'not a url' }, workspace, temp);
      expect(usage).toMatchObject({ status: 2, outputs: { verdict: 'error', 'exit-code': '2' } });
    });
  });
});

/** What `npm install` leaves, with a program that tells what it was called with. */
const FAKE_NPM = `#!/bin/sh
test "$1 $2 $3" = 'install --prefix .' || exit 9
mkdir -p node_modules/storewire/bin
cat >node_modules/storewire/bin/storewire.js <<'END'
require('node:child_process').execFileSync('sh', ['-c', \`
report=$1
printf '{"verdict":"warn"}' >"$report"
\`, 'sh', process.argv.find((word) => word.startsWith('--report-file=')).slice(14)]);
console.log(process.argv.slice(2).join('\\n'));
process.exitCode = 5;
END
`;

import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { type AuthorityCommandOptions, registerAuthority, runAuthority } from '../../src/commands/authority/command.js';
import { captureOutput, TEST_NOW_MS } from '../support/run-cli.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-authority-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function run(options: Partial<AuthorityCommandOptions> = {}, isTty = false) {
  const chunks: Buffer[] = [];
  const write = (data: string | Uint8Array): void => void chunks.push(Buffer.from(data));
  const stdout = { ...captureOutput({ isTty, columns: 100 }).stream, write };
  const stderr = captureOutput();
  const code = await runAuthority(
    { pem: false, der: false, verbose: false, json: false, ...options },
    {
      stdout,
      stderr: stderr.stream,
      env: { HOME: home },
      cwd: home,
      now: () => TEST_NOW_MS,
      platform: process.platform,
      userId: process.geteuid?.() ?? -1,
    },
  );
  const bytes = Buffer.concat(chunks);
  return { code, stdout: bytes.toString(), stderr: stderr.text(), bytes };
}

describe('authority, wiring', () => {
  async function parse(argv: readonly string[]): Promise<AuthorityCommandOptions | undefined> {
    let options: AuthorityCommandOptions | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const capture = async (given: AuthorityCommandOptions) => {
      options = given;
      return 0 as const;
    };
    registerAuthority(program, {} as Deps, () => undefined, capture);
    await program.parseAsync(['authority', ...argv], { from: 'user' });
    return options;
  }

  it('has defaults', async () =>
    expect(await parse([])).toEqual({ pem: false, der: false, verbose: false, json: false }));
  it('takes every flag', async () => {
    const options = { pem: true, der: true, verbose: true, json: true, profile: 'p' };
    expect(await parse('--pem --der -v --json --profile p'.split(' '))).toEqual(options);
  });
});

const LIBRARIES = ['Node', 'Python', 'Java', 'Swift'];

describe('authority', () => {
  it('creates the authority on first use, reports that once, and shows it', async () => {
    const first = await run();
    expect(first.stderr).toBe(
      `Created a test authority for this project: ${join(home, '.storewire/authority/root.pem')}\n`,
    );
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(first.stdout);
    const sha256 = /SHA-256 +([0-9A-F]{64})/.exec(stdout)?.[1];
    expect(stdout.replace(sha256 ?? '', 'FINGERPRINT')).toBe(`Test authority of this project
  certificate  ~/.storewire/authority/root.pem
  SHA-256      FINGERPRINT
  valid until  2027-11-20T12:00:00Z  in 365 days

It signs the notifications of trigger and emulator. For use with Apple's libraries: storewire
authority -v
`);
  });

  it('-v adds the subject, the validity and the use in each library', async () => {
    const { stdout } = await run({ verbose: true });
    const [serial] = /(?<=serial +)[0-9A-F]+/.exec(stdout) ?? [];
    const [sha256] = /(?<=SHA-256 +)[0-9A-F]{64}/.exec(stdout) ?? [];
    expect(
      stdout.replace(serial ?? '', 'SERIAL').replace(sha256 ?? '', 'FINGERPRINT'),
    ).toBe(`Test authority of this project
  certificate  ~/.storewire/authority/root.pem
  SHA-256      FINGERPRINT
  subject      CN=storewire TEST Root, OU=storewire TEST, O=storewire
  serial       SERIAL
  valid from   2024-11-19T12:00:00Z
  valid until  2027-11-20T12:00:00Z  in 365 days

Root certificates of SignedDataVerifier in Apple's libraries
  Node    [readFileSync('test-root.pem')]  PEM or DER
  Python  [open('test-root.der', 'rb').read()]  DER
  Java    Set.of(new FileInputStream("test-root.pem"))  PEM or DER
  Swift   [try Data(contentsOf: URL(fileURLWithPath: "test-root.der"))]  DER

Set enableOnlineChecks to false for notifications of trigger: its certificates name no OCSP
responder. The emulator's do.
`);
  });

  it('--pem is the certificate and nothing else; stderr warns in one line', async () => {
    const { stdout, stderr } = await run({ pem: true });
    expect(new X509Certificate(stdout).toString()).toBe(stdout);
    expect(stderr).toMatch(/Root of the test authority\. For tests only: never trust it in production\.\n$/);
    expect(stdout + stderr).not.toContain('PRIVATE KEY');
  });

  it('--pem -v explains the use in each library on stderr', async () => {
    const { stdout, stderr } = await run({ pem: true, verbose: true });
    expect(new X509Certificate(stdout).toString()).toBe(stdout);
    for (const library of LIBRARIES) expect(stderr).toContain(`  ${library} `);
    expect(stderr).toContain('enableOnlineChecks');
  });

  it('--der is the same certificate, byte by byte', async () => {
    const { stdout: pem } = await run({ pem: true });
    const { bytes, stderr } = await run({ der: true });
    expect(bytes.equals(new X509Certificate(pem).raw)).toBe(true);
    expect(stderr).toContain('For tests only');
  });

  it('--json is one document, without the key', async () => {
    const { stdout: pem } = await run({ pem: true });
    const { stdout, stderr } = await run({ json: true });
    const root = new X509Certificate(pem);
    expect(stderr).toBe('');
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual({
      subject: 'CN=storewire TEST Root, OU=storewire TEST, O=storewire',
      sha256: root.fingerprint256.replaceAll(':', ''),
      serial: root.serialNumber,
      notBefore: '2024-11-19T12:00:00Z',
      notAfter: '2027-11-20T12:00:00Z',
      rootPath: join(home, '.storewire/authority/root.pem'),
      pem,
    });
  });

  it.each([
    ['--der on a terminal', { der: true }, true, 'ERR_USAGE_BINARY_TERMINAL'],
    ['--pem with --der', { pem: true, der: true }, false, 'ERR_USAGE_AUTHORITY_FORM'],
    ['--pem with --json', { pem: true, json: true }, false, 'ERR_USAGE_AUTHORITY_FORM'],
  ])('%s is rejected, and nothing is created', async (_case, options, isTty, code) => {
    await expect(run(options, isTty)).rejects.toMatchObject({ kind: 'usage', code });
    expect(existsSync(join(home, '.storewire'))).toBe(false);
  });
});

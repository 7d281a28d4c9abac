import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../src/cli/deps.js';
import { type AuthorityOptions, registerAuthority, runAuthority } from '../../src/commands/authority/command.js';
import { captureOutput, TEST_NOW_MS } from '../support/run-cli.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'storewire-authority-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function run(options: Partial<AuthorityOptions> = {}, isTty = false) {
  const chunks: Buffer[] = [];
  const write = (data: string | Uint8Array): void => void chunks.push(Buffer.from(data));
  const stdout = { ...captureOutput({ isTty, columns: 100 }).stream, write };
  const stderr = captureOutput();
  const code = await runAuthority(
    { pem: false, der: false, json: false, ...options },
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
  async function parse(argv: readonly string[]): Promise<AuthorityOptions | undefined> {
    let options: AuthorityOptions | undefined;
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const capture = async (given: AuthorityOptions) => {
      options = given;
      return 0 as const;
    };
    registerAuthority(program, {} as Deps, () => undefined, capture);
    await program.parseAsync(['authority', ...argv], { from: 'user' });
    return options;
  }

  it('has defaults', async () => expect(await parse([])).toEqual({ pem: false, der: false, json: false }));
  it('takes every flag', async () => {
    const options = { pem: true, der: true, json: true, profile: 'p' };
    expect(await parse('--pem --der --json --profile p'.split(' '))).toEqual(options);
  });
});

const LIBRARIES = ['Node', 'Python', 'Java', 'Swift'];

describe('authority', () => {
  it('is made on first need, which is told once, and shown', async () => {
    const first = await run();
    expect(first.stderr).toBe(
      `A test authority was made for this project: ${join(home, '.storewire/authority/root.pem')}\n`,
    );
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(first.stdout);
    const sha256 = /SHA-256 +([0-9A-F]{64})/.exec(stdout)?.[1];
    expect(stdout.replace(sha256 ?? '', 'FINGERPRINT')).toBe(`Test authority of this project
  subject      CN=storewire TEST Root, OU=storewire TEST, O=storewire
  SHA-256      FINGERPRINT
  valid from   2024-11-19T12:00:00Z
  valid until  2027-11-20T12:00:00Z  in 365 days
  certificate  ~/.storewire/authority/root.pem

It signs what trigger and emulator send. Nothing believes it unless it is given the root:

The root in Apple's libraries
  Node         new SignedDataVerifier([readFileSync('test-root.pem')], …): PEM or DER
  Python       SignedDataVerifier([open('test-root.der', 'rb').read()], …): DER only
  Java         new SignedDataVerifier(Set.of(new FileInputStream("test-root.pem")), …): PEM or DER
  Swift        SignedDataVerifier(rootCertificates: [try Data(contentsOf: derFile)], …): DER only

Set enableOnlineChecks to false for what trigger signs: its certificates name no OCSP responder.
Those of the emulator do.
`);
  });

  it('--pem is the certificate and nothing else; stderr says how each library takes it', async () => {
    const { stdout, stderr } = await run({ pem: true });
    expect(new X509Certificate(stdout).toString()).toBe(stdout);
    for (const library of LIBRARIES) expect(stderr).toContain(`  ${library} `);
    expect(stderr).toContain('enableOnlineChecks');
    expect(stdout + stderr).not.toContain('PRIVATE KEY');
  });

  it('--der is the same certificate, byte by byte', async () => {
    const { stdout: pem } = await run({ pem: true });
    const { bytes, stderr } = await run({ der: true });
    expect(bytes.equals(new X509Certificate(pem).raw)).toBe(true);
    for (const library of LIBRARIES) expect(stderr).toContain(library);
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
  ])('%s is refused, and nothing is made', async (_case, options, isTty, code) => {
    await expect(run(options, isTty)).rejects.toMatchObject({ kind: 'usage', code });
    expect(existsSync(join(home, '.storewire'))).toBe(false);
  });
});

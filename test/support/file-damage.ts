import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordJournal } from './recorded-journal.js';
import { type CliRun, runCli } from './run-cli.js';
import { mulberry32 } from './seeded-random.js';

/** A file that commands read, and the command lines that read it. */
interface DamagedFile {
  readonly file: string;
  readonly argvs: readonly (readonly string[])[];
}

/** A home folder with every file that the commands read: settings, keys, roots, authority, journal, a notification. */
export interface DamageLab {
  readonly files: readonly DamagedFile[];
  /** Damages one place of a file, runs a command line that reads it, and returns the defects: empty if the run was in order. */
  tryOne(seed: number, target: DamagedFile): Promise<readonly string[]>;
  remove(): void;
}

const KEY_ID = 'ABC1234567';

export async function createDamageLab(): Promise<DamageLab> {
  const pristine = await makeHome();
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'storewire-damage-')));
  const env = { HOME: home, USERPROFILE: home, STOREWIRE_ROOT: path.join(home, '.storewire/authority/root.pem') };
  const key = readFileSync(path.join(pristine, `SubscriptionKey_${KEY_ID}.p8`), 'utf8').split('\n');
  // Before them are the algorithm and the curve, which every certificate names too.
  const secrets = [key[1]!.slice(-14), key[2]!.slice(0, 20)];
  return {
    files: filesIn(pristine),
    async tryOne(seed, { file, argvs }) {
      const random = mulberry32(seed);
      rmSync(home, { recursive: true, force: true });
      cpSync(pristine, home, { recursive: true });
      const whole = readFileSync(path.join(home, file));
      const damage = damageOf(whole, random);
      writeFileSync(path.join(home, file), damage.bytes);
      const argv = argvs[Math.floor(random() * argvs.length)]!;
      const shown = `${argv.join(' ')}, ${file} ${damage.name} (seed ${seed})`;
      try {
        const run = await runCli(argv, { cwd: home, env });
        return defectsOf(run, { file, whole, bytes: damage.bytes, secrets }).map((defect) => `${defect}: ${shown}`);
      } catch (error) {
        return [`${error instanceof Error ? error.stack : error}: ${shown}`];
      }
    },
    remove() {
      for (const folder of [home, pristine]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeHome(): Promise<string> {
  const recorded = await recordJournal();
  const { home } = recorded;
  const first = await recorded.receive();
  await recorded.deliver(first, 'app', 200);
  await recorded.receive({ type: 'REFUND' });
  await recorded.reject(Buffer.from('{"signedPayload":"a.b.c"}'));
  await recorded.close();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyPath = `SubscriptionKey_${KEY_ID}.p8`;
  const write = (name: string, text: string | Uint8Array): void => {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    writeFileSync(path.join(home, name), text, { mode: 0o600 });
  };
  write(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  write(
    '.storewire.json',
    '{ "bundleId": "com.example.app", "environment": "production", "port": 4280, "events": ["REFUND"] }\n',
  );
  const server = { issuerId: '57246542-96fe-1a63-e053-0824d011072a', keyId: KEY_ID, privateKeyPath: `~/${keyPath}` };
  write('.config/storewire/config.json', JSON.stringify({ profiles: { default: { server } } }, null, 2));
  write('notification.json', first.body);
  write('root.der', new X509Certificate(readFileSync(path.join(home, '.storewire/authority/root.pem'))).raw);
  return home;
}

function filesIn(home: string): readonly DamagedFile[] {
  const settings = [
    ['config', '--json'],
    ['verify', 'notification.json', '--json'],
  ];
  const journal = [
    ['journal', 'list', '--json'],
    ['journal', 'show', 'last', '--json'],
    ['journal', 'list'],
  ];
  const journalFiles = readdirSync(path.join(home, '.storewire'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.storewire/authority'));
  return [
    { file: '.storewire.json', argvs: settings },
    { file: '.config/storewire/config.json', argvs: settings },
    { file: `SubscriptionKey_${KEY_ID}.p8`, argvs: [['config', '--json'], ['config']] },
    { file: 'root.der', argvs: [['verify', 'notification.json', '--json', '--root', 'root.der']] },
    {
      file: '.storewire/authority/root.pem',
      argvs: [
        ['verify', 'notification.json', '--json'],
        ['trigger', 'TEST', '--print'],
      ],
    },
    { file: '.storewire/authority/root-key.pem', argvs: [['trigger', 'TEST', '--print'], ['authority']] },
    {
      file: 'notification.json',
      argvs: [
        ['decode', 'notification.json', '--json'],
        ['verify', 'notification.json'],
      ],
    },
    ...journalFiles.map((file) => ({ file, argvs: journal })),
  ];
}

interface Damage {
  readonly name: string;
  readonly bytes: Buffer;
}

/** One bit in four cases of five, else a cut. */
function damageOf(whole: Buffer, random: () => number): Damage {
  const at = Math.floor(random() * whole.length);
  if (random() < 0.2) return { name: `cut at ${at}`, bytes: whole.subarray(0, at) };
  const bit = Math.floor(random() * 8);
  const bytes = Buffer.from(whole);
  bytes[at] = bytes[at]! ^ (1 << bit);
  return { name: `bit ${bit} of byte ${at}`, bytes };
}

interface Case {
  readonly file: string;
  readonly whole: Buffer;
  readonly bytes: Buffer;
  /** Parts of the private key. */
  readonly secrets: readonly string[];
}

/** Control characters other than tab and newline, and those that change the direction of text or have no width. */
const RAW = /[^\P{C}\n\t]|[\u2028\u2029]/u;

function defectsOf({ code, stdout, stderr }: CliRun, { file, whole, bytes, secrets }: Case): readonly string[] {
  const output = stdout + stderr;
  return [
    ...(code >= 0 && code <= 5 ? [] : [`exit ${code}`]),
    ...(RAW.test(output) ? ['a raw character on the terminal'] : []),
    ...(/\[object |\bundefined\b|\bNaN\b|Invalid Date/.test(output) ? ['a value that was converted'] : []),
    ...(secrets.some((secret) => output.includes(secret)) ? ['a part of a private key'] : []),
    ...(stdout.startsWith('{') && !isJson(stdout) ? ['no JSON'] : []),
    ...(isOtherRoot(file, whole, bytes) && /"verdict":"valid"/.test(stdout) ? ['valid under a damaged root'] : []),
  ];
}

/** One document, or one a line. */
function isJson(text: string): boolean {
  const parses = (each: string): boolean => {
    try {
      JSON.parse(each);
      return true;
    } catch {
      return false;
    }
  };
  return parses(text) || text.trimEnd().split('\n').every(parses);
}

/** A root is trusted for its name and key; the rest of its certificate may be damaged. */
function isOtherRoot(file: string, whole: Buffer, damaged: Buffer): boolean {
  if (!/root\.(?:pem|der)$/.test(file)) return false;
  try {
    const [before, after] = [new X509Certificate(whole), new X509Certificate(damaged)];
    return before.subject !== after.subject || !before.publicKey.equals(after.publicKey);
  } catch {
    return false;
  }
}

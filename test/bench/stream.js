import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Environment, SignedDataVerifier } from '@apple/app-store-server-library';
import { times } from './report.js';

const BIN = fileURLToPath(new URL('../../bin/storewire.js', import.meta.url));
const BARE = fileURLToPath(new URL('bare-verify.js', import.meta.url));
const BUNDLE_ID = 'com.example.app';
/** 240 MB; read again and again, so that the disk of a laptop need not hold the whole stream. */
const LINES_A_FILE = 12_000;

/** Payloads a second: ours on all cores, Apple's library in one loop, and what openssl's ECDSA and crypto.verify allow with three tokens each. */
export async function measureStream(corpus, payloads, applePayloads) {
  const file = path.join(corpus.folder, 'stream.ndjson');
  await writeLines(file, corpus.lines, LINES_A_FILE);
  const files = Array.from({ length: Math.ceil(payloads / LINES_A_FILE) }, () => file);
  const apple = await appleRate(corpus, applePayloads);
  const rows = [];
  for (const output of ['--summary', '--json']) {
    // Beside each run: a shared machine is not equally fast all the time.
    const openssl = opensslRate() / 3;
    const bare = await bareRate(corpus.files.one);
    const rate =
      (files.length * LINES_A_FILE) / (await secondsOf(['verify', ...files, '--root', corpus.files.root, output]));
    rows.push(
      {
        name: `verify of a stream ${output}`,
        measured: `${Math.round(rate)}/s, Apple's library ${Math.round(apple)}/s: ${times(rate / apple)}`,
        bar: '>= 30 x',
        met: rate >= 30 * apple,
      },
      {
        name: `verify of a stream ${output}`,
        measured: `${Math.round(rate)}/s, openssl allows ${Math.round(openssl)}/s: ${((100 * rate) / openssl).toFixed(0)} %`,
        bar: '>= 50 %',
        met: rate >= 0.5 * openssl,
      },
      {
        name: `verify of a stream ${output}`,
        measured: `${Math.round(rate)}/s, crypto.verify alone ${Math.round(bare)}/s: ${((100 * rate) / bare).toFixed(0)} %`,
        bar: '>= 75 %',
        met: rate >= 0.75 * bare,
      },
    );
  }
  return rows;
}

async function writeLines(file, lines, count) {
  const stream = createWriteStream(file);
  for (let at = 0; at < count; at++) if (!stream.write(lines[at % lines.length])) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}

/** Start-up included: a stream is a command somebody waits for. What it prints goes to the null device, as reading it would cost a core. */
async function secondsOf(args) {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, [BIN, ...args], { stdio: 'ignore' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`storewire ${args.join(' ')} ended with ${code}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

async function appleRate({ signed, files }, count) {
  const verifier = new SignedDataVerifier([readFileSync(files.rootDer)], false, Environment.SANDBOX, BUNDLE_ID);
  const judge = async (at) => {
    const notification = await verifier.verifyAndDecodeNotification(signed[at % signed.length].signedPayload);
    await verifier.verifyAndDecodeTransaction(notification.data.signedTransactionInfo);
    await verifier.verifyAndDecodeRenewalInfo(notification.data.signedRenewalInfo);
  };
  for (let at = 0; at < 20; at++) await judge(at);
  const started = process.hrtime.bigint();
  for (let at = 0; at < count; at++) await judge(at);
  return count / (Number(process.hrtime.bigint() - started) / 1e9);
}

/** Notifications a second whose three signatures `crypto.verify` checks on all cores, with nothing around it. */
async function bareRate(file) {
  const rates = await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      const child = spawn(process.execPath, [BARE, file, '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const chunks = [];
      child.stdout.on('data', (chunk) => chunks.push(chunk));
      const [code] = await once(child, 'close');
      if (code !== 0) throw new Error(`${BARE} ended with ${code}`);
      return Number(Buffer.concat(chunks));
    }),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}

/** ECDSA verifications (P-256) a second that openssl makes on all cores. */
export function opensslRate() {
  const { stdout } = spawnSync(
    'openssl',
    ['speed', '-seconds', '5', '-multi', String(availableParallelism()), 'ecdsap256'],
    {
      encoding: 'utf8',
    },
  );
  const rate = Number(/nistp256.* ([\d.]+)\s*$/m.exec(stdout)?.[1]);
  if (!(rate > 0)) throw new Error(`openssl speed printed no rate: ${stdout}`);
  return rate;
}

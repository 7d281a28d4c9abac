import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { freePort } from './listen.js';

/** `STOREWIRE_BIN` is the program of another build, for a comparison side by side. */
const BIN = process.env.STOREWIRE_BIN ?? fileURLToPath(new URL('../../bin/storewire.js', import.meta.url));
const PEAK = fileURLToPath(new URL('./peak-memory.cjs', import.meta.url));
/** As files of earlier versions are rotated: the largest that a reader may find. */
const SEGMENT_BYTES = 256 * 1024 * 1024;
const STEP_MS = 2_000;
/** With its head, a record has about 1,500 bytes, so that a million stays below the default limit of a journal. */
const BODY_CHARACTERS = 750;
const PENDING_EVERY = 50_000;
const LIMIT_MS = 1_000;
const LIMIT_MIB = 150;

/**
 * Times and memory of whole processes over journals of growing size, every notification of which was forwarded once. The first read builds
 * the index, as on a journal of an earlier version; the others find it.
 */
export async function measureJournal(corpus, sizes) {
  const rows = [];
  for (const size of sizes) {
    const cwd = mkdtempSync(path.join(corpus.folder, 'journal-'));
    const { sinceMs } = writeJournal(path.join(cwd, '.storewire'), size, corpus);
    rows.push({ size, ...(await measureReaders(cwd, sinceMs, corpus)) });
    rmSync(cwd, { recursive: true });
  }
  return describeGrowth(rows);
}

async function measureReaders(cwd, sinceMs, { files }) {
  const run = (...args) => measureRun(cwd, args, files.root);
  return {
    'first read': await run('journal', 'list', '--limit', '10'),
    'list --limit 10': await run('journal', 'list', '--limit', '10'),
    'show last': await run('journal', 'show', 'last'),
    'list --since, 1,000': await run('journal', 'list', '--since', new Date(sinceMs).toISOString()),
    'list --transaction-id, whole id': await run('journal', 'list', '--transaction-id', transactionOf(7)),
    'list --transaction-id, its start': await run('journal', 'list', '--transaction-id', transactionOf(7).slice(0, -1)),
    'replay --failed --dry-run': await run('replay', '--failed', '--dry-run', '-f', 'app=http://127.0.0.1:9/'),
    'listen ready': await measureStart(cwd, files.root),
  };
}

async function measureRun(cwd, args, root) {
  const startedAt = performance.now();
  const child = startProgram(cwd, args, root);
  child.stdout.resume();
  const peak = readPeak(child);
  const said = [];
  child.stderr.on('data', (chunk) => said.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`storewire ${args.join(' ')} ended with ${code}: ${Buffer.concat(said)}`);
  return { ms: performance.now() - startedAt, mib: await peak };
}

/** Time until the endpoint answers; the memory is the peak until then and through the stop. */
async function measureStart(cwd, root) {
  const port = await freePort();
  const startedAt = performance.now();
  const child = startProgram(cwd, ['listen', '--port', String(port)], root);
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  const peak = readPeak(child);
  while (!(await answers(`http://127.0.0.1:${port}/`))) {
    if (child.exitCode !== null) throw new Error(`storewire listen ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ms = performance.now() - startedAt;
  child.kill('SIGINT');
  return { ms, mib: await peak };
}

export function startProgram(cwd, args, root) {
  return spawn(process.execPath, ['--require', PEAK, BIN, ...args], {
    cwd,
    env: { ...process.env, XDG_CONFIG_HOME: cwd, STOREWIRE_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** Peak of the resident memory in MiB, as the process reports it on exit. */
export async function readPeak(child) {
  const chunks = [];
  for await (const chunk of child.stdio[3]) chunks.push(chunk);
  return Number(Buffer.concat(chunks)) / 1024;
}

/** Writes the files of a state folder as `listen` does. The last notification and those that are pending are genuine. */
export function writeJournal(folder, size, corpus) {
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(path.join(folder, '.gitignore'), '*\n');
  writeFileSync(path.join(folder, 'owner.json'), JSON.stringify({ folder: String(statSync(folder).ino), foreign: [] }));
  const startMs = Date.now() - size * STEP_MS;
  const body = JSON.stringify({ signedPayload: `e30.${'a1B2c3D4e5'.repeat(BODY_CHARACTERS / 10)}.sig` });
  const file = openSegments(folder);
  for (let n = 0; n < size; n++) {
    const atMs = startMs + n * STEP_MS;
    const isGenuine = n === size - 1 || isPending(n);
    const genuine = isGenuine ? corpus.sign().body : null;
    const uuid = genuine === null ? uuidOf(n) : uuidIn(genuine);
    file.write(receiptLine(n, uuid, atMs, genuine ?? body), atMs);
    file.write(deliveryLine(n, uuid, atMs + 40), atMs);
  }
  file.close();
  return { sinceMs: startMs + (size - 1_000) * STEP_MS };
}

function openSegments(folder) {
  let [fd, bytes, lines] = [-1, 0, []];
  const flush = () => {
    if (lines.length > 0) writeSync(fd, lines.join(''));
    lines = [];
  };
  const current = path.join(folder, 'journal.ndjson');
  return {
    write(line, atMs) {
      if (fd !== -1 && bytes + line.length > SEGMENT_BYTES) {
        flush();
        closeSync(fd);
        renameSync(current, path.join(folder, `journal-${new Date(atMs).toISOString().replace(/[-:.]/g, '')}.ndjson`));
        fd = -1;
      }
      if (fd === -1) [fd, bytes] = [openSync(current, 'a', 0o600), 0];
      lines.push(line);
      bytes += line.length;
      if (lines.length === 1_000) flush();
    },
    close() {
      flush();
      closeSync(fd);
    },
  };
}

/** Ids and UUIDs look random, so that nothing gains from their order. */
function digits(n, salt) {
  const word = (at) => crc32(`${salt} ${at} ${n}`).toString(16).padStart(8, '0');
  return word(0) + word(1) + word(2) + word(3);
}

const idOf = (n) => digits(n, 'id').slice(0, 16);

function uuidOf(n) {
  const text = digits(n, 'uuid');
  return [8, 12, 16, 20, 32].map((end, at) => text.slice([0, 8, 12, 16, 20][at], end)).join('-');
}

const TYPES = ['DID_RENEW', 'SUBSCRIBED.INITIAL_BUY', 'DID_CHANGE_RENEWAL_STATUS.AUTO_RENEW_DISABLED', 'REFUND'];

function uuidIn(body) {
  const [, payload] = JSON.parse(body).signedPayload.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url')).notificationUUID;
}

function receiptLine(n, uuid, atMs, body) {
  const facts = {
    ...{ kind: 'notification', uuid, type: TYPES[n % TYPES.length], bundleId: 'com.example.app' },
    ...{ appAppleId: '1234567890', environment: 'Sandbox', productId: `pro.${n % 7}`, signedAtMs: atMs - 900 },
    ...{
      content: digits(n, 'content'),
      transactionId: transactionOf(n),
      originalTransactionId: transactionOf(n - (n % 4)),
    },
  };
  const verdict = { verdict: 'valid', reason: null, root: null, checkedAtMs: atMs, clock: 'signedDate', failed: [] };
  return lineOf({
    ...{ type: 'receipt', id: idOf(n), atMs, address: '17.58.1.2', contentType: 'application/json' },
    ...{ bytes: body.length, facts, verdict, synthetic: false, repeatOf: null, answered: 200, targets: ['app'] },
    ...{ marks: [], body },
  });
}

/** Sixteen digits, as in the sandbox. */
const transactionOf = (n) => String(2_000_000_000_000_000 + n);

const isPending = (n) => n % PENDING_EVERY === PENDING_EVERY / 2;

function deliveryLine(n, uuid, atMs) {
  return lineOf({
    ...{
      type: 'delivery',
      id: idOf(n),
      uuid,
      target: 'app',
      attempt: 1,
      httpStatus: isPending(n) ? 400 : 200,
    },
    ...{ ms: 12, outcome: isPending(n) ? 'refused' : 'accepted', atMs, final: true, nextAtMs: null },
  });
}

function lineOf(record) {
  const rest = JSON.stringify(record).slice(1);
  return `{"crc":"${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`;
}

/** Reads every record. */
const NO_BAR = new Set(['first read', 'list --transaction-id, its start']);

function describeGrowth(rows) {
  return Object.keys(rows[0])
    .filter((name) => name !== 'size')
    .flatMap((name) =>
      rows.map(({ size, [name]: { ms, mib } }) => ({
        name: `${name}, ${size.toLocaleString('en-US')}`,
        measured: `${(ms / 1000).toFixed(2)} s, ${mib.toFixed(0)} MiB`,
        bar: NO_BAR.has(name) ? `<= ${LIMIT_MIB} MiB` : `< 1 s, <= ${LIMIT_MIB} MiB`,
        met: mib <= LIMIT_MIB && (NO_BAR.has(name) || ms < LIMIT_MS),
      })),
    );
}

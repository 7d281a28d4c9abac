import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readPeak, startProgram, writeJournal } from './journal.js';

const LIMIT_MS = 1_000;

/** What is built once: the index of the journal, the texts of the search. */
const LIMIT_FIRST_MS = 5_000;

const LIMIT_MIB = 250;

/**
 * Times of the local page over a journal, from the start of the process to the first rows, and of a search. The first run builds the
 * index, as on a journal of an earlier version; the second finds it, and decides the bar.
 */
export async function measureInspect(corpus, size) {
  const cwd = mkdtempSync(path.join(corpus.folder, 'inspect-'));
  writeJournal(path.join(cwd, '.storewire'), size, corpus);
  const first = await measurePage(cwd, corpus.files.root);
  const second = await measurePage(cwd, corpus.files.root);
  rmSync(cwd, { recursive: true });
  const records = size.toLocaleString('en-US');
  const bar = (name, ms, limitMs) => ({
    name: `inspect, ${records}: ${name}`,
    measured: `${(ms / 1000).toFixed(2)} s`,
    bar: `<= ${limitMs / 1000} s`,
    met: ms <= limitMs,
  });
  return [
    bar('first rows', second.rowsMs, LIMIT_MS),
    bar('without an index', first.rowsMs, LIMIT_FIRST_MS),
    bar('next rows', second.pageMs, LIMIT_MS),
    bar('first search', second.firstSearchMs, LIMIT_FIRST_MS),
    bar('search', second.searchMs, LIMIT_MS),
    {
      name: `inspect, ${records}: memory`,
      measured: `${second.mib.toFixed(0)} MiB`,
      bar: `<= ${LIMIT_MIB} MiB`,
      met: second.mib <= LIMIT_MIB,
    },
  ];
}

async function measurePage(cwd, root) {
  const startedAt = performance.now();
  const child = startProgram(cwd, ['inspect', '--port', '0'], root);
  child.stderr.resume();
  const peak = readPeak(child);
  const url = await readUrl(child);
  const ask = async (query) => {
    const askedAt = performance.now();
    const address = `${url.origin}/api/notifications?limit=100&q=${query}`;
    const response = await fetch(address, { headers: { authorization: `Bearer ${url.hash.slice(3)}` } });
    const { total } = await response.json();
    if (!response.ok || (query === '' && total === 0)) throw new Error(`inspect answered ${response.status}`);
    return performance.now() - askedAt;
  };
  await ask('');
  const rowsMs = performance.now() - startedAt;
  const pageMs = await ask('');
  const firstSearchMs = await ask('7fff');
  const searchMs = await ask('8000');
  child.kill('SIGINT');
  return { rowsMs, pageMs, firstSearchMs, searchMs, mib: await peak };
}

async function readUrl(child) {
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    const found = /http:\/\/127\.0\.0\.1:\d+\/#t=\S+/.exec(text)?.[0];
    if (found !== undefined) return new URL(found);
  }
  throw new Error('inspect printed no URL');
}

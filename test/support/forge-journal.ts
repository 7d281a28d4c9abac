import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

type Line = Record<string, unknown>;

/** Changes the records of the main file and gives each the checksum that it must have, as whoever makes a journal can. */
export function forgeJournal(folder: string, change: (record: Line) => Line): void {
  const path = join(folder, 'journal.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  const forged = lines.map((line) => {
    const { crc: _crc, ...record } = JSON.parse(line) as Line;
    const rest = JSON.stringify(change(record)).slice(1);
    return `{"crc":"${crc32(rest).toString(16).padStart(8, '0')}",${rest}\n`;
  });
  writeFileSync(path, forged.join(''));
}

/** As a clone of a repository brings it: the marker names a folder of another machine. */
export function asCloned(folder: string): void {
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ folder: '1', foreign: [] }));
}

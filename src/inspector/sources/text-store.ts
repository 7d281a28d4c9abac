import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Texts of an input of any length: in memory at first, then in a temporary file of this user, which is deleted. */
export interface TextStore {
  /** Returns the number of the text. */
  add(text: string): number;
  read(number: number): string;
  close(): void;
}

const MEMORY_BYTES = 64 * 1024 * 1024;

const OWNER_ONLY = 0o600;

export function createTextStore(memoryBytes = MEMORY_BYTES): TextStore {
  const inMemory: Buffer[] = [];
  const ends: number[] = [0];
  let kept = 0;
  let file: { readonly fd: number; readonly folder: string } | null = null;
  return {
    add(text) {
      const bytes = Buffer.from(text);
      const start = ends.at(-1)!;
      if (start + bytes.length <= memoryBytes && file === null) {
        inMemory.push(bytes);
        kept = start + bytes.length;
      } else {
        file ??= openTemporary();
        writeAll(file.fd, bytes, start - kept);
      }
      return ends.push(start + bytes.length) - 2;
    },
    read(number) {
      const known = inMemory[number];
      if (known !== undefined) return known.toString('utf8');
      const [start, end] = [ends[number]!, ends[number + 1]!];
      const bytes = Buffer.alloc(end - start);
      readSync(file!.fd, bytes, 0, bytes.length, start - kept);
      return bytes.toString('utf8');
    },
    close() {
      inMemory.length = 0;
      if (file === null) return;
      closeSync(file.fd);
      rmSync(file.folder, { recursive: true, force: true });
    },
  };
}

function openTemporary(): { fd: number; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'storewire-inspect-'));
  const path = join(folder, 'payloads');
  const fd = openSync(path, 'wx+', OWNER_ONLY);
  try {
    // Without a name it goes with the process, however that ends. Windows deletes no open file: there `close` does.
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return { fd, folder };
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

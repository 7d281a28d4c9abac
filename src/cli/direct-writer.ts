import { constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';

/**
 * Writes to a descriptor of this process at once, without Node's stream, as long as the system takes all of it. Loading the stream's
 * modules takes a tenth of a short run.
 */
export interface DirectWriter {
  /** Bytes that were not taken: a full pipe takes none or few, and the writer must wait. Throws the system's error, EPIPE among them. */
  write(data: Uint8Array): Uint8Array;
}

/**
 * Null where the descriptor needs Node's stream: a terminal, and a pipe that cannot be written without waiting. A pipe is opened a second
 * time, because "do not wait" set on the first would hold for every process that shares it. A socket, as which Node's `spawn` passes an
 * output, cannot be opened again: only its first bytes are written, for which it has room.
 */
export function openDirectWriter(descriptor: 1 | 2, platform: NodeJS.Platform): DirectWriter | null {
  if (platform === 'win32') return null;
  try {
    const stats = fstatSync(descriptor);
    if (stats.isFile() || isNullDevice(stats.rdev)) return { write: (data) => writeAll(descriptor, data) };
    if (stats.isSocket()) return writeBeginning(descriptor, socketRoom(platform));
    if (!stats.isFIFO() || platform !== 'linux') return null;
    const again = openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
    return { write: (data) => writeAll(again, data) };
  } catch {
    // A closed descriptor, no /proc: Node's stream reports what there is to report.
    return null;
  }
}

/** Within the buffer of a new socket: 208 KiB on Linux, 8 KiB on macOS. */
const socketRoom = (platform: NodeJS.Platform): number => (platform === 'linux' ? 32_768 : 8_192);

/** Takes `bytes` in all, and nothing from the first data that would exceed them. */
function writeBeginning(descriptor: number, bytes: number): DirectWriter {
  let room = bytes;
  return {
    write(data) {
      room = data.length > room ? 0 : room - data.length;
      return room === 0 ? data : writeAll(descriptor, data);
    },
  };
}

function isNullDevice(device: number): boolean {
  return device !== 0 && statSync('/dev/null').rdev === device;
}

function writeAll(descriptor: number, data: Uint8Array): Uint8Array {
  let rest = data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return rest;
      throw error;
    }
  }
  return rest;
}

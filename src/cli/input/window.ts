/** The bytes of an input that are still needed: they come in at one end and are handed on, or dropped, at the other. */
export interface Window {
  /** All bytes at hand. */
  readonly view: Buffer;
  append(chunk: Uint8Array): void;
  /** Gives the first bytes away, in an ArrayBuffer of their own; the rest moves to the front of a new one. */
  release(length: number): Uint8Array;
  /** Forgets the first bytes. */
  drop(length: number): void;
}

const INITIAL_BYTES = 64 * 1024;

export function createWindow(): Window {
  let bytes = allocate(0);
  let length = 0;
  let view = bytes;

  function ensure(wanted: number): void {
    if (wanted <= bytes.length) return;
    const larger = allocate(Math.max(wanted, bytes.length * 2, INITIAL_BYTES));
    view.copy(larger);
    bytes = larger;
  }

  function resize(next: number): void {
    length = next;
    view = bytes.subarray(0, length);
  }

  return {
    get view() {
      return view;
    },
    append(chunk) {
      ensure(length + chunk.length);
      bytes.set(chunk, length);
      resize(length + chunk.length);
    },
    release(count) {
      const given = new Uint8Array(bytes.buffer, 0, count);
      const rest = view.subarray(count);
      bytes = rest.length === 0 ? allocate(0) : allocate(Math.max(rest.length * 2, INITIAL_BYTES));
      rest.copy(bytes);
      resize(rest.length);
      return given;
    },
    drop(count) {
      bytes.copyWithin(0, count, length);
      resize(length - count);
    },
  };
}

/** Not from Buffer's shared pool: what is handed to a worker thread takes its whole ArrayBuffer along. */
function allocate(size: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(size));
}

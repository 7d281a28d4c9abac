import { connect } from 'node:net';
import type { CheckContext } from './context.js';

/** Enough to tell protocols apart. */
const FIRST_BYTES = 64;

/**
 * Says something in the clear and returns what comes back first: at most 64 bytes, none where nothing does. To find out what speaks at a
 * port where it was not what was expected. Throws nothing.
 */
export async function probeRaw(
  address: string,
  port: number,
  text: string,
  { sleep, timeoutMs }: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
): Promise<Uint8Array> {
  const done = new AbortController();
  const socket = connect({ host: address, port });
  try {
    return await new Promise((resolve) => {
      const giveUp = (): void => resolve(new Uint8Array(0));
      void sleep(timeoutMs, done.signal).then(giveUp, giveUp);
      socket.once('data', (chunk) => resolve(new Uint8Array(chunk.subarray(0, FIRST_BYTES))));
      socket.once('error', giveUp);
      socket.once('close', giveUp);
      socket.write(text);
    });
  } finally {
    done.abort();
    socket.destroy();
  }
}

/** Asks as HTTP/1 does. */
export function helloOf({ host }: URL): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

export function looksLikeHttp(bytes: Uint8Array): boolean {
  return /^HTTP\/1|^<!doctype|^<html/i.test(latin1(bytes));
}

/** A SETTINGS frame on stream 0, with which every HTTP/2 server begins (RFC 9113, 3.4): length (3), type 4, flags 0, stream 0 (4). */
export function looksLikeHttp2(bytes: Uint8Array): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes[4] === 0 && bytes.subarray(5, 9).every((byte) => byte === 0);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

import { connect } from 'node:net';
import { reportProbe } from '../http/traffic.js';
import { countOf } from '../terminal/format.js';
import type { CheckContext } from './context.js';

/** Enough to recognise a protocol. */
const FIRST_BYTES = 64;

/** Sends plain text to a port and returns the first 64 bytes of the response, or none: identifies the protocol of a port. Never throws. */
export async function probeRaw(
  address: string,
  port: number,
  text: string,
  { sleep, timeoutMs }: Pick<CheckContext, 'sleep' | 'timeoutMs'>,
): Promise<Uint8Array> {
  const report = reportProbe({ protocol: 'tcp', address, port, purpose: text.split('\r', 1)[0]! });
  const done = new AbortController();
  const socket = connect({ host: address, port });
  const answer = await new Promise<Uint8Array | string>((resolve) => {
    const giveUp = (): void => resolve('timed out');
    void sleep(timeoutMs, done.signal).then(giveUp, giveUp);
    socket.once('data', (chunk) => resolve(new Uint8Array(chunk.subarray(0, FIRST_BYTES))));
    socket.once('error', (error) => resolve(error.message));
    socket.once('close', () => resolve('closed without a response'));
    socket.write(text);
  });
  done.abort();
  socket.destroy();
  if (typeof answer !== 'string') report?.probed(`first ${countOf(answer.length, 'byte')}`, answer);
  else report?.failed(answer);
  return typeof answer === 'string' ? new Uint8Array(0) : answer;
}

/** A minimal HTTP/1.1 request for the host of the URL. */
export function plainHttpRequest({ host }: URL): string {
  return `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

export function looksLikeHttp(bytes: Uint8Array): boolean {
  return /^HTTP\/1|^<!doctype|^<html/i.test(latin1(bytes));
}

/** Recognises the SETTINGS frame that every HTTP/2 server sends first (RFC 9113, 3.4): length (3), type 4, flags 0, stream 0 (4). */
export function looksLikeHttp2(bytes: Uint8Array): boolean {
  return bytes.length >= 9 && bytes[3] === 4 && bytes[4] === 0 && bytes.subarray(5, 9).every((byte) => byte === 0);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

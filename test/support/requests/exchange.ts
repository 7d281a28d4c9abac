import { connect } from 'node:net';

/**
 * Sends the pieces one after the other and resolves with all that was answered: once the peer has closed, or at `until` so many answers.
 * `half`: closes this side after the last piece, so that the peer cannot wait for more.
 */
export function exchange(port: number, pieces: readonly Buffer[], until: number | 'closed' | 'half'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const end = (): void => {
      socket.destroy();
      resolve(text);
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (typeof until === 'number' && statusesOf(text).length >= until) end();
    });
    socket.on('error', () => undefined);
    socket.on('close', end);
    void (async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        await new Promise<void>((written) => socket.write(piece, () => written()));
      }
      if (until === 'half') socket.end();
    })();
  });
}

/** Statuses of the complete answers; throws for text that is no sequence of HTTP answers. */
export function statusesOf(text: string): readonly number[] {
  const statuses: number[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return statuses;
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(rest)?.[1];
    if (status === undefined) throw new Error(`no HTTP answer: ${JSON.stringify(rest.slice(0, 80))}`);
    const length = Number(/^content-length: (\d+)\r?$/im.exec(rest.slice(0, end))?.[1] ?? 0);
    if (rest.length < end + 4 + length) return statuses;
    statuses.push(Number(status));
    rest = rest.slice(end + 4 + length);
  }
  return statuses;
}

/** Cuts bytes into pieces at random places; often into one. */
export function cutAtRandom(bytes: Buffer, random: () => number): readonly Buffer[] {
  if (random() < 0.4) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + Math.floor(random() * (random() < 0.2 ? 20 : 8_000));
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

import type { IncomingMessage } from 'node:http';

/** Reads the body of a request, at most `maxBytes`. Leaves the connection open when it is too large, so that the client receives the 413. */
export async function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) return 'too large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

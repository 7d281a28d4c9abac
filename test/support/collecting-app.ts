import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An app that notifications are forwarded to: answers 200 and keeps the bytes. */
export interface CollectingApp {
  readonly url: string;
  readonly bodies: readonly Buffer[];
  /** Resolves once exactly these bytes have arrived. */
  arrival(body: Buffer): Promise<void>;
  close(): void;
}

export async function startCollectingApp(): Promise<CollectingApp> {
  const bodies: Buffer[] = [];
  const waiting: { readonly body: Buffer; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const whole = Buffer.concat(chunks);
      bodies.push(whole);
      response.end();
      for (const { body, resolve } of waiting) if (body.equals(whole)) resolve();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const arrival = (body: Buffer): Promise<void> =>
    new Promise((resolve) => {
      if (bodies.some((each) => each.equals(body))) resolve();
      waiting.push({ body, resolve });
    });
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/apple`, bodies, arrival, close };
}

import type { ServerResponse } from 'node:http';

/** The pages that are open, each by its unfinished response. */
export interface OpenPages {
  readonly count: number;
  /** Begins the stream of a page; false where too many are open. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>, text: string): boolean;
  /** Encodes a text once, if any page is open, and sends it to all. */
  broadcast(encode: () => string): void;
  close(): void;
}

const MAX_PAGES = 32;

/** Bytes that wait for a slow page; beyond them its connection is closed, and it comes back with its last event id. */
const MAX_WAITING_BYTES = 1_048_576;

export function createOpenPages(): OpenPages {
  const pages = new Set<ServerResponse>();
  const write = (page: ServerResponse, text: string): void => {
    page.write(text);
    if (page.writableLength > MAX_WAITING_BYTES) page.destroy();
  };
  return {
    get count() {
      return pages.size;
    },
    add(response, headers, text) {
      if (pages.size >= MAX_PAGES) return false;
      response.writeHead(200, headers);
      write(response, text);
      pages.add(response);
      response.on('close', () => pages.delete(response));
      return true;
    },
    broadcast(encode) {
      if (pages.size === 0) return;
      const text = encode();
      for (const page of pages) write(page, text);
    },
    close() {
      for (const page of pages) page.end();
      pages.clear();
    },
  };
}

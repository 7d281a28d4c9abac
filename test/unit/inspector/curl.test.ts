import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCurl } from '../../../src/inspector/curl.js';
import { findInstalled } from '../../support/installed.js';

const SHELLS = ['sh', 'dash', 'bash', 'zsh', 'ksh'].filter((name) => findInstalled(name) !== null);

const HOSTILE: readonly string[] = [
  `{"signedPayload":"it's; touch hacked"}`,
  `'; touch hacked; echo '`,
  `\\'; touch hacked; echo \\'`,
  '$(touch hacked) `touch hacked` $HOME',
  '"; touch hacked; "',
  '@/etc/hostname',
  '-o hacked',
  `'''\\''"'"'$'\\n'`,
  'first\nsecond; touch hacked\n',
  `first\n'\ntouch hacked\n'`,
  'tab\tand \\t \\n \\0 %s %n & | > hacked < x # ~ * ? [a] {a,b}',
  '!! !touch !-1 ^a^b^',
  '\u202ereversed\u202c \u200b\ufeff \u{1f600} é',
  'x'.repeat(90_000),
];

let server: Server;
let received: { readonly url: string; readonly body: Buffer; readonly type: string | undefined }[] = [];
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { url = '', headers } = request;
    received.push({ url, body: await buffer(request), type: headers['content-type'] });
    response.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

describe.skipIf(process.platform === 'win32' || findInstalled('curl') === null)('a body copied as curl', () => {
  it.each(SHELLS)('posts its bytes and runs nothing else in %s', async (shell) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a'b;touch$(hacked)`;
    for (const body of HOSTILE) {
      received = [];
      const command = buildCurl(Buffer.from(body), url);
      await promisify(execFile)(shell, ['-c', `cd "$(mktemp -d)"; ${command}; result=$?; ls; exit $result`]).then(
        ({ stdout }) => expect(stdout).not.toContain('hacked'),
      );
      expect(received.map((each) => each.body.toString())).toEqual([body]);
      expect(received[0]?.type).toBe('application/json');
    }
  });

  it.each([
    ['control characters', 'a\u001b[201~b'],
    ['a carriage return', 'a\rb'],
    ['an exclamation mark after a line end, which an old bash expands', 'a\n!?curl?'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
    ['more than an argument can hold', 'x'.repeat(100_001)],
  ])('is not offered with %s', (_name, body) => {
    expect(buildCurl(Buffer.from(body as string), null)).toBeNull();
  });
});

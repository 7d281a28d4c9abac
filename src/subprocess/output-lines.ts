import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Characters of a line at most; the rest of a longer one is dropped. */
const MAX_LENGTH = 2_000;

/** ngrok prints a token that it rejects. */
const TOKEN = /(authtoken\W{1,4})[\w~.-]{12,}/gi;

/** Calls `onLine` for each line of a stream that is not blank: trimmed, without colours, of bounded length, tokens removed. */
export function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let partial = '';
  const finish = (line: string): void => {
    const plain = stripVTControlCharacters(line).replace(TOKEN, '$1…').trim();
    if (plain !== '') onLine(plain);
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (partial + decoder.write(chunk)).split(/\r\n|\n|\r/);
    partial = (lines.pop() ?? '').slice(0, MAX_LENGTH);
    for (const line of lines) finish(line.slice(0, MAX_LENGTH));
  });
  stream.on('end', () => finish(partial));
  // A broken stream has ended; the cause shows in the exit of the program.
  stream.on('error', () => finish(partial));
}

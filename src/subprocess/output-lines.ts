import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Longest line kept; what follows in it is dropped. */
const LONGEST = 2_000;

/** ngrok repeats a token that it refuses. */
const TOKEN = /(authtoken\W{1,4})[\w~.-]{12,}/gi;

/** Hands on each line of a stream that is not blank: trimmed, without colours, of bounded length, tokens taken out. */
export function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let open = '';
  const finish = (line: string): void => {
    const plain = stripVTControlCharacters(line).replace(TOKEN, '$1…').trim();
    if (plain !== '') onLine(plain);
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (open + decoder.write(chunk)).split(/\r\n|\n|\r/);
    open = (lines.pop() ?? '').slice(0, LONGEST);
    for (const line of lines) finish(line.slice(0, LONGEST));
  });
  stream.on('end', () => finish(open));
  // A stream that breaks has ended; why is told by how the program ended.
  stream.on('error', () => finish(open));
}

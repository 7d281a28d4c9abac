import type { OutputStream } from '../cli/deps.js';
import { ISSUES_URL } from '../notification/reasons.js';
import { escapeText } from '../terminal/escape.js';
import { toJsonLine } from '../terminal/json.js';
import type { Bugs } from './job.js';

/** Reports the first payload on which this tool failed, once for a run: its stack may quote the payload and is escaped. */
export function reportBugs(
  { count, first }: Bugs,
  { json }: { readonly json: boolean },
  { write }: Pick<OutputStream, 'write'>,
): void {
  if (first === null) return;
  const { source, stack } = first;
  if (json) {
    const hint = `Please report it with this text at ${ISSUES_URL}`;
    write(toJsonLine({ error: { code: 'ERR_BUG', message: `${describe(count, source)}\n${stack}`, hint } }));
    return;
  }
  const lines = stack.split('\n').map((line) => `  ${escapeText(line)}`);
  write(
    `${escapeText(describe(count, source))}\n${lines.join('\n')}\nPlease report it with the lines above: ${ISSUES_URL}\n`,
  );
}

function describe(count: number, source: string): string {
  const payloads = count === 1 ? 'a payload' : `${count} payloads`;
  return `storewire failed on ${payloads} because of a bug, and went on (${count === 1 ? '' : 'first: '}${source}).`;
}

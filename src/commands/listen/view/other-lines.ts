import type { DeliveryEvent, NoticeEvent, RefusedEvent } from '../../../listener/events.js';
import { isLoopbackAddress } from '../../../listener/http/client-address.js';
import { layCells } from '../../../terminal/columns.js';
import { escapeText, showText } from '../../../terminal/escape.js';
import { laySentence } from '../../../terminal/layout.js';
import type { SaidOnce } from '../../../terminal/once.js';
import { attemptResult, resultCell } from './arrival-line.js';
import { formatTime, indentOf, type ListenView, shortId } from './line-model.js';
import { explainFailure, layRemarks } from './remarks.js';

/** Later attempt of a notification whose line is already printed. */
export function describeFurtherAttempt(event: DeliveryEvent, explained: SaidOnce, view: ListenView): string {
  const { dim } = view.paint;
  const cells = [
    { text: formatTime(event.atMs, view), colour: dim },
    { text: `↳ ${showText(event.type)} ${shortId(event.id)}` },
    resultCell(attemptResult(event), view),
  ];
  return toText([...layCells(cells, view, indentOf(view)), ...layRemarks(explainFailure(event, explained), view)]);
}

/** Request that was refused before verification. The reason is printed the first time. */
export function describeRefused(event: RefusedEvent, explained: SaidOnce, view: ListenView): string {
  const { atMs, status, code, message, address } = event;
  const { dim, yellow } = view.paint;
  const cells = [
    { text: formatTime(atMs, view), colour: dim },
    { text: `refused ${status}`, colour: yellow },
    { text: code },
    ...(address === null || isLoopbackAddress(address) ? [] : [{ text: `from ${showText(address)}`, colour: dim }]),
  ];
  const reason = explained.isNew(`refused ${code}`, message) ? [{ text: escapeText(message), untrusted: false }] : [];
  return toText([...layCells(cells, view, indentOf(view)), ...layRemarks(reason, view)]);
}

/** Notice about the run itself. */
export function describeNotice({ atMs, message }: Pick<NoticeEvent, 'atMs' | 'message'>, view: ListenView): string {
  const indent = indentOf(view);
  const lines = laySentence(escapeText(message), { columns: view.columns - indent }, true).map((line) =>
    view.paint.yellow(line),
  );
  const [first = '', ...rest] = lines;
  return toText([
    `${view.paint.dim(formatTime(atMs, view))}  ${first}`,
    ...rest.map((line) => ' '.repeat(indent) + line),
  ]);
}

/** Counts of events that were not listed. */
export function describeCounted(atMs: number, counted: string, view: ListenView): string {
  return toText(
    layCells([{ text: formatTime(atMs, view) }, { text: counted }], view, indentOf(view)).map((line) =>
      view.paint.dim(line),
    ),
  );
}

/** Heading for the lines of a new day. */
export function describeDay(day: string, { paint }: Pick<ListenView, 'paint'>): string {
  return `${paint.dim(day)}\n`;
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

import type { Delivery, PayloadDocument, Received, SendAttempt } from '../../notification/document.js';
import { groupDigits } from '../number.js';
import { showText } from './escape.js';
import type { Row } from './layout.js';
import { formatAge, formatMoment } from './moment.js';

/** What became of a payload on its way: Apple's attempts to send it, how it was received, where it was handed on to. */
export function historyRows({ sendAttempts, received, deliveries }: PayloadDocument, nowMs: number): readonly Row[] {
  return [
    ...(sendAttempts ?? []).map((attempt, index) => attemptRow(attempt, index, nowMs)),
    ...(received === undefined ? [] : [receivedRow(received, nowMs)]),
    ...(deliveries ?? []).map(deliveryRow),
  ];
}

function attemptRow({ attemptDate, sendAttemptResult }: SendAttempt, index: number, nowMs: number): Row {
  return {
    label: `attempt ${index + 1}`,
    value: `${momentText(attemptDate)}  ${showText(String(sendAttemptResult))}`,
    remark: formatAge(attemptDate, nowMs),
  };
}

function receivedRow({ id, atMs, answered, repeatOf }: Received, nowMs: number): Row {
  const repeat = repeatOf === null ? '' : `, a repeat of ${showText(repeatOf)}`;
  return {
    label: 'received',
    value: `${momentText(atMs)}  ${answered === null ? 'not answered' : `answered ${answered}`}, ${showText(id)}${repeat}`,
    remark: formatAge(atMs, nowMs),
  };
}

function deliveryRow({ target, attempt, httpStatus, ms, outcome }: Delivery): Row {
  const status = httpStatus === null ? '' : ` ${httpStatus}`;
  return {
    label: 'forwarded',
    value: `${outcome}${status} by ${showText(target)}`,
    remark: `attempt ${attempt}, ${groupDigits(ms)} ms`,
  };
}

function momentText(ms: number): string {
  return formatMoment(ms) ?? String(ms);
}

import { describeVerification } from '../../../document-view/verification.js';
import type {
  DeliveryEvent,
  NoticeEvent,
  ReceivedEvent,
  RefusedEvent,
  VerifiedEvent,
} from '../../../listener/events.js';
import { countOf, groupDigits } from '../../../terminal/format.js';
import { createSaidOnce } from '../../../terminal/once.js';
import { describeArrival } from './arrival-line.js';
import { type Arrival, formatDay, indentOf, type ListenView, toArrival } from './line-model.js';
import {
  describeCounted,
  describeDay,
  describeFurtherAttempt,
  describeNotice,
  describeRefused,
} from './other-lines.js';

/** Events that become lines, or that a line needs. */
export type LineEvent = ReceivedEvent | VerifiedEvent | DeliveryEvent | RefusedEvent | NoticeEvent;

/** Renders events as whole lines; '' when there is nothing to print yet. */
export interface LineRenderer {
  render(event: LineEvent, nowMs: number): string;
  /** Lines that are due by now. */
  flush(nowMs: number): string;
  /** Time (ms) of the next useful `flush`; null while no line is held. */
  nextFlushMs(): number | null;
  /** All held lines, in their current state. */
  finish(nowMs: number): string;
}

/** Longest wait of a line for its targets: longer than a healthy delivery, short for a reader. */
export const HOLD_MS = 1_500;

/** Limit of bodies awaiting their verdict; beyond it the oldest is dropped. */
const MAX_UNVERIFIED = 10_000;

/** Codes of notices that may come with every notification, so that they are throttled; all others are always printed. */
const PER_NOTIFICATION: ReadonlySet<string> = new Set(['ERR_JOURNAL_WRITE', 'JOURNAL', 'OUTPUT']);

/** Line that is held until its targets were tried. */
interface HeldLine {
  readonly arrival: Arrival;
  readonly dueMs: number;
  readonly results: Map<string, DeliveryEvent | null>;
  /** The verdict in full, with `--verbose`. */
  readonly details: string;
}

/**
 * Renders the lines of a run; stateful, without I/O. A notification is held until each target was tried once, at most {@link HOLD_MS};
 * lines keep the order of arrival, and later attempts get lines of their own. On a terminal, bursts are counted instead of listed.
 * `startMs`: time of the start, whose day needs no heading.
 */
export function createLineRenderer(view: ListenView, startMs: number): LineRenderer {
  const explained = createSaidOnce();
  const throttle = Number.isFinite(view.columns) ? createLineThrottle() : null;
  /** With `--answer forwarded` an attempt finishes before its notification is answered. */
  const unverified = new Map<string, DeliveryEvent | null>();
  const held = new Map<string, HeldLine>();
  const days = createDayHeadings(view, startMs);

  const print = (kind: Counted, atMs: number, nowMs: number, describe: () => string): string =>
    throttle?.admit(kind, nowMs) === false ? '' : days.heading(atMs) + describe();
  const printHeld = ({ arrival, results, details }: HeldLine, nowMs: number): string => {
    const kind = arrival.refusal === null ? 'valid' : 'invalid';
    return print(kind, arrival.atMs, nowMs, () => describeArrival(arrival, results, explained, view) + details);
  };
  const release = (untilMs: number, nowMs: number): string => {
    let text = '';
    for (const [id, each] of held) {
      if (each.dueMs > untilMs && !isSettled(each)) break;
      held.delete(id);
      text += printHeld(each, nowMs);
    }
    return text;
  };
  const holdArrival = (event: VerifiedEvent, nowMs: number): string => {
    const results = new Map<string, DeliveryEvent | null>(event.targets.map((target) => [target, null]));
    const early = unverified.get(event.id) ?? null;
    if (early !== null) results.set(early.target, early);
    unverified.delete(event.id);
    const details = view.verbose ? detailsOf(event, view, nowMs) : '';
    held.set(event.id, { arrival: toArrival(event), dueMs: nowMs + HOLD_MS, results, details });
    return release(nowMs, nowMs);
  };
  const addAttempt = (event: DeliveryEvent, nowMs: number): string => {
    const { id, target } = event;
    if (unverified.has(id)) unverified.set(id, event);
    else if (held.has(id)) held.get(id)?.results.set(target, event);
    else return print('attempts', event.atMs, nowMs, () => describeFurtherAttempt(event, explained, view));
    return release(nowMs, nowMs);
  };
  const report = (nowMs: number): string => {
    const counted = throttle?.report(nowMs) ?? null;
    return counted === null ? '' : describeCounted(nowMs, counted, view);
  };
  return {
    render(event, nowMs) {
      switch (event.event) {
        case 'received':
          unverified.set(event.id, null);
          forgetOldest(unverified, MAX_UNVERIFIED);
          return '';
        case 'verified':
          return holdArrival(event, nowMs);
        case 'refused':
          return print('refused', event.atMs, nowMs, () => describeRefused(event, explained, view));
        case 'notice':
          return PER_NOTIFICATION.has(event.code)
            ? print('notices', event.atMs, nowMs, () => describeNotice(event, view))
            : days.heading(event.atMs) + describeNotice(event, view);
        default:
          return addAttempt(event, nowMs);
      }
    },
    flush(nowMs) {
      const text = release(nowMs, nowMs);
      const throttleDueMs = throttle?.dueMs() ?? null;
      return throttleDueMs === null || throttleDueMs > nowMs ? text : text + report(nowMs);
    },
    nextFlushMs() {
      const [first] = held.values();
      const dues = [first?.dueMs ?? null, throttle?.dueMs() ?? null].filter((due) => due !== null);
      return dues.length === 0 ? null : Math.min(...dues);
    },
    finish: (nowMs) => release(Number.POSITIVE_INFINITY, nowMs) + report(nowMs),
  };
}

/** Heading when the day changes; none in a pipe, where each line has its date. */
function createDayHeadings(view: ListenView, startMs: number): { heading(atMs: number): string } {
  let day = formatDay(startMs);
  return {
    heading(atMs) {
      const today = formatDay(atMs);
      if (!Number.isFinite(view.columns) || today === day) return '';
      day = today;
      return describeDay(day, view);
    },
  };
}

function isSettled({ results }: HeldLine): boolean {
  for (const result of results.values()) if (result === null) return false;
  return true;
}

/** The verdict in full, indented below the line. */
function detailsOf({ document }: VerifiedEvent, view: ListenView, nowMs: number): string {
  if (document === null) return '';
  const { paint, columns } = view;
  const indent = ' '.repeat(indentOf(view));
  const room = { paint, columns: columns - indent.length, nowMs };
  const text = describeVerification(document, { ...room, verbose: true, showSource: false });
  return `\n${text.replace(/^(?=.)/gm, indent)}\n`;
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

/** Kinds of lines that the throttle counts. */
type Counted = 'valid' | 'invalid' | 'attempts' | 'refused' | 'notices';

/** Rate limit for lines, per second; suppressed lines are counted. */
interface LineThrottle {
  /** True if a line of this kind may be printed; otherwise counts it. */
  admit(kind: Counted, nowMs: number): boolean;
  /** Time (ms) of the next report; null while nothing is suppressed. */
  dueMs(): number | null;
  /** Counts of the suppressed lines, and resets them; null without any. */
  report(nowMs: number): string | null;
}

const WINDOW_MS = 1_000;

/** Lines per second that a reader can follow. */
const MAX_LINES = 25;

/** After a second with too many lines, none is printed until a second stays below the limit. */
function createLineThrottle(maxLines = MAX_LINES): LineThrottle {
  let startMs = Number.NEGATIVE_INFINITY;
  let seen = 0;
  let suppressed = 0;
  let isCalm = true;
  let counts = { ...NONE };
  const begin = (nowMs: number, calm: boolean): void => {
    startMs = nowMs;
    seen = 0;
    isCalm = calm;
    suppressed = 0;
    counts = { ...NONE };
  };
  const isSuppressing = (): boolean => suppressed > 0;
  return {
    admit(kind, nowMs) {
      if (nowMs - startMs >= WINDOW_MS && !isSuppressing()) begin(nowMs, true);
      seen += 1;
      if (isCalm && seen <= maxLines) return true;
      suppressed += 1;
      counts[kind] += 1;
      return false;
    },
    dueMs: () => (isSuppressing() ? startMs + WINDOW_MS : null),
    report(nowMs) {
      const text = isSuppressing() ? describe(counts) : null;
      begin(nowMs, seen <= maxLines);
      return text;
    },
  };
}

const NONE: Readonly<Record<Counted, number>> = { valid: 0, invalid: 0, attempts: 0, refused: 0, notices: 0 };

function describe({ valid, invalid, attempts, refused, notices }: Readonly<Record<Counted, number>>): string {
  const parts = [
    ...(valid > 0 ? [`${groupDigits(valid)} valid`] : []),
    ...(invalid > 0 ? [`${groupDigits(invalid)} invalid`] : []),
    ...(attempts > 0 ? [countOf(attempts, 'further attempt')] : []),
    ...(refused > 0 ? [`${countOf(refused, 'request')} refused`] : []),
    ...(notices > 0 ? [countOf(notices, 'notice')] : []),
  ];
  return `high rate, not listed: ${parts.join(', ')}`;
}

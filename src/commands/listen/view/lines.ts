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
import { type Arrival, arrivalOf, formatDay, indentOf, type ListenView } from './line-model.js';
import {
  describeCounted,
  describeDay,
  describeFurtherAttempt,
  describeNotice,
  describeRefused,
} from './other-lines.js';

/** Events that become lines, or are needed for one. */
export type LineEvent = ReceivedEvent | VerifiedEvent | DeliveryEvent | RefusedEvent | NoticeEvent;

/** Turns events into text; '' where there is nothing to show yet. Every text is of whole lines. */
export interface Lines {
  take(event: LineEvent, nowMs: number): string;
  /** What is due by now. */
  tick(nowMs: number): string;
  /** When `tick` will have something; null while nothing waits. */
  dueMs(): number | null;
  /** Everything that is held, as it stands. */
  end(nowMs: number): string;
}

/** Long enough for a target that works, short enough for whoever watches. */
export const HOLD_MS = 1_500;

/** Bodies that are being judged at one time; what never was is forgotten beyond. */
const MOST_UNJUDGED = 10_000;

/** Notices that come with each notification, as what the disk does not take and what programs print; all others are told whatever else comes. */
const MANY: ReadonlySet<string> = new Set(['ERR_JOURNAL_WRITE', 'JOURNAL', 'OUTPUT']);

/** A notification whose line waits for its targets. */
interface Held {
  readonly arrival: Arrival;
  readonly dueMs: number;
  readonly results: Map<string, DeliveryEvent | null>;
  /** What `--verbose` adds. */
  readonly details: string;
}

/**
 * Pure but for what it holds. A notification is held until each target was tried once, or for a while; lines keep the order of arrival.
 * What comes later of it has a line of its own. On a terminal a flood is counted in place of being shown. `startMs`: the day the reader
 * knows of.
 */
export function createLines(view: ListenView, startMs: number): Lines {
  const told = createSaidOnce();
  const flood = Number.isFinite(view.columns) ? createLineThrottle() : null;
  /** With `--answer forwarded` an attempt is over before the notification is answered. */
  const unjudged = new Map<string, DeliveryEvent | null>();
  const held = new Map<string, Held>();
  const days = createDays(view, startMs);

  const show = (kind: Counted, atMs: number, nowMs: number, describe: () => string): string =>
    flood?.admit(kind, nowMs) === false ? '' : days.turn(atMs) + describe();
  const showHeld = ({ arrival, results, details }: Held, nowMs: number): string => {
    const kind = arrival.refusal === null ? 'valid' : 'invalid';
    return show(kind, arrival.atMs, nowMs, () => describeArrival(arrival, results, told, view) + details);
  };
  const release = (untilMs: number, nowMs: number): string => {
    let text = '';
    for (const [id, each] of held) {
      if (each.dueMs > untilMs && !isSettled(each)) break;
      held.delete(id);
      text += showHeld(each, nowMs);
    }
    return text;
  };
  const takeArrival = (event: VerifiedEvent, nowMs: number): string => {
    const results = new Map<string, DeliveryEvent | null>(event.targets.map((target) => [target, null]));
    const early = unjudged.get(event.id) ?? null;
    if (early !== null) results.set(early.target, early);
    unjudged.delete(event.id);
    const details = view.verbose ? detailsOf(event, view, nowMs) : '';
    held.set(event.id, { arrival: arrivalOf(event), dueMs: nowMs + HOLD_MS, results, details });
    return release(nowMs, nowMs);
  };
  const takeAttempt = (event: DeliveryEvent, nowMs: number): string => {
    const { id, target } = event;
    if (unjudged.has(id)) unjudged.set(id, event);
    else if (held.has(id)) held.get(id)?.results.set(target, event);
    else return show('attempts', event.atMs, nowMs, () => describeFurtherAttempt(event, told, view));
    return release(nowMs, nowMs);
  };
  const report = (nowMs: number): string => {
    const counted = flood?.report(nowMs) ?? null;
    return counted === null ? '' : describeCounted(nowMs, counted, view);
  };
  return {
    take(event, nowMs) {
      switch (event.event) {
        case 'received':
          unjudged.set(event.id, null);
          forgetOldest(unjudged, MOST_UNJUDGED);
          return '';
        case 'verified':
          return takeArrival(event, nowMs);
        case 'refused':
          return show('refused', event.atMs, nowMs, () => describeRefused(event, told, view));
        case 'notice':
          return MANY.has(event.code)
            ? show('notices', event.atMs, nowMs, () => describeNotice(event, view))
            : days.turn(event.atMs) + describeNotice(event, view);
        default:
          return takeAttempt(event, nowMs);
      }
    },
    tick(nowMs) {
      const text = release(nowMs, nowMs);
      const floodDueMs = flood?.dueMs() ?? null;
      return floodDueMs === null || floodDueMs > nowMs ? text : text + report(nowMs);
    },
    dueMs() {
      const [first] = held.values();
      const dues = [first?.dueMs ?? null, flood?.dueMs() ?? null].filter((due) => due !== null);
      return dues.length === 0 ? null : Math.min(...dues);
    },
    end: (nowMs) => release(Number.POSITIVE_INFINITY, nowMs) + report(nowMs),
  };
}

/** Says the day where it is another one than that of the line before; in a pipe each line has its own. */
function createDays(view: ListenView, startMs: number): { turn(atMs: number): string } {
  let day = formatDay(startMs);
  return {
    turn(atMs) {
      const today = formatDay(atMs);
      if (!Number.isFinite(view.columns) || today === day) return '';
      day = today;
      return describeDay(day, view);
    },
  };
}

function isSettled({ results }: Held): boolean {
  for (const result of results.values()) if (result === null) return false;
  return true;
}

/** The verdict in full, below the line. */
function detailsOf({ document }: VerifiedEvent, view: ListenView, nowMs: number): string {
  if (document === null) return '';
  const { paint, columns } = view;
  const indent = ' '.repeat(indentOf(view));
  const room = { paint, columns: columns - indent.length, nowMs };
  const text = describeVerification(document, { ...room, verbose: false, showSource: false });
  return `\n${text.replace(/^(?=.)/gm, indent)}\n`;
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

/** What was counted in place of being shown. */
type Counted = 'valid' | 'invalid' | 'attempts' | 'refused' | 'notices';

/** Lets lines pass as long as somebody can read them, and counts the rest, second by second. */
interface LineThrottle {
  /** Whether there is room for a line of this kind; it is counted where there is none. */
  admit(kind: Counted, nowMs: number): boolean;
  /** When there will be something to tell; null where nothing was held back. */
  dueMs(): number | null;
  /** What was held back, in a few words, and begins anew; null where nothing was. */
  report(nowMs: number): string | null;
}

const WINDOW_MS = 1_000;

/** What a reader follows at most. */
const MOST_LINES = 25;

/** Pure but for its counts. Once a second had too many, none is shown until a second had few again. */
function createLineThrottle(mostLines = MOST_LINES): LineThrottle {
  let startMs = Number.NEGATIVE_INFINITY;
  let seen = 0;
  let held = 0;
  let isCalm = true;
  let counts = { ...NONE };
  const begin = (nowMs: number, calm: boolean): void => {
    startMs = nowMs;
    seen = 0;
    isCalm = calm;
    held = 0;
    counts = { ...NONE };
  };
  const isHolding = (): boolean => held > 0;
  return {
    admit(kind, nowMs) {
      if (nowMs - startMs >= WINDOW_MS && !isHolding()) begin(nowMs, true);
      seen += 1;
      if (isCalm && seen <= mostLines) return true;
      held += 1;
      counts[kind] += 1;
      return false;
    },
    dueMs: () => (isHolding() ? startMs + WINDOW_MS : null),
    report(nowMs) {
      const text = isHolding() ? describe(counts) : null;
      begin(nowMs, seen <= mostLines);
      return text;
    },
  };
}

const NONE: Readonly<Record<Counted, number>> = { valid: 0, invalid: 0, attempts: 0, refused: 0, notices: 0 };

function describe({ valid, invalid, attempts, refused, notices }: Readonly<Record<Counted, number>>): string {
  const parts = [
    ...(valid > 0 ? [`${groupDigits(valid)} valid`] : []),
    ...(invalid > 0 ? [`${groupDigits(invalid)} not verified`] : []),
    ...(attempts > 0 ? [countOf(attempts, 'further attempt')] : []),
    ...(refused > 0 ? [`${countOf(refused, 'request')} refused`] : []),
    ...(notices > 0 ? [countOf(notices, 'notice')] : []),
  ];
  return `too many to show each: ${parts.join(', ')}`;
}

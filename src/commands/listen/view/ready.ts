import { checkNotificationUrl } from '../../../connect-api/url-rules.js';
import type { ReadyEvent, StoppedEvent } from '../../../listener/events.js';
import type { FaultOptions } from '../../../listener/fault-injection.js';
import { escapeText, showText } from '../../../terminal/escape.js';
import { countOf, groupDigits } from '../../../terminal/format.js';
import { joinParts, labelWidthOf, layRows, laySentence, type Row, type View } from '../../../terminal/layout.js';

/** What the ready block tells beside the event. */
export interface ReadyNotes {
  /** The test authority of this project is believed. */
  readonly trustsTests: boolean;
  /** Roots that were given by file. */
  readonly ownRoots: number;
  /** The journal's path as it is shown. */
  readonly journal: string;
  readonly answer: 'ack' | 'forwarded';
  readonly onInvalid: 'reject' | 'forward' | 'drop';
  /** What goes wrong on purpose, in words; null where nothing does. */
  readonly practice: string | null;
  /** The sandbox URL is set already, by `--claim`. */
  readonly isClaimed?: boolean;
}

/** What listens where, what to paste where, what to type next. What is copied is never wrapped. */
export function describeReady(ready: ReadyEvent, notes: ReadyNotes, view: View): string {
  const { paint } = view;
  const endpoint = endpointRows(ready, notes);
  const paste = pasteRows(ready, notes);
  const tries = tryRows(ready, notes);
  const width = labelWidthOf([...endpoint, ...paste, ...tries], view.columns);
  const unwrapped = { ...view, columns: Number.POSITIVE_INFINITY };
  return `${joinParts([
    [paint.bold('Listening for App Store Server Notifications'), ...layRows(endpoint, view, width)],
    [
      `${paint.bold('In App Store Connect')}${paste.length === 0 ? '' : paint.dim('  App Information → App Store Server Notifications')}`,
      ...layRows(paste, unwrapped, width),
      ...layPasteNotes(ready, view),
    ],
    [paint.bold('Try it'), ...layRows(tries, unwrapped, width)],
  ])}\n`;
}

function endpointRows(ready: ReadyEvent, notes: ReadyNotes): readonly Row[] {
  const { url, targets, owed } = ready;
  const { practice, onInvalid } = notes;
  return [
    { label: 'local', value: escapeText(url) },
    { label: 'believes', value: describeTrust(notes), ...(onInvalid === 'reject' ? {} : INVALID[onInvalid]) },
    ...targetRows(targets, notes),
    { label: 'journal', value: escapeText(notes.journal), remark: 'personal data, kept for 30 days' },
    ...(owed === 0
      ? []
      : [
          {
            label: 'owed',
            value: owed === 1 ? '1 delivery' : `${groupDigits(owed)} deliveries`,
            remark: 'from before, tried now',
          },
        ]),
    ...(practice === null ? [] : [{ label: 'practice', value: practice, tone: 'warning' as const }]),
  ];
}

const INVALID: Readonly<Record<'forward' | 'drop', Pick<Row, 'remark'>>> = {
  forward: { remark: 'what does not verify is forwarded, too' },
  drop: { remark: 'what does not verify is answered 200 and dropped' },
};

function describeTrust({ trustsTests, ownRoots }: ReadyNotes): string {
  const others = [
    ...(trustsTests ? ['the test authority of this project'] : []),
    ...(ownRoots === 0 ? [] : [ownRoots === 1 ? 'the root you gave' : `${ownRoots} roots you gave`]),
  ];
  return others.length === 0 ? 'Apple alone' : `Apple and ${others.join(' and ')}`;
}

function targetRows(targets: ReadyEvent['targets'], { answer }: ReadyNotes): readonly Row[] {
  if (targets.length === 0) {
    return [{ label: 'forwards', value: 'nowhere', remark: '--forward-to http://localhost:3000/path', tone: 'quiet' }];
  }
  return targets.map(({ name, shown, only }, index) => {
    const remarks = [
      ...(only === null ? [] : [escapeText(only)]),
      ...(index === 0 && answer === 'forwarded' ? ['Apple gets its answer'] : []),
    ];
    return {
      label: index === 0 ? 'forwards' : '',
      value: `${escapeText(name)} → ${escapeText(shown)}`,
      remark: remarks.length === 0 ? null : remarks.join('; '),
    };
  });
}

function pasteRows({ publicUrl }: ReadyEvent, { isClaimed = false }: ReadyNotes): readonly Row[] {
  if (publicUrl === null) return [];
  if (isClaimed) {
    const value = escapeText(publicUrl);
    return [{ label: 'claimed', value, remark: 'is the Sandbox Server URL until this ends' }];
  }
  return [
    { label: 'paste', value: escapeText(publicUrl) },
    { label: 'as', value: 'Sandbox Server URL, or Production Server URL' },
    { label: 'choose', value: 'Version 2 Notifications' },
  ];
}

/** Which rule of Apple's the URL breaks; without a public one, how to come by it. */
function layPasteNotes({ publicUrl }: ReadyEvent, view: View): readonly string[] {
  const indented = { columns: view.columns - INDENT.length };
  if (publicUrl === null) {
    return laySentence(NO_PUBLIC_URL, indented).map((line) => INDENT + line);
  }
  const findings = checkNotificationUrl(publicUrl);
  return findings.flatMap(({ level, message }) => {
    const colour = level === 'fail' ? view.paint.red : view.paint.yellow;
    const mark = level === 'fail' ? '✗' : '!';
    return laySentence(`${mark} ${showText(message)}`, indented, true).map((line) => INDENT + colour(line));
  });
}

const INDENT = '  ';

const NO_PUBLIC_URL =
  'Apple reaches public https addresses only: --tunnel cloudflared gives this one such an address, or --public-url names the one you have.';

function tryRows({ url }: ReadyEvent, { trustsTests }: ReadyNotes): readonly Row[] {
  return [
    { label: 'an event', value: `storewire trigger DID_RENEW --to ${escapeText(url)}` },
    ...(trustsTests ? [] : [{ label: '', value: '', remark: 'refused, unless this listens with --trust-authority' }]),
    { label: 'the end', value: 'Ctrl-C' },
  ];
}

/** What goes wrong on purpose, in words; null where nothing does. */
export function describePractice({ respond, failFirst, delayMs, hang }: FaultOptions): string | null {
  const isFaulty = respond !== undefined || failFirst !== undefined || hang === true;
  const whom = failFirst === undefined ? 'every one' : failFirst === 1 ? 'the first one' : `the first ${failFirst}`;
  const parts = [
    ...(isFaulty ? [hang === true ? `gives ${whom} no answer` : `answers ${whom} with ${respond ?? 503}`] : []),
    ...(delayMs === undefined ? [] : [`waits ${delayMs / 1_000} s before each answer`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** What came of the run and what to type next, for stderr. `givenUp`: deliveries that are not tried again by themselves. */
export function describeStopped({ counts }: StoppedEvent, givenUp: number, view: View): string {
  const { received, verified, repeats, refused, forwarded, failed, owed } = counts;
  const unrecorded = received - verified - refused;
  const came = [
    ...(verified > 0
      ? [`${groupDigits(verified)} verified${repeats > 0 ? ` (${groupDigits(repeats)} again)` : ''}`]
      : []),
    ...(refused > 0 ? [`${groupDigits(refused)} refused`] : []),
    ...(unrecorded > 0 ? [`${groupDigits(unrecorded)} not recorded and answered 503`] : []),
  ];
  const sentences = [
    received === 0 ? 'Nothing was received.' : `${groupDigits(received)} received: ${came.join(', ')}.`,
    ...(forwarded + failed > 0
      ? [`Forwarded: ${groupDigits(forwarded)} accepted${failed > 0 ? `, ${countOf(failed, 'failed attempt')}` : ''}.`]
      : []),
    ...(owed > 0 ? [`${groupDigits(owed)} still owed.`] : []),
  ];
  const [first = '', ...more] = laySentence(`Stopped. ${sentences.join(' ')}`, view);
  const headline = first.replace(/^Stopped\./, (word) => view.paint.bold(word));
  return `\n${[headline, ...more, ...layRows(nextRows(counts, givenUp), view)].join('\n')}\n`;
}

function nextRows({ received, owed }: StoppedEvent['counts'], givenUp: number): readonly Row[] {
  return [
    ...(owed > 0 ? [{ label: 'storewire listen', value: 'goes on with what is owed' }] : []),
    ...(owed + givenUp > 0
      ? [{ label: 'storewire replay --failed', value: 'sends what a target has not accepted' }]
      : []),
    ...(received > 0 ? [{ label: 'storewire journal list', value: 'shows what came' }] : []),
  ];
}
